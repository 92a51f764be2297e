"""``python -m mm_core compress``: smaller and faster models out of the shipped one, measured beside it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from mm_core.resources import REPORTS

REPORT = REPORTS / "compression.json"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("compress", help="make and measure smaller models", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    run_step = steps.add_parser("run", help="make what is missing, measure it and write the report")
    run_step.add_argument("--data", type=Path, required=True, help="folder with text, faces and speech parquet files")
    run_step.add_argument("--out", type=Path, help="the report (default: compression.json beside the models)")
    run_step.add_argument("--runs", type=Path, default=Path("runs/compression"), help="where models are kept")
    run_step.add_argument("--model", help="folder of a saved model (default: the embedded one)")
    run_step.add_argument("--only", action="append", default=[], metavar="NAME", help="make only this; repeatable")
    run_step.add_argument("--quiet", action="store_true", help="no progress bars")
    run_step.set_defaults(run=run)
    table_step = steps.add_parser("table", help="print the report")
    table_step.add_argument("--report", type=Path, default=REPORT, help="the JSON file (default: the shipped one)")
    table_step.set_defaults(run=show)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.evaluation.records import write_report
    from mm_core.research.compression.suite import run_suite, table
    from mm_core.research.compression.workshop import CompressionContext, Sizes
    from mm_core.storage import load

    workshop = CompressionContext(load(arguments.model, "cpu"), arguments.data, Sizes(), quiet=arguments.quiet)
    report = run_suite(workshop, arguments.data, arguments.runs, only=arguments.only)
    write_report(report, arguments.out or arguments.runs / "compression.json")
    print(table(report))
    return 0


def show(arguments: argparse.Namespace) -> int:
    from mm_core.evaluation.compression_report import read_compression
    from mm_core.research.compression.suite import table

    if not arguments.report.is_file():
        raise FileNotFoundError("there is no such report; write one with `python -m mm_core compress run`")
    print(table(read_compression(json.loads(arguments.report.read_text("utf-8")))))
    return 0
