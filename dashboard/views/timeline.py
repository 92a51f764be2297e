"""Timeline: one film's record, or two side by side: windows as a chart and a table, slices, links to a moment."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.case_bar import plain_title
from dashboard.links import pick
from dashboard.show import facts, guarded, heading, nothing, section, sentence, show, side_by_side
from dashboard.timelines import SLICES, inside
from mm_core.figures import timeline_chart
from mm_core.figures.figure import signed
from mm_core.figures.timeline import moments
from mm_core.locale import modality_word, say
from mm_core.timeline import Timeline
from mm_core.timeline.record import SMOOTHINGS, Window


def page() -> None:
    heading(say("timeline-page"), say("timeline-page-lead"))
    records: list[tuple[str, Timeline]] = []
    for number, (column, label) in enumerate(
        zip(side_by_side(2), (say("timeline-upload"), say("timeline-upload-other")), strict=True)
    ):
        with column, guarded():
            file = st.file_uploader(label, ["triad"], key=f"timeline-file-{number}")
            if file is not None:
                records.append((plain_title(file.name), Timeline.from_bytes(file.getvalue())))
    if not records:
        nothing(say("timeline-none"), say("timeline-none-do"))
        return
    smoothing = pick(
        st.selectbox,
        say("film-smoothing"),
        list(map(str, SMOOTHINGS)),
        key="smoothing",
        words=lambda windows: say("film-smoothing-choice", windows=int(windows)),
    )
    chosen = pick(
        st.segmented_control,
        say("timeline-windows-label"),
        list(SLICES),
        key="windows",
        words=lambda chosen: say("timeline-slice", slice=chosen),
    )
    for column, (number, (title, record)) in zip(side_by_side(len(records)), enumerate(records), strict=True):
        with column:
            _record(number, title, record, int(smoothing), chosen)


def _record(number: int, title: str, record: Timeline, smoothing: int, chosen: str) -> None:
    section(title)
    sentence(record.sentence())
    show(timeline_chart(record, smoothing=smoothing), f"timeline-{number}")
    for line in moments(record):
        st.caption(line)
    kept = [window for window in record.windows if inside(chosen, window)]
    st.caption(say("timeline-slice-count", slice=chosen, kept=len(kept), count=len(record.windows)))
    if kept:
        st.dataframe(_table(record, kept), hide_index=True, key=f"timeline-rows-{number}")
    seconds = _moment(number, record)
    _window(record.at(seconds))


def _table(record: Timeline, kept: Sequence[Window]) -> pd.DataFrame:
    starts = {round(window.start, 3) for window in kept}
    return pd.DataFrame([row for row in record.rows() if row["start"] in starts])


def _moment(number: int, record: Timeline) -> float:
    """The moment that is looked at, which the address names, too."""
    name = f"t{number}" if number else "t"
    said = st.query_params.get(name, "0")
    given = float(said) if said.replace(".", "", 1).isdecimal() and len(said) < 9 else 0.0
    seconds = st.slider(
        say("timeline-moment"),
        0.0,
        record.seconds,
        min(given, record.seconds),
        record.hop / 2,
        key=f"moment-{number}",
    )
    st.query_params[name] = f"{seconds:.2f}"
    return float(seconds)


def _window(window: Window) -> None:
    if window.prediction is None:
        st.info(" ".join(window.warnings) or say("timeline-nothing", count=1))
        return
    st.caption(say("timeline-window", start=window.start, end=window.end))
    sentence(window.prediction.sentence())
    label = window.prediction.emotion.label
    shares = window.contributions[label]
    facts([(modality_word(modality), signed(value)) for modality, value in shares.items()])
    st.caption(say("timeline-adds", label=label))


page()
