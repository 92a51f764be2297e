"""How long an explanation takes against the prediction alone: ``python benchmarks/explain.py [--model FOLDER]``.

Three modalities: a text of 20 words, a face, and three seconds of voice, all made from fixed seeds. An explanation
is what ``explain`` gives with its fastest map: eight coalitions, attention, gradient x input of the three modalities.
Both are run in turns in one process; medians are compared.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

RESULTS = Path(__file__).resolve().parent / "results" / "explain.json"
LIMIT = 3.0
"""Times the prediction alone that an explanation may take."""


def sample() -> Any:
    """A case of usual size."""
    from mm_core.samples import Clip, Picture, Sample

    random = np.random.default_rng(0)
    time_axis = np.arange(3 * 16_000) / 16_000
    wave = 0.1 * np.sin(2 * np.pi * (150 + 40 * np.sin(3 * time_axis)) * time_axis)
    wave += 0.02 * random.standard_normal(len(wave))
    text = "I really did not expect that you would come today, and it makes me so happy that I could cry!"
    return Sample(
        text=text,
        image=Picture(random.integers(0, 256, (160, 140, 3), np.uint8)),
        audio=Clip(wave.astype(np.float32), 0.0, 3.0),
    )


def milliseconds(act: Callable[[], Any]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - started)


def main() -> int:
    import torch

    from mm_core.evidence import explain
    from mm_core.storage import load

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--threads", type=int, default=0, help="torch threads, 0 for all cores")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    model, given = load(arguments.model, "cpu"), sample()
    acts: dict[str, Callable[[], Any]] = {
        "predict": lambda: model.predict(given),
        "explain": lambda: explain(model, given, methods=["gradient_x_input"], keep_inputs=False),
    }
    for act in acts.values():
        act()
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(arguments.rounds):
        for name, act in acts.items():
            taken[name].append(milliseconds(act))
    medians = {name: statistics.median(times) for name, times in taken.items()}
    ratio = medians["explain"] / medians["predict"]
    print(f"{'':10} {'median ms':>10} {'10 %':>8} {'90 %':>8}")
    for name, times in taken.items():
        low, high = np.percentile(times, [10, 90])
        print(f"{name:10} {medians[name]:10.1f} {low:8.1f} {high:8.1f}")
    print(f"ratio {ratio:.2f} (at most {LIMIT:.0f})")
    result = {
        "what": "explain (8 coalitions, attention, gradient x input) against predict, three modalities",
        "model": {"name": model.name, "hash": model.hash},
        "rounds": arguments.rounds,
        "threads": torch.get_num_threads(),
        "machine": {"processor": platform.machine(), "python": platform.python_version(), "torch": torch.__version__},
        "median_milliseconds": medians,
        "ratio": ratio,
        "limit": LIMIT,
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
