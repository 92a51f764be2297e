"""Measured figures with their 95 % intervals, one a row: the drawing that metrics, slices and scores share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from mm_core.figures.figure import Row, with_interval
from mm_core.figures.palette import INK
from mm_core.figures.theme import SMALL, styled

_ROW = 46
"""Pixels of one row: the dot with its interval, the figure written above."""


@dataclass(frozen=True)
class Measured:
    """One measured figure. name: the row's, plain text (already safe). colour: of its dot. figure: ``value``,
    ``low`` and ``high``. n: cases, None where it is not known. hollow: for a baseline beside the real thing."""

    name: str
    colour: str
    figure: Mapping[str, float]
    n: int | None = None
    hollow: bool = False

    def row(self) -> Row:
        """As a row of a figure's table."""
        return {"name": self.name, **{key: self.figure[key] for key in ("value", "low", "high")}, "n": self.n}


def interval_plot(measured: Sequence[Measured], axis: str, least: float = 0.0, most: float = 1.0) -> go.Figure:
    """Dots with intervals from top to bottom, the figure above each; ``least`` and ``most`` are the axis's ends,
    which give way to figures beyond them."""
    names = [f"{m.name}<br><sub>n = {m.n:,}</sub>" if m.n is not None else m.name for m in measured]
    plot = go.Figure()
    for index, m in enumerate(measured):
        value, low, high = (float(m.figure[key]) for key in ("value", "low", "high"))
        plot.add_scatter(
            x=[value],
            y=[index],
            mode="markers+text",
            marker={
                "size": 11,
                "color": m.colour,
                "symbol": "circle-open" if m.hollow else "circle",
                "line": {"width": 2, "color": m.colour},
            },
            error_x={
                "array": [high - value],
                "arrayminus": [value - low],
                "color": m.colour,
                "thickness": 3,
                "width": 0,
            },
            text=[with_interval(value, low, high)],
            textposition="top center",
            textfont={"size": SMALL, "color": INK},
            cliponaxis=False,
            hovertemplate=f"{m.name}: {with_interval(value, low, high)}<extra></extra>",
            showlegend=False,
        )
    ends = [float(m.figure[key]) for m in measured for key in ("low", "high")]
    first, last = min([least, *ends]), max([most, *ends])
    return styled(
        plot,
        _ROW * len(measured) + 66,
        xaxis={"range": [first - 0.02 * (last - first), last + 0.02 * (last - first)], "title": axis, "nticks": 6},
        yaxis={
            "tickvals": list(range(len(measured))),
            "ticktext": names,
            "range": [len(measured) - 0.45, -0.75],
            "showgrid": False,
        },
    )
