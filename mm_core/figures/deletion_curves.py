"""Deletion and insertion curves of a map against the band of random orders."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from mm_core.explain.records import CHANCE_P, Faithfulness
from mm_core.figures.figure import Figure, Row
from mm_core.figures.heatmap import verdict_word
from mm_core.figures.palette import FAINT, INK, MODALITY_COLOURS, SHARED
from mm_core.figures.theme import empty, note, styled
from mm_core.locale import say

BAND = (5.0, 95.0)
"""Percentiles of the random orders between which the band lies."""


def faithfulness_curves(test: Faithfulness) -> Figure:
    """The class's probability while units are taken away (above) and put back (below) in the map's order."""
    title = say("deletion-title", modality=test.modality)
    if not test.testable:
        return Figure(title, empty(), say("deletion-not-testable", modality=test.modality), ())
    share = test.steps / max(int(test.steps[-1]), 1)
    colour = MODALITY_COLOURS[test.modality] if test.better_than_chance else SHARED
    curves = (
        ("deletion", test.deletion, test.random_deletion, test.deletion_p),
        ("insertion", test.insertion, test.random_insertion, test.insertion_p),
    )
    plot = make_subplots(
        rows=2,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.14,
        subplot_titles=[say("deletion-part", test=name, modality=test.modality) for name, *_ in curves],
    )
    table: list[Row] = []
    for row, (name, curve, others, p) in enumerate(curves, start=1):
        low, middle, high = np.percentile(others, [BAND[0], 50.0, BAND[1]], axis=0)
        _band(plot, row, share, low, high)
        plot.add_scatter(
            x=share.tolist(), y=middle.tolist(), mode="lines", name=say("random-median"), legendgroup="random",
            line={"color": SHARED, "width": 1.5, "dash": "dot"}, showlegend=row == 1,
            hovertemplate=say("random-hover", share="%{y:.1%}") + "<extra></extra>", row=row, col=1,
        )  # fmt: skip
        plot.add_scatter(
            x=share.tolist(), y=curve.tolist(), mode="lines+markers", name=say("this-map"), legendgroup="map",
            line={"color": colour, "width": 3}, marker={"size": 6}, showlegend=row == 1,
            hovertemplate=say("deletion-hover", test=name, share="%{x:.0%}", left="%{y:.1%}") + "<extra></extra>",
            row=row, col=1,
        )  # fmt: skip
        upper = row == 1
        plot.add_annotation(
            text=say("deletion-p", test=name, p=f"{p:.2f}"), xref="x domain", yref="y domain",
            x=0.98, y=0.95 if upper else 0.05,
            xanchor="right", yanchor="top" if upper else "bottom", showarrow=False, row=row, col=1,
        )  # fmt: skip
        table.extend(
            {"curve": name, "share": float(x), "probability": float(y),
             "random_5": float(a), "random_50": float(b), "random_95": float(c)}
            for x, y, a, b, c in zip(share, curve, low, middle, high, strict=True)
        )  # fmt: skip
    styled(plot, 500, margin={"t": 58}, legend={"y": -0.13, "yanchor": "top"})
    for annotation in plot.layout.annotations[:2]:
        annotation.update(x=0, xanchor="left", font={"size": 13, "color": INK})
    plot.update_yaxes(tickformat=".0%", range=[0, 1.02], nticks=4)
    plot.update_xaxes(tickformat=".0%", range=[0, 1.0], nticks=5)
    plot.update_xaxes(title=say("deletion-axis", modality=test.modality), row=2, col=1)
    note(plot, verdict_word(test.verdict), y=1.07)
    return Figure(title, plot, _reading(test), tuple(table))


def _reading(test: Faithfulness) -> str:
    return say(
        "deletion-reading",
        label=test.label,
        modality=test.modality,
        alone="yes" if test.alone else "no",
        verdict=both_tests(test),
    )


def both_tests(test: Faithfulness) -> str:
    """The one verdict on a map, and what each of its two tests found, in words."""
    if not test.testable:
        return say("deletion-verdict", verdict=verdict_word(test.verdict))
    taken, put_back = (_beaten(p) for p in (test.deletion_p, test.insertion_p))
    return say("deletion-both-verdicts", verdict=verdict_word(test.verdict), taken=taken, back=put_back)


def _beaten(p: float) -> str:
    beats = "yes" if p < CHANCE_P else "no"
    return say("beats-random", beats=beats, p=f"{p:.2f}", needed=f"{CHANCE_P:g}")


def _band(
    plot: go.Figure, row: int, share: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> None:
    plot.add_scatter(
        x=[*share.tolist(), *share[::-1].tolist()],
        y=[*high.tolist(), *low[::-1].tolist()],
        mode="lines",
        fill="toself",
        fillcolor=FAINT,
        line={"width": 0},
        name=say("random-band"),
        legendgroup="band",
        showlegend=row == 1,
        hoverinfo="skip",
        row=row,
        col=1,
    )
