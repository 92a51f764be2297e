"""``python -m mm_core data``: labelled rows into the tables that training and evaluation read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mm_core.datasets import KINDS

if TYPE_CHECKING:
    import pandas as pd

    from mm_core.datasets.rows import ImportReport

_SHOWN: Final = 20
"""Problems that are printed; all of them are in the file beside the tables."""


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("data", help="prepare labelled rows", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP")
    prepare = steps.add_parser(
        "prepare",
        help="turn a CSV of your own, or a public data set as downloaded, into tables",
        description="A CSV of your own has the columns text, image, audio (any may be empty or missing; files lie "
        "beside the CSV) and label, and if you like sentiment, split, speaker. See docs/own_data.md.",
    )
    prepare.add_argument("source", type=Path, help="the CSV, or the unpacked folder (or table) of a public data set")
    prepare.add_argument("--kind", choices=KINDS, default="csv", help="what it is (default: %(default)s)")
    prepare.add_argument("--out", type=Path, required=True, help="folder of the tables; other sources in it stay")
    prepare.add_argument("--whole-pictures", action="store_true", help="csv: pictures are face crops already")
    prepare.add_argument("--quiet", action="store_true", help="no progress bar")
    prepare.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from mm_core.datasets.preparation import prepare

    tables, findings = prepare(
        arguments.source,
        arguments.out,
        arguments.kind,
        whole_pictures=arguments.whole_pictures,
        quiet=arguments.quiet,
    )
    print_findings(findings)
    for modality, frame in tables.items():
        print_counts(modality, frame)
    return 0


def print_findings(findings: ImportReport) -> None:
    from mm_core.datasets.preparation import PROBLEMS

    for problem in findings.problems[:_SHOWN]:
        print(problem)
    more = len(findings.problems) - _SHOWN
    if more > 0:
        print(f"... and {more} more")
    if findings.problems:
        print(f"{len(findings.problems)} problems; all of them are in {PROBLEMS} beside the tables")
    for remark, times in findings.remarks.most_common():
        print(f"{times} x {remark}" if times > 1 else remark)


def print_counts(modality: str, frame: pd.DataFrame) -> None:
    """Rows by label and split."""
    labels = frame["label"].str.split(",").explode()
    splits = frame["split"].replace("", "no split")[labels.index]
    print(f"\n{modality}: {len(frame)} rows")
    import pandas as pd

    print(pd.crosstab(labels.rename("label"), splits.rename("")).to_string())
