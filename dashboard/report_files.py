"""Kinds of reports, and how their files are read: the JSON, and the predictions beside it as parquet or CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, NoReturn, TypeVar

import numpy as np
import pandas as pd

from mm_core.evaluation.compare import COLUMNS
from mm_core.evaluation.compression_report import CompressionReport, read_compression
from mm_core.evaluation.contributions_report import ContributionsReport, read_contributions
from mm_core.evaluation.evaluation_report import EvaluationReport, read_evaluation
from mm_core.evaluation.faithfulness_report import FaithfulnessReport, read_faithfulness
from mm_core.evaluation.heading import Heading
from mm_core.evaluation.lab_report import LabReport, read_lab
from mm_core.evaluation.robustness_report import RobustnessReport, read_robustness
from mm_core.locale import say
from mm_core.samples import InvalidInput

MAX_REPORT_BYTES: Final = 8 * 2**20
MAX_PREDICTIONS_BYTES: Final = 50 * 2**20
MOST_ROWS: Final = 300_000
MOST_COLUMNS: Final = 80

_TEXT_COLUMNS: Final = (
    "task", "modalities", "source", "truth", "answer", "pair", "speaker", "kind", "run", "case", "group",
)  # fmt: skip

Content = TypeVar("Content", bound=Heading)


@dataclass(frozen=True)
class Kind(Generic[Content]):
    """A kind of report. name: of its file, without suffix; read: checks its content; make: the
    command that writes one; predictions: name of the table beside it, None where there is none; columns: what that
    table holds at least."""

    name: str
    read: Callable[[Mapping[str, Any]], Content]
    make: str
    predictions: str | None = None
    columns: tuple[str, ...] = ()

    def words(self) -> str:
        """What people call it."""
        return say("report-kind", kind=self.name)


EVALUATION: Final[Kind[EvaluationReport]] = Kind(
    "evaluation",
    read_evaluation,
    "python -m mm_core evaluate --data FOLDER --out evaluation.json --rows cases.csv --split all",
    "cases",
    ("task", "modalities", "source", "truth", "answer"),
)
CONTRIBUTIONS: Final[Kind[ContributionsReport]] = Kind(
    "contributions",
    read_contributions,
    "python -m mm_core contributions --data FOLDER --out contributions.json --rows contributions.csv",
    "contributions",
    ("kind", "answer", "right"),
)
ROBUSTNESS: Final[Kind[RobustnessReport]] = Kind(
    "robustness",
    read_robustness,
    "python -m mm_core robustness --data FOLDER --out robustness.json",
)
FAITHFULNESS: Final[Kind[FaithfulnessReport]] = Kind(
    "faithfulness",
    read_faithfulness,
    "python -m mm_core faithfulness --data FOLDER --out faithfulness.json",
)
LAB: Final[Kind[LabReport]] = Kind(
    "lab",
    read_lab,
    "python -m mm_core lab run --suite mosi-features --data FOLDER --out lab.json",
    "lab_rows",
    COLUMNS,
)
COMPRESSION: Final[Kind[CompressionReport]] = Kind(
    "compression",
    read_compression,
    "python -m mm_core compress run --data FOLDER --out compression.json",
)


@dataclass(frozen=True, eq=False)
class Report(Generic[Content]):
    """content: the checked record. digest: SHA-256 of its file. own: whether the visitor brought it. predictions: the
    table of cases, None where it is not there; nobody may change it."""

    kind: Kind[Content]
    content: Content
    digest: str
    own: bool = False
    predictions: pd.DataFrame | None = None


def from_folder(kind: Kind[Content], folder: Path) -> Report[Content]:
    """The report of a kind in a folder, with its predictions where they lie beside it."""
    content = (folder / f"{kind.name}.json").read_bytes()
    table = None if kind.predictions is None else folder / f"{kind.predictions}.parquet"
    predictions = pd.read_parquet(table) if table is not None and table.is_file() else None
    return Report(kind, read_report(kind, content), hashlib.sha256(content).hexdigest(), predictions=predictions)


def from_upload(kind: Kind[Content], content: bytes, table: bytes | None) -> Report[Content]:
    """A report that a visitor brings, with its predictions as CSV; InvalidInput where either can't be used."""
    predictions = None if table is None else read_predictions(kind, table)
    digest = hashlib.sha256(content + (table or b"")).hexdigest()
    return Report(kind, read_report(kind, content), digest, True, predictions)


def read_report(kind: Kind[Content], content: bytes) -> Content:
    """A report from JSON; InvalidInput where it is not one of this kind."""
    if len(content) > MAX_REPORT_BYTES:
        raise InvalidInput(say("report-too-large", megabytes=MAX_REPORT_BYTES // 2**20))
    wrong = say("report-wrong-file", kind=kind.name)
    try:
        made = json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InvalidInput(wrong) from None
    if not isinstance(made, dict):
        raise InvalidInput(wrong)
    return kind.read(made)


def read_predictions(kind: Kind[Any], content: bytes) -> pd.DataFrame:
    """Predictions from CSV that belong to a report of this kind; InvalidInput for what is none or over the limits."""
    if len(content) > MAX_PREDICTIONS_BYTES:
        raise InvalidInput(say("report-rows-too-large", megabytes=MAX_PREDICTIONS_BYTES // 2**20))
    wrong = say("report-rows-unreadable")
    try:
        text = content.decode("utf-8")
        head = next(csv.reader(io.StringIO(text[: 64 * 1024])))
        if len(head) > MOST_COLUMNS or len(set(head)) < len(head):
            raise ValueError
        absent = [column for column in kind.columns if column not in head]
        if absent:
            raise InvalidInput(say("report-column-missing", wrong=wrong, column=absent[0]))
        types = {column: "str" if _is_text(column) else "float64" for column in head}
        frame = pd.read_csv(
            io.StringIO(text), dtype=types, nrows=MOST_ROWS + 1, na_values=[""], keep_default_na=False, engine="c",
            on_bad_lines="error",
        )  # fmt: skip
        if not isinstance(frame.index, pd.RangeIndex):  # rows longer than the head
            raise ValueError
    except InvalidInput:
        raise
    except (ValueError, StopIteration, csv.Error, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise InvalidInput(wrong) from None
    if len(frame) > MOST_ROWS:
        raise InvalidInput(say("report-rows-too-many", most=f"{MOST_ROWS:,}"))
    numbers = frame.select_dtypes("number").to_numpy()
    if not len(frame) or np.isinf(numbers).any():
        raise InvalidInput(wrong)
    return frame


def _is_text(column: str) -> bool:
    return column in _TEXT_COLUMNS or column.startswith(("truth_", "answer_")) or column == "right"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number in JSON")
