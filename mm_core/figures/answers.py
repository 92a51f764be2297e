"""What the model answers: probabilities of the classes, and whether the modalities agree."""

from __future__ import annotations

import plotly.graph_objects as go

from mm_core.figures.figure import Figure, safe
from mm_core.figures.palette import ACCENT, FAINT, INK, SHARED, faded
from mm_core.figures.theme import bar_height, styled
from mm_core.locale import percent, say, task_kind
from mm_core.prediction import Prediction

_LABEL_ROOM = 1.16
"""The axis reaches past 1 so that "100%" fits beside a full bar."""


def probability_bars(prediction: Prediction, task: str = "emotion", before: Prediction | None = None) -> Figure:
    """Calibrated probabilities of a task's classes, the likeliest on top.

    task: ``emotion`` or ``sentiment``. before: another answer to compare with (of a what-if), drawn as open marks.
    """
    answer = prediction.answers[task]
    earlier = None if before is None else before.answers[task]
    labels = sorted(answer.probabilities, key=lambda label: answer.probabilities[label])  # Plotly draws upwards
    shown = [safe(label) for label in labels]
    values = [answer.probabilities[label] for label in labels]
    plot = go.Figure(
        go.Bar(
            x=values,
            y=shown,
            orientation="h",
            name=say("answer-now") if earlier else task,
            marker={"color": [ACCENT if label == answer.label else faded(ACCENT, 0.45) for label in labels]},
            text=[_strong(percent(v), label == answer.label) for label, v in zip(labels, values, strict=True)],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
            showlegend=earlier is not None,
        )
    )
    reading = say("probabilities-reading", task=task_kind(task, labels))
    if earlier is not None:
        plot.add_trace(
            go.Scatter(
                x=[earlier.probabilities[label] for label in labels],
                y=shown,
                mode="markers",
                name=say("answer-before"),
                marker={"symbol": "line-ns", "size": 18, "line": {"width": 3, "color": INK}},
                hovertemplate=say("before-hover", name="%{y}", share="%{x:.1%}") + "<extra></extra>",
            )
        )
        reading += " " + say("before-reading")
    ticks = [_strong(name, label == answer.label) for name, label in zip(shown, labels, strict=True)]
    styled(
        plot,
        bar_height(len(labels), 50 if earlier else 24),
        xaxis={"range": [0, _LABEL_ROOM], "visible": False},
        yaxis={"tickvals": shown, "ticktext": ticks},
        showlegend=earlier is not None,
    )
    table = tuple(
        {"class": label, "probability": answer.probabilities[label]}
        | ({} if earlier is None else {"before": earlier.probabilities[label]})
        for label in reversed(labels)
    )
    return Figure(say("probabilities-title", task=task_kind(task, labels)), plot, reading, table)


def agreement_bars(prediction: Prediction) -> Figure:
    """For each pair of present modalities the probability that both express the same emotion."""
    pairs = list(reversed(prediction.agreement))
    values = [prediction.agreement[pair] for pair in pairs]
    said = [prediction.said[pair] for pair in pairs]
    words = [f"{percent(v)}: {_said(one)}" for v, one in zip(values, said, strict=True)]
    plot = go.Figure(
        go.Bar(
            x=values,
            y=[_named(pair) for pair in pairs],
            orientation="h",
            marker={"color": [SHARED if one == "agree" else faded(SHARED, 0.45) for one in said]},
            text=words,
            textposition=["inside" if v > 0.6 else "outside" for v in values],
            insidetextfont={"color": "#ffffff"},
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    styled(
        plot,
        bar_height(max(len(pairs), 2), 64),
        xaxis={"range": [0, 1.001], "tickformat": ".0%", "tickvals": [0, 0.5, 1], "gridcolor": FAINT},
    )
    table = tuple(
        {"pair": pair, "probability of the same emotion": prediction.agreement[pair], "said": _said(one)}
        for pair, one in zip(reversed(pairs), reversed(said), strict=True)
    )
    reading = say("agreement-bars-reading")
    return Figure(say("agreement-bars-title"), plot, reading, table)


def _named(pair: str) -> str:
    return safe(pair.replace("+", " and "))


def _strong(text: str, chosen: bool) -> str:
    return f"<b>{text}</b>" if chosen else text


def _said(verdict: str) -> str:
    return say("agreement-verdict", verdict=verdict)
