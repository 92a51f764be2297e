"""``python -m mm_core faithfulness``: test the relevance methods on a data folder and choose the default ones."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("faithfulness", help="test the relevance methods", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text, faces and speech parquet files")
    parser.add_argument("--out", type=Path, required=True, help="the report, a JSON file")
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    parser.add_argument("--validation-cases", type=int, default=60, help="of each modality (default: %(default)s)")
    parser.add_argument("--test-cases", type=int, default=120, help="of each modality (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the drawn rows")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.evaluation.faithfulness_study import faithfulness_study
    from mm_core.evaluation.records import write_report
    from mm_core.storage import load

    report = faithfulness_study(
        load(arguments.model),
        arguments.data,
        validation_cases=arguments.validation_cases,
        test_cases=arguments.test_cases,
        seed=arguments.seed,
        quiet=arguments.quiet,
    )
    write_report(report, arguments.out)
    for modality, methods in report.test.items():
        for method, found in methods.items():
            default = "default" if report.defaults.get(modality) == method else ""
            mixed = found.randomised_correlation
            words = f"n {found.n:3}  beats chance {found.beats_chance.words()}"
            words += "" if mixed is None else f"  randomised {mixed.words()}"
            print(f"{modality:6} {method:21} {words} {default}")
    return 0
