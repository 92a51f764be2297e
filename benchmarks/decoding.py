"""What decoder processes cost an ordinary request: ``python benchmarks/decoding.py [--rounds 200]``.

A 640 x 480 JPEG and four seconds of WAV are decoded in this process and through ``mm_core.serving.decoders``, in
turns, so that a machine's moods fall on both; medians are compared. Where other work holds the machine, waiting for a
core is most of the clock's time, so the processor time of all processes is told beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psutil
from load_inputs import PICTURES, VOICES, picture, voice

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

RESULTS: Final = Path(__file__).resolve().parent / "results" / "decoding.json"
LIMIT_MILLISECONDS: Final = 3.0
"""More than decoding in the server's own process."""


def measure(decoders: dict[str, Any], rounds: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Milliseconds of the clock that each decoder takes for one picture and one sound, in turns, after a round that
    is not counted; and the mean of processor time, that of processes which this one has started included."""
    files = [(picture(face), voice(sound)) for face, sound in zip(PICTURES, VOICES, strict=True)]
    taken: dict[str, list[float]] = {name: [] for name in decoders}
    spent = dict.fromkeys(decoders, 0.0)
    for number in range(rounds + 1):
        image, sound = files[number % len(files)]
        for name, decoder in decoders.items():
            started, processor = time.perf_counter(), processor_seconds()
            decoder.picture(image)
            decoder.sound(sound)
            if number:
                taken[name].append(1000 * (time.perf_counter() - started))
                spent[name] += 1000 * (processor_seconds() - processor) / rounds
    return taken, spent


def processor_seconds() -> float:
    """Of this process and of those that it has started."""
    children = [child.cpu_times() for child in psutil.Process().children()]
    return time.process_time() + sum(times.user + times.system for times in children)


def main() -> int:
    from mm_core.samples.decoding import IN_PROCESS
    from mm_core.serving.decoders import Decoders

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    before, workers = os.getloadavg(), Decoders()
    workers.start()
    try:
        taken, spent = measure({"in_process": IN_PROCESS, "decoders": workers}, arguments.rounds)
    finally:
        workers.close()
    medians = {name: statistics.median(times) for name, times in taken.items()}
    extra = medians["decoders"] - medians["in_process"]
    result = {
        "what": "one 640 x 480 JPEG and 4 s of WAV, decoded in the server's process and in decoder processes",
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "rounds": arguments.rounds,
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "load_before": before,
            "python": platform.python_version(),
        },
        "median_milliseconds": {name: round(value, 2) for name, value in medians.items()},
        "fastest_tenth_milliseconds": {
            name: round(statistics.quantiles(times, n=10)[0], 2) for name, times in taken.items()
        },
        "processor_milliseconds": {name: round(value, 2) for name, value in spent.items()},
        "extra_milliseconds": round(extra, 2),
        "extra_processor_milliseconds": round(spent["decoders"] - spent["in_process"], 2),
        "limit": LIMIT_MILLISECONDS,
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    return int(extra > LIMIT_MILLISECONDS)


if __name__ == "__main__":
    sys.exit(main())
