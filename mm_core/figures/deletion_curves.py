"""Deletion and insertion curves of a map against the band of random orders."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from mm_core.explain.records import CHANCE_P, Faithfulness
from mm_core.figures.figure import Figure, Row
from mm_core.figures.heatmap import UNITS
from mm_core.figures.palette import FAINT, INK, MODALITY_COLOURS, SHARED
from mm_core.figures.theme import empty, note, styled

BAND = (5.0, 95.0)
"""Percentiles of the random orders between which the band lies."""


def faithfulness_curves(test: Faithfulness) -> Figure:
    """The class's probability while units are taken away (above) and put back (below) in the map's order."""
    units = UNITS[test.modality]
    title = f"Does the map of the {test.modality} beat chance?"
    if not test.testable:
        words = f"Not testable: there are too few {units} to tell this map from a random one."
        return Figure(title, empty(), words, ())
    share = test.steps / max(int(test.steps[-1]), 1)
    colour = MODALITY_COLOURS[test.modality] if test.better_than_chance else SHARED
    curves = (
        ("taken away", test.deletion, test.random_deletion, test.deletion_p, "lower is better"),
        ("put back", test.insertion, test.random_insertion, test.insertion_p, "higher is better"),
    )
    plot = make_subplots(
        rows=2,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.14,
        subplot_titles=[f"Best {units} {word}: {better}" for word, _, _, _, better in curves],
    )
    table: list[Row] = []
    for row, (word, curve, others, p, _) in enumerate(curves, start=1):
        decides = ", decides" if row == 1 else ""
        low, middle, high = np.percentile(others, [BAND[0], 50.0, BAND[1]], axis=0)
        _band(plot, row, share, low, high)
        plot.add_scatter(
            x=share.tolist(), y=middle.tolist(), mode="lines", name="random orders, median", legendgroup="random",
            line={"color": SHARED, "width": 1.5, "dash": "dot"}, showlegend=row == 1,
            hovertemplate="random: %{y:.1%}<extra></extra>", row=row, col=1,
        )  # fmt: skip
        plot.add_scatter(
            x=share.tolist(), y=curve.tolist(), mode="lines+markers", name="this map", legendgroup="map",
            line={"color": colour, "width": 3}, marker={"size": 6}, showlegend=row == 1,
            hovertemplate="%{x:.0%} " + word + ": %{y:.1%}<extra></extra>", row=row, col=1,
        )  # fmt: skip
        upper = row == 1
        plot.add_annotation(
            text=f"p = {p:.2f}{decides}", xref="x domain", yref="y domain", x=0.98, y=0.95 if upper else 0.05,
            xanchor="right", yanchor="top" if upper else "bottom", showarrow=False, row=row, col=1,
        )  # fmt: skip
        table.extend(
            {"curve": "deletion" if row == 1 else "insertion", "share": float(x), "probability": float(y),
             "random_5": float(a), "random_50": float(b), "random_95": float(c)}
            for x, y, a, b, c in zip(share, curve, low, middle, high, strict=True)
        )  # fmt: skip
    styled(plot, 500, margin={"t": 58}, legend={"y": -0.13, "yanchor": "top"})
    for annotation in plot.layout.annotations[:2]:
        annotation.update(x=0, xanchor="left", font={"size": 13, "color": INK})
    plot.update_yaxes(tickformat=".0%", range=[0, 1.02], nticks=4)
    plot.update_xaxes(tickformat=".0%", range=[0, 1.0], nticks=5)
    plot.update_xaxes(title=f"share of {units}", row=2, col=1)
    note(plot, test.verdict, y=1.07)
    return Figure(title, plot, _reading(test, units), tuple(table))


def _reading(test: Faithfulness, units: str) -> str:
    where = "with this input alone" if test.alone else "with the other inputs present"
    return (
        f"A map that is right makes {test.label} fall faster than the grey band of random orders when its top "
        f"{units} are taken away, and rise faster when they are put back ({where}); {both_tests(test)}."
    )


def both_tests(test: Faithfulness) -> str:
    """The one verdict on a map, and what each of its two tests found, in words."""
    if not test.testable:
        return f"verdict: {test.verdict}"
    taken, put_back = (_beaten(p) for p in (test.deletion_p, test.insertion_p))
    return f"verdict: {test.verdict}, as taking away decides, which {taken}; putting back, told beside it, {put_back}"


def _beaten(p: float) -> str:
    better = "beats random orders" if p < CHANCE_P else "does not beat random orders"
    needed = "" if p < CHANCE_P else f", where less than {CHANCE_P:g} is needed"
    return f"{better} (p = {p:.2f}{needed})"


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
        name="random orders, 5 to 95%",
        legendgroup="band",
        showlegend=row == 1,
        hoverinfo="skip",
        row=row,
        col=1,
    )
