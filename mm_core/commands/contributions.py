"""``python -m mm_core contributions``: measure what each modality adds over a data folder and write the report."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "contributions", help="measure what each modality adds over a data folder", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with text, faces and speech parquet files")
    parser.add_argument("--out", type=Path, required=True, help="the report, a JSON file")
    parser.add_argument("--rows", type=Path, help="also write one line a case: .parquet, or .csv for the dashboard")
    parser.add_argument("--split", choices=("test", "valid", "train", "all"), default="test")
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    parser.add_argument("--cases", type=int, help="composed cases (default 1000)")
    parser.add_argument("--projected", type=int, help="cases projected for EMAP (default 300)")
    parser.add_argument("--draws", type=int, help="random partners of each projected case (default 16)")
    parser.add_argument("--permutations", type=int, help="of each modality for the Perceptual Score (default 5)")
    parser.add_argument("--seed", type=int, default=0, help="of all draws")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.evaluation.contributions import contributions_report
    from mm_core.evaluation.lines import write_lines
    from mm_core.storage import load

    chosen = {name: getattr(arguments, name) for name in ("cases", "projected", "draws", "permutations")}
    report, lines = contributions_report(
        load(arguments.model),
        arguments.data,
        split=arguments.split,
        seed=arguments.seed,
        quiet=arguments.quiet,
        **{name: value for name, value in chosen.items() if value is not None},
    )
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(report, indent=1), encoding="utf-8")
    if arguments.rows:
        write_lines(lines, arguments.rows)
    for player, figure in report["shape"]["shapley"].items():
        share, lost = report["shares"]["all"][player], report["perceptual"][player]["lost"]
        print(f"{player:6} share {_words(share)}  SHAPE {_words(figure)}  lost if permuted {_words(lost)}")
    for name in ("full", "additive", "pairwise"):
        if name in report["emap"]:
            print(f"EMAP {name:9} accuracy {_words(report['emap'][name]['accuracy'])}")
    return 0


def _words(figure: dict[str, float]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"
