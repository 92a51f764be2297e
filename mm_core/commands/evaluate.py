"""``python -m mm_core evaluate``: judge a model on a folder of labelled rows and write the report."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("evaluate", help="measure a model on a data folder", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text, faces and speech parquet files")
    parser.add_argument("--out", type=Path, required=True, help="the report, a JSON file")
    parser.add_argument("--split", choices=("test", "valid", "train", "all"), default="test")
    parser.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    parser.add_argument(
        "--rows",
        type=Path,
        help="also write one line a case: .parquet, or .csv for the dashboard",
    )
    parser.add_argument("--card", type=Path, action="append", default=[], help="Markdown file whose figures to renew")
    parser.add_argument("--seed", type=int, default=0, help="of the composed draws")
    parser.add_argument("--quiet", action="store_true", help="no progress bars")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.evaluation.card import fill
    from mm_core.evaluation.lines import write_lines
    from mm_core.evaluation.report import evaluate
    from mm_core.storage import load

    model = load(arguments.model)
    report, lines = evaluate(model, arguments.data, split=arguments.split, seed=arguments.seed, quiet=arguments.quiet)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(report, indent=1), encoding="utf-8")
    if arguments.rows:
        write_lines(lines, arguments.rows)
    for path in arguments.card:
        fill(path, report)
    for task in ("emotion", "sentiment", "agreement"):
        for modalities, sources in report[task].items():
            for source, found in sources.items():
                if found["n"]:
                    print(_line(task, modalities, source, found))
    return 0


def _line(task: str, modalities: str, source: str, found: dict[str, Any]) -> str:
    figures = "  ".join(
        f"{name} {found[name]['value']:.3f} ({found[name]['low']:.3f} to {found[name]['high']:.3f})"
        for name in ("accuracy", "macro_f1", "multilabel_macro_f1", "weighted_f1", "uar", "ece")
        if name in found
    )
    return f"{task:9} {modalities:16} {source:10} n {found['n']:5}  {figures}"
