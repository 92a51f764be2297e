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
from mm_core.locale import say

KINDS: Final = ("differ", "wrong", "odd", "all")
MOST_CASES: Final = 500


def page() -> None:
    heading(
        say("contributions-page"),
        say("contributions-lead"),
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
    with st.expander(say("contributions-measures")):
        st.markdown(say("contributions-measures-text"))


def _cases(found: Report[ContributionsReport]) -> None:
    section(say("contributions-together"), say("contributions-together-lead"))
    columns = side_by_side(2)
    with columns[0]:
        show(drawn(found, "emap", lambda: emap_bars(found.content)), "emap")
    with columns[1]:
        show(drawn(found, "disagreement", lambda: disagreement_bars(found.content)), "disagreement")
    if found.predictions is None:
        nothing(say("report-no-rows"), say("contributions-no-rows-how"))
        return
    kind = pick(
        st.segmented_control,
        say("contributions-choose"),
        KINDS,
        key="cases",
        required=True,
        words=lambda name: say("contributions-kind", kind=name),
    )
    table: pd.DataFrame = drawn(found, f"cases {kind}", lambda: _picked(found.predictions, kind))
    more = "yes" if len(table) > MOST_CASES else "no"
    show_table(
        table.head(MOST_CASES),
        say("contributions-cases", count=len(table), more=more, most=MOST_CASES),
        f"cases-{kind}",
        height=380,
    )
    st.caption(say("contributions-cases-caption"))


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
