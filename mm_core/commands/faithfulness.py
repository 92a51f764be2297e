"""``python -m mm_core faithfulness``: test the relevance methods on a data folder and choose the default ones."""

from __future__ import annotations

import argparse
import json
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
    from mm_core.evaluation.faithfulness import faithfulness_study
    from mm_core.storage import load

    report = faithfulness_study(
        load(arguments.model),
        arguments.data,
        validation_cases=arguments.validation_cases,
        test_cases=arguments.test_cases,
        seed=arguments.seed,
        quiet=arguments.quiet,
    )
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    for modality, methods in report["test"].items():
        for method, found in methods.items():
            default = "default" if report["defaults"].get(modality) == method else ""
            print(f"{modality:6} {method:21} {_line(found)} {default}")
    return 0


def _line(found: dict[str, Any]) -> str:
    def figure(name: str) -> str:
        return f"{found[name]['value']:.2f} ({found[name]['low']:.2f} to {found[name]['high']:.2f})"

    shown = f"n {found['n']:3}  beats chance {figure('beats_chance')}"
    return f"{shown}  randomised {figure('randomised_correlation')}" if "randomised_correlation" in found else shown
