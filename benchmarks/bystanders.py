"""How long somebody with a plain text waits while six others attack, and by how much memory grows.

    python benchmarks/bystanders.py [--model FOLDER] [--visits 30]

The attacks are those of tests/faults/attacks.py, each on a fresh app in a process of its own. The first row is the
same without attackers.
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
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "bystanders.json"
START_SECONDS = 300.0
LIMIT_SECONDS, LIMIT_MEGABYTES = 1.0, 500.0
sys.path.insert(0, str(ROOT))


@contextmanager
def app(model: str | None) -> Iterator[tuple[str, int]]:
    """Address and process of a running app that has answered a picture and a text."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), *(["--model", model] if model else [])]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    picture = (ROOT / "assets" / "examples" / "astronaut.jpg").read_bytes()
    try:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                files = {"text": (None, "so happy"), "image": ("a.jpg", picture)}
                httpx.post(f"{url}/predict", files=files, timeout=60).raise_for_status()  # type: ignore[arg-type]
                break
            except httpx.HTTPError:
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("the app did not start") from None
                time.sleep(0.5)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(60)


def alone(url: str, visits: int) -> list[float]:
    """Seconds of visitors with a text when nobody else is there."""
    waits = []
    with httpx.Client(base_url=url, timeout=60) as visitor:
        for _ in range(visits):
            started = time.perf_counter()
            visitor.post("/predict", files={"text": (None, "so happy")}).raise_for_status()
            waits.append(time.perf_counter() - started)
    return waits


def row(name: str, waits: list[float], growth: int, statuses: dict[int, int]) -> dict[str, Any]:
    return {
        "attack": name,
        "visits": len(waits),
        "median_seconds": round(statistics.median(waits), 3),
        "longest_seconds": round(max(waits), 3),
        "growth_megabytes": round(growth / 2**20, 1),
        "answers": {str(status): count for status, count in sorted(statuses.items())},
    }


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as Markdown."""
    head = (
        "| attack, six at once | visitors | median wait | longest wait | memory grows by | answers |\n|"
        + " --- |" * 6
    )
    lines = [
        f"| {r['attack']} | {r['visits']} | {r['median_seconds']:.2f} s | {r['longest_seconds']:.2f} s | "
        f"{r['growth_megabytes']:.0f} MB | {', '.join(f'{n} x {s}' for s, n in r['answers'].items())} |"
        for r in rows
    ]
    return "\n".join([head, *lines])


def main() -> int:
    from tests.faults.attacks import ATTACKS, besiege

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    parser.add_argument("--visits", type=int, default=30)
    arguments = parser.parse_args()
    rows = []
    with app(arguments.model) as (url, _):
        rows.append(row("nobody", alone(url, arguments.visits), 0, {}))
    for attack in ATTACKS:
        with app(arguments.model) as (url, process):
            siege = besiege(url, process, attack, arguments.visits)
        rows.append(row(attack.name, siege.waits, siege.growth, siege.statuses))
        print(table(rows[-1:]).splitlines()[-1], flush=True)
    held = all(r["longest_seconds"] < LIMIT_SECONDS and r["growth_megabytes"] < LIMIT_MEGABYTES for r in rows)
    machine = {"cores": os.cpu_count(), "load_at_end": os.getloadavg()[0], "python": platform.python_version()}
    result = {"made": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, "rows": rows, "held": held}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    RESULTS.with_suffix(".md").write_text(table(rows) + "\n", encoding="utf-8")
    print("held" if held else f"NOT held: {LIMIT_SECONDS} s and {LIMIT_MEGABYTES:.0f} MB are allowed")
    return 0 if held else 1


if __name__ == "__main__":
    raise SystemExit(main())
