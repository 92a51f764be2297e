"""``python -m mm_core robustness``: accuracy under noise, missing inputs and conflict, written as a report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "robustness", help="measure a model on noisy, missing and contradicting inputs", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with text, faces and speech parquet files")
    parser.add_argument("--out", type=Path, required=True, help="the report, a JSON file")
    parser.add_argument("--split", choices=("test", "valid", "train", "all"), default="test")
    parser.add_argument("--model", help="folder of a saved model, or a predictor.yaml (default: the embedded one)")
    parser.add_argument("--cases", type=int, help="composed cases under each kind of noise (default 400)")
    parser.add_argument("--conflicts", type=int, help="cases in conflict for each odd modality (default 600)")
    parser.add_argument("--seed", type=int, default=0, help="of all draws")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.evaluation.records import write_report
    from mm_core.evaluation.robustness_study import robustness_study
    from mm_core.predictors import load

    chosen = {name: getattr(arguments, name) for name in ("cases", "conflicts")}
    report = robustness_study(
        load(arguments.model),
        arguments.data,
        split=arguments.split,
        seed=arguments.seed,
        quiet=arguments.quiet,
        **{name: value for name, value in chosen.items() if value is not None},
    )
    write_report(report, arguments.out)
    for modality, kinds in report.noise.items():
        for kind in kinds.values():
            steps = "  ".join(
                f"{'clean' if step.level is None else format(step.level, 'g')}: "
                f"{step.alone.accuracy.value:.2f} / {step.together.accuracy.value:.2f}"
                for step in kind.levels
            )
            print(f"{modality:6} {kind.title:14} ({kind.unit}) alone / together  {steps}")
    for name, found in report.missing.items():
        print(f"given {name:17} accuracy {found.accuracy.value:.3f}")
    return 0
