"""How long the app takes from ``python app.py`` to its first answer, and what memory it then holds.

    python benchmarks/startup.py [--model FOLDER] [--rounds 5]

The first round reads the disk and does not count (warm disk). The baseline of the same run is a Python that only
imports what any such page needs, gradio and torch.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
from load_inputs import TEXTS, VOICES, picture, voice

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "startup.json"
LIMIT_SECONDS = 12.0
GIVE_UP_SECONDS = 300.0
LOOK_SECONDS = 0.05


def start_app(model: str | None) -> dict[str, float]:
    """Start the app, ask it a whole case as soon as its port is open, and stop it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    files: Any = {
        "text": (None, TEXTS[0]),
        "image": ("face.jpg", picture("astronaut.jpg")),
        "audio": ("voice.wav", voice(VOICES[0])),
    }
    command = [sys.executable, "app.py", "--port", str(port), *(["--model", model] if model else [])]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                answer = httpx.post(f"http://127.0.0.1:{port}/predict", files=files, timeout=GIVE_UP_SECONDS)
                answer.raise_for_status()
                break
            except httpx.TransportError:
                if process.poll() is not None or time.perf_counter() - started > GIVE_UP_SECONDS:
                    raise RuntimeError("the app did not start") from None
                time.sleep(LOOK_SECONDS)
        taken = time.perf_counter() - started
        return {"seconds": taken, "resident_mb": psutil.Process(process.pid).memory_info().rss / 2**20}
    finally:
        process.terminate()
        process.wait(60)


def seconds(act: Callable[[], Any]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def import_alone() -> None:
    """A process that imports gradio and torch and ends."""
    environment = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}
    subprocess.run([sys.executable, "-c", "import gradio, torch"], check=True, env=environment)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    start_app(arguments.model)
    rounds = [(start_app(arguments.model), seconds(import_alone)) for _ in range(arguments.rounds)]
    median = statistics.median(app["seconds"] for app, _ in rounds)
    imports = statistics.median(baseline for _, baseline in rounds)
    memory = statistics.median(app["resident_mb"] for app, _ in rounds)
    table = (
        "| what | median |\n| --- | --- |\n"
        f"| `python app.py` to its first answer (at most {LIMIT_SECONDS:.0f} s) | {median:.1f} s |\n"
        f"| importing gradio and torch | {imports:.1f} s |\n"
        f"| the first over the second | {median / imports:.2f} |\n"
        f"| resident memory after the answer | {memory:.0f} MB |\n"
    )
    print(table)
    result = {
        "what": "python app.py to its first answered request (text, picture, voice), warm disk",
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()},
        "rounds": arguments.rounds,
        "median_seconds": median,
        "median_import_seconds": imports,
        "ratio": median / imports,
        "median_resident_mb": memory,
        "limit_seconds": LIMIT_SECONDS,
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    page = f"# Start\n\nMade by `python benchmarks/startup.py`, {arguments.rounds} rounds, warm disk.\n\n{table}"
    arguments.out.with_suffix(".md").write_text(page, encoding="utf-8")
    return 0 if median <= LIMIT_SECONDS else 1


if __name__ == "__main__":
    raise SystemExit(main())
