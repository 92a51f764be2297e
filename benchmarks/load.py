"""Load: closed-loop clients over loopback, batching on and off, and three transformers pipelines, in one run.

    python benchmarks/load.py [--model FOLDER] [--seconds 20] [--rounds 3] [--clients 1 4 16 64] [--soak 60]
        [--growth 2000]

All servers run at once, each in its own process; they are asked in turns (in rounds, so that a machine's moods fall
on all of them), and only one at a time. Everybody gets the same uploads over real HTTP, decoding included. The
pipelines' models are larger than Triad's (DistilRoBERTa 82 M, ViT-base 86 M, wav2vec2-base 95 M parameters): the
comparison is of what one would put on the same machine, not of equal models.
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
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from load_clients import Tally, expected_answers, load
from load_inputs import requests
from load_plot import plot
from load_servers import KINDS

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "load.json"
START_SECONDS = 300.0
"""Seconds that a server may take to start on a busy machine."""

MOST_CLIENTS = 64
EARLY = 200
"""Requests after which memory is first read; caches and allocators have then taken what they keep."""

GROWING_CLIENTS = 16


@dataclass
class Server:
    """One server under test."""

    kind: str
    port: int
    process: subprocess.Popen
    expected: list[dict[str, float]]
    requests: list[bytes]

    def megabytes(self) -> tuple[float, float]:
        """Resident memory now and at most so far."""
        resident = psutil.Process(self.process.pid).memory_info().rss
        status = Path(f"/proc/{self.process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        peak = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), resident)
        return resident / 2**20, peak / 2**20


def start(kind: str, model: str | None, stack: ExitStack) -> Server:
    """Start a server, wait until it answers, and warm it up with every request."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(HERE / "load_servers.py"), kind, "--port", str(port)]
    process = subprocess.Popen([*command, *(["--model", model] if model else [])])
    stack.callback(process.wait, 30)
    stack.callback(process.terminate)
    asked = requests(port)
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            return Server(kind, port, process, expected_answers(port, asked), asked)
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server {kind} did not start") from None
            time.sleep(0.2)


def cell(server: Server, clients: int, tally: Tally) -> dict[str, Any]:
    """One line of the table."""
    resident, peak = server.megabytes()
    p95 = statistics.quantiles(tally.seconds, n=20)[-1] if len(tally.seconds) > 1 else None
    return {
        "server": server.kind,
        "clients": clients,
        "answered": len(tally.seconds),
        "busy": tally.busy,
        "errors": tally.errors,
        "wrong": tally.wrong,
        "seconds": round(tally.lasted, 2),
        "throughput": round(len(tally.seconds) / tally.lasted, 2),
        "p50_ms": round(1000 * statistics.median(tally.seconds), 1) if tally.seconds else None,
        "p95_ms": None if p95 is None else round(1000 * p95, 1),
        "resident_mb": round(resident),
        "peak_mb": round(peak),
    }


def measure(servers: Sequence[Server], clients: int, seconds: float, rounds: int) -> list[dict[str, Any]]:
    """All servers with this many clients, in turns."""
    tallies = {server.kind: Tally() for server in servers}
    for _ in range(rounds):
        for server in servers:
            tallies[server.kind].add(load(server.port, clients, seconds / rounds, server.requests, server.expected))
    return [cell(server, clients, tallies[server.kind]) for server in servers]


def growth(server: Server, late: int) -> dict[str, Any]:
    """Resident memory after ``EARLY`` and after ``late`` answers."""
    resident, answered = [], 0
    for wanted in (EARLY, late):
        while answered < wanted:
            tally = load(server.port, GROWING_CLIENTS, 1.0, server.requests, server.expected)
            if tally.errors:
                raise RuntimeError(f"{tally.errors} requests failed while memory was watched")
            answered += len(tally.seconds)
        resident.append(server.megabytes()[0])
    return {
        "early": EARLY,
        "late": answered,
        "early_mb": round(resident[0]),
        "late_mb": round(resident[1]),
        "late_over_early": round(resident[1] / resident[0], 3),
    }


def summary(
    cells: list[dict[str, Any]], soak: dict[str, Any] | None = None, memory: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The figures that the project asks for, None where their cells were not measured."""
    by = {(line["server"], line["clients"]): line for line in cells}

    def ratio(other: str) -> float | None:
        pair = by.get(("batching", 16)), by.get((other, 16))
        return (
            round(pair[0]["throughput"] / pair[1]["throughput"], 2) if all(pair) and pair[1]["throughput"] else None
        )

    one = by.get(("batching", 1)), by.get(("single", 1))
    return {
        "throughput_16_batching_over_single": ratio("single"),
        "throughput_16_batching_over_pipelines": ratio("pipelines"),
        "p95_1_batching_minus_single_ms": round(one[0]["p95_ms"] - one[1]["p95_ms"], 1) if all(one) else None,
        "soak": soak,
        "memory": memory,
    }


def table(cells: list[dict[str, Any]]) -> str:
    """The cells in Markdown."""
    names = (
        "server",
        "clients",
        "throughput",
        "p50_ms",
        "p95_ms",
        "answered",
        "busy",
        "errors",
        "wrong",
        "resident_mb",
    )
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    lines += ["| " + " | ".join(str(line[name]) for name in names) + " |" for line in cells]
    return "\n".join(lines)


def page(result: dict[str, Any]) -> str:
    """The result in Markdown."""
    data = "```json\n{}\n```\n"
    lines = [
        "# Load\n",
        "Made by `python benchmarks/load.py`: closed-loop clients over loopback, the same uploads (20 words,",
        "640 x 480 JPEG, 4 s WAV) for everybody, decoding included. `batching` and `single` are Triad's REST API",
        "with and without batches; `pipelines` is three transformers pipelines behind a plain FastAPI handler, whose",
        "models are larger than Triad's. Throughput is in answers a second.\n",
        table(result["cells"]),
        "\n![Throughput and 95th percentile by clients](load.svg)\n",
        data.format(json.dumps(result["summary"], indent=1)),
        data.format(json.dumps(result["made"], indent=1)),
    ]
    return "\n".join(lines)


def made() -> dict[str, Any]:
    """When and on what."""
    import torch
    import transformers

    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"processor": platform.machine(), "cores": os.cpu_count(), "load_before": os.getloadavg()},
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each server at each number of clients")
    parser.add_argument("--rounds", type=int, default=3, help="turns into which these seconds are divided")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--servers", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--soak", type=float, default=60.0, help=f"seconds of {MOST_CLIENTS} clients at the end")
    parser.add_argument(
        "--growth", type=int, default=2_000, help=f"answers after which memory is compared with that after {EARLY}"
    )
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    before = made()
    with ExitStack() as stack:
        servers = [start(kind, arguments.model, stack) for kind in arguments.servers]
        batching = [server for server in servers if server.kind == "batching"]
        memory = growth(batching[0], arguments.growth) if arguments.growth and batching else None
        cells = []
        for clients in arguments.clients:
            for line in measure(servers, clients, arguments.seconds, arguments.rounds):
                cells.append(line)
                print(json.dumps(line), flush=True)
        soak = None
        if arguments.soak and batching:
            (soak,) = measure(batching, MOST_CLIENTS, arguments.soak, 1)
    result = {"made": before, "cells": cells, "summary": summary(cells, soak, memory)}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    arguments.out.with_suffix(".md").write_text(page(result), encoding="utf-8")
    arguments.out.with_suffix(".svg").write_text(plot(cells), encoding="utf-8")
    print(table(cells))
    print(json.dumps(result["summary"], indent=1))


if __name__ == "__main__":
    main()
