"""``python -m mm_core lab``: compare all fusion strategies on one protocol, and print what came out."""

from __future__ import annotations

import argparse
import json
from functools import cache
from pathlib import Path
from typing import Any

from mm_core.resources import REPORTS

NAMES = ("mosi-features", "mosi-transcripts", "composed", "attention", "smoke")
REPORT = REPORTS / "lab.json"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("lab", help="compare all fusion strategies on one protocol", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    run_parser = actions.add_parser("run", help="run a suite, going on where it stopped")
    run_parser.add_argument("--suite", choices=NAMES, required=True)
    run_parser.add_argument("--data", type=Path, help="folder of the tables and of aligned/mosi.parquet")
    run_parser.add_argument("--out", type=Path, help="the report, a JSON file (default: lab.json beside the runs)")
    run_parser.add_argument("--runs", type=Path, default=Path("runs/lab"), help="folder of single runs")
    run_parser.add_argument("--model", help="folder of a saved model whose towers to use (default: the embedded one)")
    run_parser.add_argument("--fusion", action="append", default=[], help="only this strategy; may be repeated")
    run_parser.add_argument("--seeds", type=int, help="instead of the suite's number")
    run_parser.add_argument("--objectives", help="e.g. cross_entropy,contrast,matching")
    run_parser.add_argument("--learned-weights", action="store_true", help="weigh the objectives as the model learns")
    run_parser.add_argument("--optimizer", choices=("adamw", "sgd"))
    run_parser.add_argument("--learning-rate", type=float)
    run_parser.add_argument("--l1", type=float, help="weight of the sum of absolute weights")
    run_parser.add_argument("--l2", type=float, help="weight of the sum of squared weights")
    run_parser.add_argument("--smoothing", type=float, help="of labels")
    run_parser.add_argument(
        "--tower-epochs", type=int, default=0, help="fine-tune the text tower on the transcripts first (default: no)"
    )
    run_parser.add_argument("--threads", type=int, default=1, help="torch threads (default: %(default)s)")
    run_parser.add_argument("--quiet", action="store_true", help="no progress bars")
    run_parser.set_defaults(run=run)
    table_parser = actions.add_parser("table", help="print a report")
    table_parser.add_argument("--report", type=Path, default=REPORT, help="the report (default: the shipped one)")
    table_parser.set_defaults(run=print_table)


def run(arguments: argparse.Namespace) -> int:
    import torch

    from mm_core.fusion import STRATEGIES
    from mm_core.research.lab.report import table, write_report
    from mm_core.research.lab.runs import run_suite
    from mm_core.research.lab.suites import SUITES, RunContext
    from mm_core.samples import InvalidInput
    from mm_core.storage import load

    for name in arguments.fusion:
        if name not in STRATEGIES:
            raise InvalidInput(f"There is no fusion called {name!r}. Known are {', '.join(STRATEGIES)}.")
    torch.set_num_threads(arguments.threads)
    arguments.runs.mkdir(parents=True, exist_ok=True)
    ground = RunContext(
        arguments.data, arguments.runs, cache(lambda: load(arguments.model)), arguments.quiet, arguments.tower_epochs
    )
    files = run_suite(
        arguments.suite,
        ground,
        seeds=arguments.seeds,
        strategies=arguments.fusion,
        changes=_changes(arguments),
    )
    report = write_report(
        files, arguments.out or arguments.runs / "lab.json", SUITES[arguments.suite].measured(ground)
    )
    print(table(report))
    return 0


def print_table(arguments: argparse.Namespace) -> int:
    from mm_core.evaluation.lab_report import read_lab
    from mm_core.research.lab.report import table

    if not arguments.report.is_file():
        raise FileNotFoundError(f"there is no report at {arguments.report}; `lab run` writes one")
    print(table(read_lab(json.loads(arguments.report.read_text(encoding="utf-8")))))
    return 0


def _changes(arguments: argparse.Namespace) -> dict[str, Any]:
    """Fields of the recipes that were asked for."""
    names = ("optimizer", "learning_rate", "l1", "l2", "smoothing")
    changes = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    if arguments.objectives:
        changes["objectives"] = tuple(arguments.objectives.split(","))
    if arguments.learned_weights:
        changes["learned_weights"] = True
    return changes
