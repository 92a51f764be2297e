"""The labelled rows behind a report, where the data folder is there: ``MM_CORE_DATA`` names it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from mm_core.datasets.tables import FILES, Table, read_table
from mm_core.evaluation.evaluation_report import EvaluationReport
from mm_core.evaluation.heading import data_digest
from mm_core.labels import MODALITIES
from mm_core.locale import say
from mm_core.samples import InvalidInput
from mm_core.samples.raw_inputs import RawInputs

DATA: Final = "MM_CORE_DATA"


@dataclass(frozen=True, eq=False)
class DataRows:
    """tables: the rows of the report's split, by modality, counted as its predictions count them."""

    tables: Mapping[str, Table]

    def given(self, rows: Mapping[str, int]) -> RawInputs:
        """What one case was made of, from the row number of each modality; all of it is to be used."""
        content = {m: self.tables[m].content[row] for m, row in rows.items()}
        return RawInputs(**content, force=tuple(rows))


def data_rows(report: EvaluationReport) -> DataRows:
    """The rows that a report was made from; InvalidInput says why they can't be shown."""
    folder = os.environ.get(DATA, "").strip()
    if not folder:
        raise InvalidInput(say("data-not-named", variable=DATA))
    if not Path(folder).is_dir():
        raise InvalidInput(say("data-no-folder", variable=DATA))
    if report.data is None or report.data.digest is None or report.split is None:
        raise InvalidInput(say("data-not-said"))
    with st.spinner(say("data-checking")):
        digest = _digest(folder, _times(folder))
    if digest != report.data.digest:
        raise InvalidInput(say("data-other", variable=DATA))
    with st.spinner(say("data-reading")):
        return _rows(folder, digest, report.split, tuple(report.labels()))


def _times(folder: str) -> tuple[int, ...]:
    paths = [Path(folder) / name for name in FILES.values()]
    return tuple(path.stat().st_mtime_ns if path.is_file() else 0 for path in paths)


@st.cache_resource(max_entries=4, show_spinner=False)
def _digest(folder: str, times: tuple[int, ...]) -> str:
    return data_digest(Path(folder))


@st.cache_resource(max_entries=2, show_spinner=False)
def _rows(folder: str, digest: str, split: str, labels: tuple[str, ...]) -> DataRows:
    there = [m for m in MODALITIES if (Path(folder) / FILES[m]).is_file()]
    return DataRows({m: read_table(Path(folder), m, labels).only(split) for m in there})
