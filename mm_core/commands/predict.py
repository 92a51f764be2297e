"""``python -m mm_core predict``: answer one case from files, or from the microphone of this machine."""

from __future__ import annotations

import argparse
import json
from typing import Any

from mm_core.commands import given
from mm_core.locale import percent


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("predict", help="answer one case", description=__doc__)
    given.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.predictors import load

    (prediction,) = load(arguments.model).predict_batch([given.read(arguments)])
    if arguments.json:
        print(json.dumps(prediction.to_json(), indent=1, ensure_ascii=False))
        return 0
    print(prediction.sentence())
    if prediction.referenced:
        print(prediction.reference_in_words())
    for answer in prediction.answers.values():
        ranked = sorted(answer.probabilities.items(), key=lambda item: -item[1])
        print("  ".join(f"{label} {percent(value)}" for label, value in ranked))
    for warning in prediction.warnings:
        print(f"note: {warning}")
    return 0
