"""``python -m mm_core contributions``: measure what each modality adds over a data folder and write the report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "contributions", help="measure what each modality adds over a data folder", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with text, faces and speech parquet files")
    parser.add_argument("--out", type=Path, required=True, help="the report, a JSON file")
    parser.add_argument("--rows", type=Path, help="also write one row a case: .parquet, or .csv for the dashboard")
    parser.add_argument("--split", choices=("test", "valid", "train", "all"), default="test")
    parser.add_argument("--model", help="folder of a saved model, or a predictor.yaml (default: the embedded one)")
    parser.add_argument("--cases", type=int, help="composed cases (default 1000)")
    parser.add_argument("--projected", type=int, help="cases projected for EMAP (default 300)")
    parser.add_argument("--draws", type=int, help="random partners of each projected case (default 16)")
    parser.add_argument("--permutations", type=int, help="of each modality for the Perceptual Score (default 5)")
    parser.add_argument("--seed", type=int, default=0, help="of all draws")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.evaluation.contributions_study import contributions_study
    from mm_core.evaluation.predictions import write_predictions
    from mm_core.evaluation.records import write_report
    from mm_core.predictors import load

    chosen = {name: getattr(arguments, name) for name in ("cases", "projected", "draws", "permutations")}
    report, predictions = contributions_study(
        load(arguments.model),
        arguments.data,
        split=arguments.split,
        seed=arguments.seed,
        quiet=arguments.quiet,
        **{name: value for name, value in chosen.items() if value is not None},
    )
    write_report(report, arguments.out)
    if arguments.rows:
        write_predictions(predictions, arguments.rows)
    for player, adds in report.shape.shapley.items():
        share, lost = report.shares["all"].of[player], report.perceptual.of[player].lost
        print(f"{player:6} share {share.words(3)}  SHAPE {adds.words(3)}  lost if permuted {lost.words(3)}")
    for name, projection in report.emap.of.items():
        print(f"EMAP {name:9} accuracy {projection.accuracy.words(3)}")
    return 0
