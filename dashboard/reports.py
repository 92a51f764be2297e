"""Reports that commands write: the ones that ship, those of a folder, or one that a visitor brings.

``MM_CORE_REPORTS`` names another folder than ``assets/report``. A folder holds ``evaluation.json``,
``contributions.json``, ``robustness.json``, ``lab.json``, ``compression.json`` and, one line a case,
``cases.parquet``, ``contributions.parquet`` and ``lab_rows.parquet``. A visitor brings the JSON and the lines as CSV.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.engine import standing
from dashboard.show import command, guarded, nothing, plain
from mm_core import resources
from mm_core.evaluation.compare import COLUMNS
from mm_core.evaluation.compression_report import read_compression
from mm_core.evaluation.lab_report import read_lab
from mm_core.samples import InvalidInput

FOLDER: Final = "MM_CORE_REPORTS"
SHIPPED: Final = resources.REPORTS

MAX_REPORT_BYTES: Final = 8 * 2**20
MAX_LINES_BYTES: Final = 50 * 2**20
MOST_LINES: Final = 300_000
MOST_COLUMNS: Final = 80

DRAWN: Final = 128
"""Figures kept ready, over all visitors: they hold figures of reports, nobody's case."""

_LINES: Final = {"evaluation": "cases", "contributions": "contributions", "lab": "lab_rows"}
_KEYS: Final[Mapping[str, Mapping[str, type]]] = {
    "evaluation": {"model": dict, "emotion": dict},
    "contributions": {"model": dict, "shares": dict, "shape": dict},
    "robustness": {"model": dict, "noise": dict, "missing": dict},
    "faithfulness": {"model": dict, "defaults": dict},
    "lab": {"runs": list},
    "compression": {"runs": list},
}
"""What a report of each kind holds at least."""

_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any]], object]]] = {
    "lab": read_lab,
    "compression": read_compression,
}
"""Kinds of which every field is checked."""

_COLUMNS: Final = {
    "evaluation": ("task", "modalities", "source", "truth", "answer"),
    "contributions": ("kind", "answer", "right"),
    "lab": COLUMNS,
}
"""What the lines of each kind hold at least."""

_TEXT_COLUMNS: Final = (
    "task", "modalities", "source", "truth", "answer", "pair", "speaker", "kind", "run", "case", "group",
)  # fmt: skip
_BROUGHT: Final = "report-brought-"

Made = TypeVar("Made")


@dataclass(frozen=True, eq=False)
class Report:
    """content: the JSON as it is. digest: SHA-256 of its file. own: whether the visitor brought it. lines: the table
    of cases, None where it is not there; nobody may change it."""

    kind: str
    content: Mapping[str, Any]
    digest: str
    own: bool = False
    lines: pd.DataFrame | None = None

    def drawn(self, what: str, make: Callable[[], Made]) -> Made:
        """``make()``, remembered by this report's digest and ``what``."""
        return _drawn(f"{self.kind} {self.digest} {what}", make)


def report(kind: str) -> Report | None:
    """The report of a kind that is looked at; None where there is none."""
    brought = st.session_state.get(_BROUGHT + kind)
    if brought is not None:
        return brought
    folder = Path(os.environ.get(FOLDER, "").strip() or SHIPPED)
    file = folder / f"{kind}.json"
    if not file.is_file():
        return None
    lines = folder / f"{_LINES.get(kind, kind)}.parquet"
    times = tuple(path.stat().st_mtime_ns if path.is_file() else 0 for path in (file, lines))
    try:
        return _from_folder(kind, str(file), str(lines), times)
    except InvalidInput as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def needs(kind: str, what: str, make: str) -> Report | None:
    """The report, or None and words on how to make it (by the command ``make``) or bring it."""
    found = report(kind)
    if found is None:
        nothing(f"There is no {what}.", "Make one with this command, or bring one that was made elsewhere.")
        command(make)
        bring(kind, make, None)
        return None
    st.caption(plain(origin(found)))
    say_if_of_another_model(found)
    return found


def say_if_of_another_model(found: Report) -> None:
    """A warning where a report's figures are not those of the model that runs now."""
    judged, now = _part(found.content, "model"), standing()
    if judged.get("hash") and now.hash and judged["hash"] != now.hash:
        words = (
            f"These figures are of the model {judged.get('name', 'unknown')} ({str(judged['hash'])[:12]}), not of "
            f"{now.name} ({now.hash[:12]}), which answers here now. Its own are made with --model."
        )
        st.warning(plain(words), icon=":material/warning:")


def origin(found: Report) -> str:
    """Where a report's figures come from, in a line."""
    about = found.content
    made = _part(about, "made")
    model = _part(about, "model") or _part(made, "model")
    rows = _part(_part(about, "data"), "rows")
    counted = ", ".join(f"{int(n):,} {m}" for m, n in rows.items() if isinstance(n, int))
    facts = [f"model {model.get('name', 'unknown')} {str(model.get('hash', ''))[:12]}" if model else ""]
    if counted:
        facts.append(f"{about.get('split', '')} rows ({counted})")
    if isinstance(about.get("runs"), list):
        facts.append(f"{len(about['runs']):,} runs")
    if "interval" in about:
        facts.append(f"intervals: {about['interval']}")
    whose = "Your report" if found.own else "Report"
    date = str(made.get("time", "") if made else about.get("made", ""))[:10]
    return f"{whose} of {date}: {', '.join(filter(None, facts))}. SHA-256 {found.digest[:12]}."


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A mapping inside a report; empty where there is none."""
    found = of.get(name)
    return found if isinstance(found, Mapping) else {}


def read_report(kind: str, content: bytes) -> dict[str, Any]:
    """A report from JSON; InvalidInput where it is not one of this kind."""
    if len(content) > MAX_REPORT_BYTES:
        raise InvalidInput(f"The report is too large: at most {MAX_REPORT_BYTES // 2**20} MB are read.")
    wrong = f"This file is not a report of the kind {kind!r}. Choose the JSON that `python -m mm_core` wrote."
    try:
        made = json.loads(content.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InvalidInput(wrong) from None
    if not isinstance(made, dict) or not all(isinstance(made.get(key), held) for key, held in _KEYS[kind].items()):
        raise InvalidInput(wrong)
    if kind in _CHECKS:
        _CHECKS[kind](made)
    return made


def read_lines(kind: str, content: bytes) -> pd.DataFrame:
    """Lines of cases from CSV that belong to a report of this kind; InvalidInput for what is none or over the
    limits."""
    if len(content) > MAX_LINES_BYTES:
        raise InvalidInput(f"The lines are too many: at most {MAX_LINES_BYTES // 2**20} MB are read.")
    wrong = "The lines can't be read. Choose the CSV that was written beside the report, one line a case."
    try:
        text = content.decode("utf-8")
        head = next(csv.reader(io.StringIO(text[: 64 * 1024])))
        if len(head) > MOST_COLUMNS or len(set(head)) < len(head):
            raise ValueError
        absent = [column for column in _COLUMNS[kind] if column not in head]
        if absent:
            raise InvalidInput(f"{wrong} The column {absent[0]!r} is missing.")
        kinds = {column: "str" if _is_text(column) else "float64" for column in head}
        frame = pd.read_csv(
            io.StringIO(text), dtype=kinds, nrows=MOST_LINES + 1, na_values=[""], keep_default_na=False, engine="c",
            on_bad_lines="error",
        )  # fmt: skip
        if not isinstance(frame.index, pd.RangeIndex):  # rows longer than the head
            raise ValueError
    except InvalidInput:
        raise
    except (ValueError, StopIteration, csv.Error, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise InvalidInput(wrong) from None
    if len(frame) > MOST_LINES:
        raise InvalidInput(f"There are too many lines: at most {MOST_LINES:,} cases are read.")
    numbers = frame.select_dtypes("number").to_numpy()
    if not len(frame) or np.isinf(numbers).any():
        raise InvalidInput(wrong)
    return frame


def _is_text(column: str) -> bool:
    return column in _TEXT_COLUMNS or column.startswith(("truth_", "answer_")) or column == "right"


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is no number of JSON")


@st.cache_resource(max_entries=8, show_spinner="Reading the report…")
def _from_folder(kind: str, file: str, lines: str, times: tuple[int, ...]) -> Report:
    content = Path(file).read_bytes()
    table = pd.read_parquet(lines) if kind in _LINES and times[1] else None
    return Report(kind, read_report(kind, content), hashlib.sha256(content).hexdigest(), lines=table)


@st.cache_resource(max_entries=DRAWN, show_spinner="Drawing…")
def _drawn(what: str, _make: Callable[[], Any]) -> Any:
    return _make()


def bring(kind: str, make: str, found: Report | None) -> None:
    """Open a report of one's own in the place of ``found``."""
    with st.expander("Look at a report of your own", icon=":material/upload:"):
        st.caption("Made on other rows by the same command, it opens here:")
        command(make)
        file = st.file_uploader("The report (JSON)", ["json"], key=f"report-file-{kind}")
        table = None
        if kind in _LINES:
            table = st.file_uploader("Its lines (CSV), for curves and cases", ["csv"], key=f"lines-file-{kind}")
        left, right = st.columns(2)
        if left.button("Open", key=f"report-open-{kind}", disabled=file is None) and file is not None:
            with guarded():
                content = file.getvalue()
                more = None if table is None else read_lines(kind, table.getvalue())
                digest = hashlib.sha256(content + (b"" if table is None else table.getvalue())).hexdigest()
                st.session_state[_BROUGHT + kind] = Report(kind, read_report(kind, content), digest, True, more)
                st.rerun()
        if found is not None and found.own and right.button("Back to the shipped one", key=f"report-back-{kind}"):
            del st.session_state[_BROUGHT + kind]
            st.rerun()
