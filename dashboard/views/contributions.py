"""Contributions over a data set: what each input adds on average, by four measures, and where inputs disagree."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from dashboard import reports
from dashboard.links import pick
from dashboard.report_files import CONTRIBUTIONS, Report
from dashboard.reports import drawn
from dashboard.show import guarded, heading, nothing, section, show, side_by_side
from dashboard.tables import show_table
from mm_core.evaluation.contributions_report import ContributionsReport
from mm_core.figures import disagreement_bars, emap_bars, perceptual_bars, shape_bars, shares_by_class
from mm_core.labels import MODALITIES

KINDS: Final = {
    "differ": "the inputs' own answers differ",
    "wrong": "the answer is wrong",
    "odd": "one input carries another label",
    "all": "every case",
}
MOST_CASES: Final = 500


def page() -> None:
    heading(
        "Contributions",
        "What words, face and voice add to the answers over many cases, on triples composed of rows that share a "
        "label.",
    )
    found = reports.needs(CONTRIBUTIONS)
    if found is None:
        return
    with guarded():
        _measures(found)
    with guarded():
        _cases(found)
    reports.bring(CONTRIBUTIONS, found)


def _measures(found: Report[ContributionsReport]) -> None:
    report = found.content
    columns = side_by_side(2)
    with columns[0]:
        show(drawn(found, "shares", lambda: shares_by_class(report)), "shares-by-class")
    with columns[1]:
        show(drawn(found, "shape", lambda: shape_bars(report)), "shape")
        show(drawn(found, "perceptual", lambda: perceptual_bars(report)), "perceptual")
    with st.expander("What these four measures say, and what they do not"):
        st.markdown(
            "- **Shares** say how much of one answer came from each input (Shapley values of the predicted class; "
            "MM-SHAP, 2023). They speak about the model's behaviour, right or wrong.\n"
            "- **SHAPE** says what each input adds to the accuracy (Shapley values of accuracy, 2022).\n"
            "- **Perceptual Score** says how much accuracy goes when one input is taken from another case (2021).\n"
            "- **EMAP** says whether inputs have to interact: the model is replaced by the closest sum of functions "
            "of one input each (2020; here for three inputs, and for pairs).\n\n"
            "All of them are measured on composed triples, independent given the label: real people's "
            "words, face and voice hang together in ways that these figures can't show."
        )


def _cases(found: Report[ContributionsReport]) -> None:
    section("Together, or against each other", "Must inputs work together, and what happens where they differ?")
    columns = side_by_side(2)
    with columns[0]:
        show(drawn(found, "emap", lambda: emap_bars(found.content)), "emap")
    with columns[1]:
        show(drawn(found, "disagreement", lambda: disagreement_bars(found.content)), "disagreement")
    if found.predictions is None:
        nothing("This report came without its rows.", "Give them with it: contributions --rows writes them.")
        return
    kind = pick(
        st.segmented_control, "Cases in which", list(KINDS), key="cases", words=KINDS.__getitem__, required=True
    )
    table: pd.DataFrame = drawn(found, f"cases {kind}", lambda: _picked(found.predictions, kind))
    more = f", the surest {MOST_CASES}" if len(table) > MOST_CASES else ""
    show_table(table.head(MOST_CASES), f"{len(table):,} cases{more}", f"cases-{kind}", height=380)
    st.caption(
        "Truth and answers by input; share: of what moved the answer. Rows are counted within the split, from 0; the "
        "report holds no raw media of the data sets."
    )


def _picked(lines: pd.DataFrame | None, kind: str) -> pd.DataFrame:
    assert lines is not None
    players = [m for m in MODALITIES if f"share_{m}" in lines]
    together = "+".join(players)
    alone = lines[[f"answer_{m}" for m in players]]
    differ = alone.ne(alone.iloc[:, 0], axis=0).any(axis=1)
    right = lines["right"].astype("string").str.lower()
    chosen = {
        "differ": differ,
        "wrong": right.eq("false"),
        "odd": lines["kind"].ne("same label"),
        "all": pd.Series(True, lines.index),
    }[kind].fillna(False)
    here = lines[chosen.astype(bool)]
    table = pd.DataFrame({"answer": here["answer"], "sure": here[f"confidence_{together}"].round(3)})
    for m in players:
        table[f"{m}: truth"] = here[f"truth_{m}"]
        table[f"{m}: alone"] = here[f"answer_{m}"]
        table[f"{m}: share"] = here[f"share_{m}"].round(3)
        table[f"{m}: row"] = here[f"{m}_row"].astype(int)
    return table.sort_values("sure", ascending=False)


page()
