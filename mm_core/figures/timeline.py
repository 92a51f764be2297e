"""A film or a stream over time: what it is answered, why, and where that can't be relied on; one chart, one cursor.

Shapes: N windows, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mm_core.figures.figure import Figure, safe
from mm_core.figures.palette import FAINT, INK, MODALITY_COLOURS, SHARED, class_colour, faded
from mm_core.figures.theme import empty, styled
from mm_core.labels import MODALITIES
from mm_core.locale import label_word, modality_word, percent, say
from mm_core.timeline.record import Timeline, Window

PALE: Final = 0.35
"""Opacity of answers that are not sure."""

HEIGHT: Final = 520
"""Pixels: three rows that still read on a phone."""

_MARKS: Final = {"disagree": "x", "unsure": "circle-open", "silent": "line-ew-open"}
"""What the lowest row marks, and its symbol, so that none is known by its colour or its place alone."""


def timeline_chart(timeline: Timeline, smoothing: int = 1, until: float | None = None) -> Figure:
    """Probabilities of all emotions, stacked; what words, face and voice add to each window's likeliest one; and
    marks of disagreement, doubt and gaps. Times are the middles of the windows, in seconds.

    smoothing: windows over which the probabilities are averaged; what each window itself says then stands as points.
    until: seconds up to which the axis reaches (default: the film's end). Each window's number is its custom data.
    """
    windows = timeline.windows
    title = say("timeline-title")
    if not windows:
        return Figure(title, empty(), say("timeline-empty"), ())
    plot = make_subplots(rows=3, cols=1, shared_xaxes=True, row_heights=[0.52, 0.33, 0.15], vertical_spacing=0.05)
    _probabilities(plot, timeline, smoothing)
    _contributions(plot, windows, timeline.hop)
    _marks(plot, windows)
    end = timeline.seconds if until is None else until
    styled(
        plot,
        HEIGHT,
        barmode="relative",
        bargap=0,
        hovermode="closest",
        showlegend=True,
        legend={"font": {"size": 11}},
        margin={"l": 8, "r": 12, "t": 60, "b": 8},
    )
    plot.update_xaxes(range=[windows[0].start, max(end, windows[-1].end)])
    plot.update_xaxes(title_text=say("timeline-axis", axis="time"), row=3, col=1)
    plot.update_yaxes(range=[0, 1.0], tickformat=".0%", tickvals=[0, 0.5, 1], gridcolor=FAINT, row=1, col=1)
    plot.update_yaxes(title_text=say("timeline-axis", axis="adds"), zeroline=True, zerolinecolor=SHARED, row=2, col=1)
    plot.update_yaxes(range=[-0.6, len(_MARKS) - 0.4], tickfont={"size": 11}, row=3, col=1)
    return Figure(title, plot, say("timeline-reading", smoothing=smoothing), timeline.rows())


def _probabilities(plot: go.Figure, timeline: Timeline, smoothing: int) -> None:
    values = timeline.probabilities(smoothing)  # (N, C)
    windows = timeline.windows
    x = [window.middle for window in windows]
    sure = [window.prediction is not None and window.prediction.emotion.sure for window in windows]
    for column, label in enumerate(timeline.labels):
        shown = [None if np.isnan(v) else float(v) for v in values[:, column]]
        name = safe(label_word(label))
        plot.add_bar(
            x=x,
            y=shown,
            width=timeline.hop,
            name=name,
            marker={
                "color": class_colour(label),
                "opacity": [1.0 if s else PALE for s in sure],
                "line": {"width": 0},
            },
            customdata=list(range(len(windows))),
            hovertemplate=f"{name}: %{{y:.0%}}<br>%{{x:.1f}} s<extra></extra>",
            row=1,
            col=1,
        )
    if smoothing > 1:
        known = [i for i, window in enumerate(windows) if window.prediction is not None]
        tops = [_answer(windows[i]) for i in known]
        plot.add_scatter(
            x=[x[i] for i in known],
            y=[confidence for _, confidence in tops],
            text=[f"{safe(label_word(label))}: {percent(confidence)}" for label, confidence in tops],
            customdata=known,
            mode="markers",
            name=say("timeline-raw"),
            marker={"size": 5, "color": INK, "symbol": "circle"},
            hovertemplate="%{text}<br>%{x:.1f} s<extra></extra>",
            row=1,
            col=1,
        )


def _contributions(plot: go.Figure, windows: Sequence[Window], hop: float) -> None:
    for modality in MODALITIES:
        x: list[float] = []
        y: list[float] = []
        rows: list[int] = []
        labels: list[str] = []
        for row, window in enumerate(windows):
            label = _answer(window)[0]
            value = window.contributions.get(label, {}).get(modality)
            if value is not None:
                x.append(window.middle)
                y.append(value)
                rows.append(row)
                labels.append(safe(label_word(label)))
        if not x:
            continue
        name = safe(modality_word(modality))
        plot.add_bar(
            x=x,
            y=y,
            width=hop,
            name=name,
            marker={"color": faded(MODALITY_COLOURS[modality], 0.9), "line": {"width": 0}},
            text=labels,
            textposition="none",
            customdata=rows,
            hovertemplate=f"{name}: %{{y:+.2f}} (%{{text}})<br>%{{x:.1f}} s<extra></extra>",
            row=2,
            col=1,
        )


def _marks(plot: go.Figure, windows: Sequence[Window]) -> None:
    for height, (kind, symbol) in enumerate(_MARKS.items()):
        rows = [row for row, window in enumerate(windows) if _is(kind, window)]
        name = say("timeline-mark", mark=kind)
        plot.add_scatter(
            x=[windows[row].middle for row in rows],
            y=[height] * len(rows),
            customdata=rows,
            text=[_why(kind, windows[row]) for row in rows],
            mode="markers",
            name=name,
            showlegend=False,
            marker={"symbol": symbol, "size": 7, "color": INK, "line": {"width": 1.5, "color": INK}},
            hovertemplate="%{text}<br>%{x:.1f} s<extra></extra>",
            row=3,
            col=1,
        )
    names = [say("timeline-mark", mark=kind) for kind in _MARKS]
    plot.update_yaxes(tickvals=list(range(len(names))), ticktext=names, row=3, col=1)


def _is(kind: str, window: Window) -> bool:
    if kind == "disagree":
        return bool(window.disagreeing)
    if kind == "unsure":
        return window.prediction is not None and not window.prediction.emotion.sure
    return window.prediction is None


def _why(kind: str, window: Window) -> str:
    if kind == "disagree" and window.prediction is not None:
        return safe(window.prediction.agreement_in_words(), 80)
    if kind == "silent":
        return safe(" ".join(window.warnings), 80)
    return safe(window.prediction.sentence(), 80) if window.prediction is not None else ""


def _answer(window: Window) -> tuple[str, float]:
    if window.prediction is None:
        return "", 0.0
    return window.prediction.emotion.label, window.prediction.emotion.confidence


def moments(timeline: Timeline) -> list[str]:
    """Peaks and disagreements in words."""
    found: list[tuple[float, str]] = [
        (p.start, say("timeline-peak", start=p.start, end=p.end, label=p.label, share=p.probability))
        for p in timeline.peaks()
    ]
    for start, end, pair in timeline.disagreements():
        first, second = pair.split("+")
        found.append((start, say("timeline-clash", start=start, end=end, first=first, second=second)))
    return [words for _, words in sorted(found)]


def timeline_cues(timeline: Timeline) -> list[tuple[float, float, str]]:
    """Start, end and words of a subtitle for the middle of each window that has an answer."""
    cues: list[tuple[float, float, str]] = []
    half = timeline.hop / 2
    for window in timeline.answered:
        label, confidence = _answer(window)
        assert window.prediction is not None
        sure = "yes" if window.prediction.emotion.sure else "no"
        words = say("timeline-cue", label=label, share=confidence, sure=sure)
        start, end = max(0.0, window.middle - half), window.middle + half
        cues.append((start, end, words))
    return cues


def timeline_page(timeline: Timeline) -> str:
    """The whole record as one self-contained HTML page, without the film."""
    from mm_core.figures.page import render  # Plotly's own script, 5 MB, is read by those who ask for a page

    kicker = say("timeline-kicker", created=timeline.created)
    return render(
        "timeline.html.jinja",
        timeline.sentence(),
        {"kicker": kicker, "moments": say("timeline-moments")},
        figure=timeline_chart(timeline),
        moments=moments(timeline),
        notices=timeline.notices,
        rows=record_rows(timeline),
    )


def record_rows(timeline: Timeline) -> list[tuple[str, str]]:
    """Where a record comes from, in words."""
    return [
        (say("report-row", row="model"), ", ".join(timeline.model.get(part, "") for part in ("name", "hash"))),
        (say("timeline-row", row="windows"), say("timeline-windows", length=timeline.length, hop=timeline.hop)),
        (say("timeline-row", row="reference"), say("timeline-reference", reference=timeline.reference)),
        (say("timeline-row", row="words"), say("timeline-words", words=timeline.words)),
        (say("report-row", row="made"), timeline.created),
        (say("report-row", row="versions"), ", ".join(f"{k} {v}" for k, v in timeline.versions.items())),
    ]
