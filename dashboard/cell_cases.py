"""The cases behind one cell of a confusion matrix: what was given, true and answered, and the way to Case."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

import pandas as pd
import streamlit as st

from dashboard import cases
from dashboard.case_bar import NEXT
from dashboard.data_rows import DataRows, data_rows
from dashboard.engine import EngineStatus, engine_status
from dashboard.show import guarded, nothing, plain
from dashboard.tables import show_table
from mm_core.evaluation.evaluation_report import EvaluationReport
from mm_core.labels import MODALITIES
from mm_core.locale import say
from mm_core.samples import InvalidInput

A_PAGE: Final = 6
"""Cases shown at once."""

MOST_LISTED: Final = 500
SHORT: Final = 7
"""Rows up to which a table is as high as it needs to be."""

PICTURE_WIDTH: Final = 150
"""Pixels; rows of the data sets are small crops."""


def cell_cases(report: EvaluationReport, here: pd.DataFrame, truth: str, answer: str, key: str) -> None:
    """Show the predictions ``here``, which all have this truth and this answer, the surest first."""
    if here.empty:
        nothing(say("cell-none", truth=truth, answer=answer), say("cell-none-how"))
        return
    here = here.sort_values(f"p_{answer}", ascending=False)
    st.markdown(f"**{say('cell-cases', truth=plain(truth), answer=plain(answer), count=len(here))}**")
    try:
        rows = data_rows(report)
    except InvalidInput as error:
        st.info(plain(str(error)), icon=":material/folder_off:")
    else:
        _cards(rows, here, truth, answer, key)
    _listed(here, truth, answer, key)


def _cards(rows: DataRows, here: pd.DataFrame, truth: str, answer: str, key: str) -> None:
    pages = -(-len(here) // A_PAGE)
    page = 1
    if pages > 1:
        label = say("cell-page", each=A_PAGE, pages=pages)
        page = int(st.number_input(label, 1, pages, 1, key=f"page-{key}", width=260))
    now = engine_status()
    shown = here.iloc[(page - 1) * A_PAGE : page * A_PAGE]
    columns = st.columns(3, gap="medium")
    for place, (_, prediction) in enumerate(shown.iterrows()):
        with columns[place % 3], guarded():
            _card(rows, prediction, truth, answer, f"{key}-{page}-{place}", now)


def _card(rows: DataRows, prediction: Any, truth: str, answer: str, key: str, now: EngineStatus) -> None:
    numbers = row_numbers(prediction)
    given = rows.given(numbers)
    with st.container(border=True, key=f"card-{key}"):
        sure, got = (float(prediction[f"p_{label}"]) for label in (answer, truth))
        right = "yes" if truth == answer else "no"
        words = say("cell-answer", right=right, answer=answer, sure=sure, truth=truth, got=got)
        st.html(f'<p class="figure-title">{escape(words)}</p>')
        if given.text is not None:
            st.html(f'<p class="given">“{escape(given.text)}”</p>')
        if isinstance(given.image, bytes):
            st.image(given.image, width=PICTURE_WIDTH)
        if isinstance(given.audio, bytes):
            st.audio(given.audio)
        placed = [say("cell-row", modality=modality, number=str(number)) for modality, number in numbers.items()]
        st.caption(plain(f"{prediction['source']}; {', '.join(placed)}"))
        asked = st.button(
            say("cell-open"),
            icon=":material/person_search:",
            key=f"open-{key}",
            disabled=now.client is None,
            help=say("cell-open-help"),
        )
        if asked:
            title = say("cell-title", right=right, truth=truth, answer=answer, source=prediction["source"])
            cases.keep_as_own(title, cases.explained(given, now))
            st.session_state[NEXT] = cases.OWN
            st.switch_page("views/case.py")


def row_numbers(prediction: Mapping[str, Any]) -> dict[str, int]:
    """The row of each modality that a prediction was made from."""
    found = {m: prediction.get(f"{m}_row") for m in MODALITIES}
    return {m: int(row) for m, row in found.items() if row is not None and row >= 0}


def _listed(here: pd.DataFrame, truth: str, answer: str, key: str) -> None:
    table = here[["source"]].copy()
    table["confidence"] = here[f"p_{answer}"].round(3)
    table["truth got"] = here[f"p_{truth}"].round(3)
    for modality in MODALITIES:
        row = f"{modality}_row"
        if row in here and (here[row] >= 0).any():
            table[f"{modality}: row"] = here[row].astype(int)
    for trait in ("words", "speaker", "pair"):
        if trait in here and here[trait].notna().any():
            table[trait] = here[trait]
    more = "yes" if len(table) > MOST_LISTED else "no"
    height: Any = 320 if len(table) > SHORT else "content"
    show_table(table.head(MOST_LISTED), say("cell-table", more=more, most=MOST_LISTED), f"cell-{key}", height=height)
    st.caption(say("cell-rows"))
