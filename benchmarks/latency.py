"""How long one answer takes: 20 words, a 640 x 480 picture and 4 s of voice, decoding and face search included.

The baseline of the same run is the three modalities asked one after another, as three separate models would be.

    python benchmarks/latency.py [--runs 100] [--out benchmarks/results/latency.json]
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
TEXT = "I can not believe how much fun we all had last night , let us do that again very soon"


def inputs() -> dict[str, Any]:
    """A JPEG of 640 x 480 with a face, 4 s of voice as WAV, and 20 words."""
    portrait = Image.open(ROOT / "assets" / "examples" / "astronaut.jpg").convert("RGB")
    scale = 480 / portrait.height
    canvas = Image.new("RGB", (640, 480), (120, 130, 140))
    canvas.paste(portrait.resize((round(portrait.width * scale), 480)), (60, 0))
    picture = io.BytesIO()
    canvas.save(picture, "JPEG", quality=90)
    voice, rate = soundfile.read(ROOT / "assets" / "examples" / "voice-joyful.flac", dtype="float32")
    four = np.resize(voice, 4 * rate)
    sound = io.BytesIO()
    soundfile.write(sound, four, rate, format="WAV", subtype="PCM_16")
    assert len(TEXT.split()) == 20
    return {"text": TEXT, "image": picture.getvalue(), "audio": sound.getvalue()}


def timed(call: Callable[[], Any], runs: int) -> dict[str, float]:
    """Median, 5th and 95th percentile in milliseconds, after ten calls that do not count."""
    for _ in range(10):
        call()
    took = []
    for _ in range(runs):
        started = time.perf_counter()
        call()
        took.append(1000 * (time.perf_counter() - started))
    cuts = statistics.quantiles(took, n=20)
    return {"median": statistics.median(took), "p05": cuts[0], "p95": cuts[-1]}


def import_seconds() -> float:
    """Median of five fresh processes that only import the package, less an empty process."""

    def process(code: str) -> float:
        took = []
        for _ in range(5):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
            took.append(time.perf_counter() - started)
        return statistics.median(took)

    return process("import mm_core") - process("pass")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "latency.json")
    arguments = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    light = import_seconds()

    import torch

    from mm_core import Sample, load

    started = time.perf_counter()
    model = load(arguments.model)
    loading = time.perf_counter() - started
    given = inputs()
    sample = Sample.read(**given)
    if len(sample.present) != 3:
        raise SystemExit(f"only {sample.present} could be used: {[n.message for n in sample.notices]}")
    whole = timed(lambda: model.predict(Sample.read(**given)), arguments.runs)
    apart = timed(
        lambda: [model.predict(Sample.read(**{m: given[m]})) for m in ("text", "image", "audio")], arguments.runs
    )
    parts = {
        "decode text": timed(lambda: Sample.read(text=given["text"]), arguments.runs),
        "decode image, face search": timed(lambda: Sample.read(image=given["image"]), arguments.runs),
        "decode audio, voice check": timed(lambda: Sample.read(audio=given["audio"]), arguments.runs),
        "model alone": timed(lambda: model.predict(sample), arguments.runs),
    }
    result = {
        "milliseconds": {"one predict, all three": whole, "baseline: one after another": apart} | parts,
        "ratio_to_baseline": whole["median"] / apart["median"],
        "import_seconds": light,
        "load_seconds": loading,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "device": str(model.device),
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
        },
        "model": model.hash,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1))
    for name, row in result["milliseconds"].items():
        print(f"{name:32} {row['median']:7.1f} ms  (5 % {row['p05']:.1f}, 95 % {row['p95']:.1f})")
    print(f"ratio to the baseline            {result['ratio_to_baseline']:7.2f}")
    print(f"import {light:.2f} s, load {loading:.2f} s, peak memory {result['peak_memory_mb']:.0f} MB")


if __name__ == "__main__":
    main()
