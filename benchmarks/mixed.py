"""Mixed load: many clients who predict, explain and change, and come back when Retry-After says so.

    python benchmarks/mixed.py [--model FOLDER] [--clients 24] [--seconds 90]

Each client draws what it wants next (70 % predictions, 20 % explanations, 10 % what-ifs) and asks until it is
answered: where it is turned away it waits as long as it was told. What is counted is each try, and the time from the
first try of a wish to its answer. Everybody gets the uploads of ``load.py`` over real HTTP.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from load import made, start
from load_clients import CONNECTION_ERRORS, Connection, emotions, expected_answers, same
from load_inputs import requests

RESULTS: Final = Path(__file__).resolve().parent / "results" / "mixed.json"
SHARES: Final = {"predict": 0.7, "explain": 0.2, "what_if": 0.1}
GOALS: Final = {"answered_share": 0.95, "p95_seconds": 3.0, "wrong": 0}
"""Of predictions: at least, under, and at most."""


@dataclass(frozen=True)
class Wish:
    """A kind of question: its requests and what each is answered when it is alone."""

    requests: Sequence[bytes]
    expected: Sequence[Mapping[str, float]]


@dataclass
class Outcome:
    """What happened to the wishes of one kind. seconds: from the first try to the answer. refused: tries that were
    told to come back; told: for how many seconds. given_up: wishes that the end of the test left unanswered."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    told: list[float] = field(default_factory=list)
    errors: int = 0
    wrong: int = 0
    given_up: int = 0

    def row(self) -> dict[str, Any]:
        """One line of the table."""
        tries = len(self.seconds) + self.refused + self.errors
        several = len(self.seconds) > 1
        return {
            "answered": len(self.seconds),
            "refused": self.refused,
            "errors": self.errors,
            "wrong": self.wrong,
            "given_up": self.given_up,
            "answered_share": round(len(self.seconds) / tries, 4) if tries else None,
            "p50_seconds": round(statistics.median(self.seconds), 3) if self.seconds else None,
            "p95_seconds": round(statistics.quantiles(self.seconds, n=20)[-1], 3) if several else None,
            "told_seconds": round(statistics.mean(self.told), 1) if self.told else None,
        }


def wishes(port: int) -> dict[str, Wish]:
    """The questions of every kind. What they must be answered is asked as predictions, which take least: an
    explanation explains the same answer, and without its voice a case is answered as one that has none."""
    whole = expected_answers(port, requests(port))
    return {
        "predict": Wish(requests(port), whole),
        "explain": Wish(requests(port, "/explain"), whole),
        "what_if": Wish(
            requests(port, "/what-if", change='{"remove": "audio"}'),
            expected_answers(port, requests(port, without=("audio",))),
        ),
    }


def mixed_load(port: int, clients: int, seconds: float, asked: Mapping[str, Wish]) -> dict[str, Outcome]:
    """Keep that many clients asking for that long; what had begun is waited for."""
    outcomes = {kind: Outcome() for kind in asked}

    async def wish(connection: Connection, kind: str, which: int, end: float) -> bool:
        """Ask until there is an answer; False where the next try would come after the end."""
        outcome, begun = outcomes[kind], time.perf_counter()
        while True:
            try:
                status, headers, body = await connection.ask(asked[kind].requests[which])
            except CONNECTION_ERRORS:
                outcome.errors += 1
                connection.close()
                return True
            if status == 200:
                outcome.seconds.append(time.perf_counter() - begun)
                outcome.wrong += not same(emotions(body), dict(asked[kind].expected[which]))
                return True
            if status != 503:
                outcome.errors += 1
                return True
            wait = float(headers.get("retry-after", "1"))
            outcome.refused += 1
            outcome.told.append(wait)
            if time.perf_counter() + wait > end:
                outcome.given_up += 1
                return False
            await asyncio.sleep(wait)

    async def client(number: int, end: float) -> None:
        connection, draw = Connection(port), random.Random(number)
        goes_on = True
        while goes_on and time.perf_counter() < end:
            (kind,) = draw.choices(list(SHARES), list(SHARES.values()))
            goes_on = await wish(connection, kind, draw.randrange(len(asked[kind].requests)), end)
        connection.close()

    async def all_of_them() -> None:
        end = time.perf_counter() + seconds
        await asyncio.gather(*(client(number, end) for number in range(clients)))

    asyncio.run(all_of_them())
    return outcomes


def reached(row: Mapping[str, Any]) -> dict[str, bool]:
    """Which goals the row of predictions reaches."""
    return {
        "answered_share": row["answered_share"] is not None and row["answered_share"] >= GOALS["answered_share"],
        "p95_seconds": row["p95_seconds"] is not None and row["p95_seconds"] < GOALS["p95_seconds"],
        "wrong": row["wrong"] <= GOALS["wrong"],
    }


def page(result: Mapping[str, Any]) -> str:
    """The result in Markdown."""
    rows = result["kinds"]
    names = list(next(iter(rows.values())))
    before, cores = result["made"]["machine"]["load_before"][0], result["made"]["machine"]["cores"]
    busy = (
        f"The machine was busy with other work: its load average before the run was {before:.1f} on {cores} cores, "
        "so times are longer than the server's own."
        if before > cores / 2
        else f"The machine was otherwise idle (load average {before:.1f} on {cores} cores)."
    )
    return "\n".join(
        [
            "# Mixed load\n",
            f"Made by `python benchmarks/mixed.py`: {result['clients']} clients for {result['seconds']:.0f} s, 70 % "
            "predictions, 20 % explanations,",
            "10 % what-ifs, who come back when Retry-After says so. `answered_share` is of all tries; seconds count "
            "from the",
            "first try of a wish to its answer; `told_seconds` is the mean Retry-After.\n",
            f"{busy}\n",
            "| kind | " + " | ".join(names) + " |",
            "|" + " --- |" * (len(names) + 1),
            *(f"| {kind} | " + " | ".join(str(row[name]) for name in names) + " |" for kind, row in rows.items()),
            f"\n```json\n{json.dumps({'reached': result['reached'], 'made': result['made']}, indent=1)}\n```\n",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    parser.add_argument("--clients", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    before = {**made(), "model": arguments.model and Path(arguments.model).name}
    with ExitStack() as stack:
        server = start("batching", arguments.model, stack)
        asked = wishes(server.port)
        before["machine"]["load_before"] = os.getloadavg()
        outcomes = mixed_load(server.port, arguments.clients, arguments.seconds, asked)
    rows = {kind: outcome.row() for kind, outcome in outcomes.items()}
    result = {
        "made": before,
        "clients": arguments.clients,
        "seconds": arguments.seconds,
        "kinds": rows,
        "reached": reached(rows["predict"]),
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    arguments.out.with_suffix(".md").write_text(page(result), encoding="utf-8")
    print(page(result))


if __name__ == "__main__":
    main()
