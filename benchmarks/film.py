"""What watching a film costs: ``python benchmarks/film.py FILM [--rounds 2] [--memory-minutes 0]``.

Seconds of work for each second of film at the usual window and hop, contributions included, in this process; and how
the resident memory grows over a film that shows FILM again and again for so many minutes, after its first minute.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mm_core.storage import load
from mm_core.timeline import FilmFile
from mm_core.timeline.film import Facts, Frame
from mm_core.timeline.watch import answer_moments, watch

RESULTS: Final = Path(__file__).resolve().parent / "results" / "film.json"


class Again:
    """A film that shows another one again and again, read anew each time."""

    def __init__(self, content: bytes, seconds: float) -> None:
        first = FilmFile(content)
        self._content, self._seconds = content, seconds
        self._length = first.facts.seconds or 1.0
        self.facts = Facts(seconds, first.facts.size, first.facts.sound_tracks)
        first.close()

    def frames(self) -> Iterator[Frame]:
        start = 0.0
        while start < self._seconds:
            film = FilmFile(self._content)
            for frame in film.frames():
                if frame.time < self._length:
                    yield Frame(start + frame.time, start + frame.shown_at, frame.pixels)
            film.close()
            start += self._length

    def sound(self) -> Iterator[np.ndarray]:
        for _ in range(int(self._seconds / self._length) + 1):
            film = FilmFile(self._content)
            yield from film.sound()
            film.close()

    def close(self) -> None:
        pass


def watched(film: Any, model: Any) -> Iterator[float]:
    """Seconds of the film that are answered, step by step."""
    for step in watch(film, partial(answer_moments, model), {}, model.labels):
        if step.windows:
            yield step.windows[-1].end


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("film", type=Path)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--memory-minutes", type=float, default=0.0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    content, model, process = given.film.read_bytes(), load(None), psutil.Process()
    clock, processor, seconds = [], [], 0.0
    for number in range(given.rounds + 1):  # the first loads what is loaded once
        began, busy = time.perf_counter(), sum(process.cpu_times()[:2])
        seconds = max(watched(FilmFile(content), model))
        if number:
            clock.append((time.perf_counter() - began) / seconds)
            processor.append((sum(process.cpu_times()[:2]) - busy) / seconds)
    found: dict[str, Any] = {
        "film_seconds": round(seconds, 2),
        "clock_seconds_a_second": round(min(clock), 3),
        "processor_seconds_a_second": round(min(processor), 3),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if given.memory_minutes:
        resident: list[tuple[float, int]] = []
        for end in watched(Again(content, 60 * given.memory_minutes), model):
            resident.append((end, process.memory_info().rss))
        after = [size for end, size in resident if end >= 60]
        found |= {
            "memory_minutes": given.memory_minutes,
            "megabytes_after_a_minute": after[0] // 2**20,
            "megabytes_at_most": max(after) // 2**20,
        }
    print(json.dumps(found, indent=1))
    given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
