"""The queue alone: clients who predict, explain and change, and work that sleeps as long as the model would compute.

    python benchmarks/queueing.py [--clients 24] [--seconds 90]

It shows what the order of the queue does, on any machine however busy, and nothing of the model or of HTTP (for those
see ``mixed.py``). ``lanes``: as the service has it, explanations in steps and predictions between them. ``one_line``:
the same work in one line, explanations whole, as it was before.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from mixed import SHARES, Outcome, reached

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mm_core.serving.batcher import Batcher, Job, Lane
from mm_core.serving.errors import Busy, DeadlineExceeded
from mm_core.steps import Step, Steps

RESULTS: Final = Path(__file__).resolve().parent / "results" / "queueing.json"
PREDICT_SECONDS: Final = 0.02
"""A case of a batch."""

EXPLAIN_SECONDS: Final = (0.15, 0.05, 0.5, 0.05, 0.5, 0.05, 0.5)
"""The steps of an explanation: encoding, coalitions and attention, and maps, of which the sampled ones take long."""


def predict(cases: list[int]) -> list[int]:
    time.sleep(PREDICT_SECONDS * len(cases))
    return cases


def steps(case: int) -> Steps[int]:
    for number, seconds in enumerate(EXPLAIN_SECONDS, start=1):
        time.sleep(seconds)
        yield Step(number / len(EXPLAIN_SECONDS), case if number == len(EXPLAIN_SECONDS) else None)


def whole(cases: list[int]) -> list[int]:
    time.sleep(sum(EXPLAIN_SECONDS) * len(cases))
    return cases


def jobs(lanes: bool) -> dict[str, Job]:
    """The kinds of work, as the service has them or in one line."""
    if not lanes:
        return {"predict": Job("predict", predict, 16), **{kind: Job(kind, whole) for kind in ("explain", "what_if")}}

    def begin(cases: list[int]) -> Sequence[Steps[int]]:
        return [steps(case) for case in cases]

    long = {kind: Job(kind, begin, lane=Lane.PATIENT, in_steps=True) for kind in ("explain", "what_if")}
    return {"predict": Job("predict", predict, 16), **long}


def run(lanes: bool, clients: int, seconds: float) -> dict[str, Outcome]:
    """Keep that many clients asking for that long."""
    batcher, kinds, outcomes = Batcher(), jobs(lanes), {kind: Outcome() for kind in SHARES}
    for job in kinds.values():  # it learns how long they take, as in the first minute of a service
        for _ in range(3):
            batcher.submit(job, 0).result()
    end = time.monotonic() + seconds

    def wish(kind: str, case: int) -> bool:
        """Ask until there is an answer; False where the next try would come after the end."""
        outcome, begun = outcomes[kind], time.monotonic()
        while True:
            try:
                outcome.wrong += batcher.submit(kinds[kind], case).result() != case
                outcome.seconds.append(time.monotonic() - begun)
                return True
            except DeadlineExceeded:
                outcome.errors += 1
                return True
            except Busy as busy:
                wait = float(busy.retry_after or 1)
            outcome.refused += 1
            outcome.told.append(wait)
            if time.monotonic() + wait > end:
                outcome.given_up += 1
                return False
            time.sleep(wait)

    def client(number: int) -> None:
        draw = random.Random(number)
        goes_on = True
        while goes_on and time.monotonic() < end:
            (kind,) = draw.choices(list(SHARES), list(SHARES.values()))
            goes_on = wish(kind, draw.randrange(1_000_000))

    people = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    batcher.close()
    return outcomes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=24)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    result: dict[str, Any] = {
        "what": "the queue alone, with work that sleeps: no model and no HTTP",
        "clients": arguments.clients,
        "seconds": arguments.seconds,
        "seconds_of_work": {"predict": PREDICT_SECONDS, "explain": EXPLAIN_SECONDS, "what_if": EXPLAIN_SECONDS},
    }
    for name, lanes in (("lanes", True), ("one_line", False)):
        rows = {kind: outcome.row() for kind, outcome in run(lanes, arguments.clients, arguments.seconds).items()}
        result[name] = {"kinds": rows, "reached": reached(rows["predict"])}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
