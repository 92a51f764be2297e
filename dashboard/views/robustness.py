"""Robustness: what happens to the answers when inputs get worse, are missing, or contradict each other."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import reports
from dashboard.links import pick
from dashboard.report_files import ROBUSTNESS, Report
from dashboard.reports import drawn
from dashboard.show import guarded, heading, section, show, side_by_side
from mm_core.evaluation.robustness_report import RobustnessReport
from mm_core.figures import conflict_bars, missing_bars, noise_curves
from mm_core.labels import MODALITIES
from mm_core.locale import modality_word, say


def page() -> None:
    heading(
        say("robustness-page"),
        say("robustness-lead"),
    )
    found = reports.needs(ROBUSTNESS)
    if found is None:
        return
    with guarded():
        _noise(found)
    with guarded():
        _missing_and_conflict(found)
    reports.bring(ROBUSTNESS, found)


def _noise(found: Report[RobustnessReport]) -> None:
    report = found.content
    section(say("robustness-worse"), say("robustness-worse-lead"))
    modalities = [m for m in MODALITIES if report.noise.get(m)]
    modality = pick(
        st.segmented_control,
        say("choose-input"),
        modalities,
        key="input",
        words=lambda m: f"the {modality_word(m)}",
        required=True,
    )
    columns = side_by_side(2)
    for index, kind in enumerate(report.noise[modality]):
        with columns[index % 2]:
            figure = drawn(found, f"noise {modality} {kind}", partial(noise_curves, report, modality, kind))
            show(figure, f"noise-{modality}-{kind}")


def _missing_and_conflict(found: Report[RobustnessReport]) -> None:
    report = found.content
    section(say("robustness-missing"), say("robustness-missing-lead"))
    columns = side_by_side(2)
    with columns[0]:
        show(drawn(found, "missing", lambda: missing_bars(report)), "missing")
    for index, odd in enumerate(report.conflict, start=1):
        with columns[index % 2]:
            show(drawn(found, f"conflict {odd}", partial(conflict_bars, report, odd)), f"conflict-{odd}")


page()
