"""Figure: a chart, how to read it in one sentence, and its data."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import plotly.graph_objects as go

from mm_core.labels import MODALITIES
from mm_core.locale import modality_word, say

Row = Mapping[str, object]
"""Column names to text, numbers, truth values or None."""

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run text that starts so; see OWASP, "CSV injection"."""

LONGEST_LABEL: Final = 24
"""Characters of a user's text in a chart's label."""


@dataclass(frozen=True, eq=False)
class Figure:
    """What every function of this package returns.

    title: a few words, plain text. plot: the chart, without a title in it, so that a page sets its own heading.
    reading: one plain sentence on how to read it. table: the data, one mapping a row, all rows with the same keys.
    html: for words only, the safe markup that is shown instead of the chart (everything a person wrote is escaped).
    """

    title: str
    plot: go.Figure
    reading: str
    table: tuple[Row, ...]
    html: str | None = None

    def csv(self) -> str:
        """The data as CSV with a header line; text can't start a spreadsheet's formula."""
        return as_csv(self.table)


def as_csv(rows: Sequence[Row]) -> str:
    """Rows with the same keys as CSV with a header line; text can't start a spreadsheet's formula."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _csv_cell(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def _csv_cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    line = value.replace("\r", " ")  # the csv module leaves a bare one unquoted, which would end the row
    return "'" + line if value.startswith(_FORMULA_STARTS) else line


def safe(text: str, longest: int = LONGEST_LABEL) -> str:
    """A person's text as a Plotly label: shortened, without control characters, and with no mark-up left alive."""
    plain = "".join(c if c.isprintable() else " " for c in text).strip()
    if len(plain) > longest:
        plain = plain[: longest - 1].rstrip() + "…"
    return escape(plain, quote=False)


def signed(value: float, digits: int = 2) -> str:
    """A number with its sign (a true minus) and, where it rounds to nothing, none."""
    rounded = f"{abs(value):.{digits}f}"
    if float(rounded) == 0:
        return rounded
    return ("+" if value > 0 else "−") + rounded


def spaced(name: str) -> str:
    """A coalition's name as people call its inputs, for a chart: ``text+audio`` is ``words + voice``."""
    members = name.split("+")
    if len(members) == len(MODALITIES) or name == "none":
        return say("coalition", members="none" if name == "none" else "all")
    return " + ".join(modality_word(m) if m in MODALITIES else m for m in members)
