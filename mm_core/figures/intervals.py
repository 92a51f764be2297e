"""Measured figures with their 95 % intervals, one a row: the drawing that metrics, slices and scores share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from mm_core.figures.figure import Row, decimal, with_interval
from mm_core.figures.palette import INK
from mm_core.figures.theme import SMALL, styled

_ROW = 46
"""Pixels of one row: the dot with its interval, the figure written above."""

_LOWEST = 140
"""Pixels of a chart of one row, whose axis and title need as much again."""


@dataclass(frozen=True)
class Measured:
    """One measured figure. name: the row's, plain text (already safe). colour: of its dot. figure: ``value``,
    ``low`` and ``high``. n: cases, None where it is not known. hollow: for a baseline beside the real thing. bare: a
    figure that came without an interval, such as one from a paper. digits: decimals."""

    name: str
    colour: str
    figure: Mapping[str, float]
    n: int | None = None
    hollow: bool = False
    bare: bool = False
    digits: int = 2

    def row(self) -> Row:
        """As a row of a figure's table."""
        return {"name": self.name, **{key: self.figure[key] for key in ("value", "low", "high")}, "n": self.n}

    def words(self) -> str:
        """The figure as it is written into a chart."""
        value, low, high = (float(self.figure[key]) for key in ("value", "low", "high"))
        return decimal(value, self.digits) if self.bare else with_interval(value, low, high, self.digits)


def interval_plot(measured: Sequence[Measured], axis: str, least: float = 0.0, most: float = 1.0) -> go.Figure:
    """Dots with intervals from top to bottom, name and figure in a line above each, so that the whole width is the
    axis's, on a phone too. ``least`` and ``most`` are the axis's ends, which give way to figures beyond them."""
    sizes = {m.n for m in measured}
    shared = sizes.pop() if len(sizes) == 1 else None
    plot = go.Figure()
    for index, m in enumerate(measured):
        value, low, high = (float(m.figure[key]) for key in ("value", "low", "high"))
        plot.add_scatter(
            x=[value],
            y=[index],
            mode="markers",
            marker={
                "size": 10,
                "color": m.colour,
                "symbol": "circle-open" if m.hollow else "circle",
                "line": {"width": 2, "color": m.colour},
            },
            error_x={
                "array": [high - value],
                "arrayminus": [value - low],
                "color": m.colour,
                "thickness": 3,
                "width": 5,
            },
            cliponaxis=False,
            hovertemplate=f"{m.name}: {m.words()}<extra></extra>",
            showlegend=False,
        )
        name = m.name if m.n is None or m.n == shared else f"{m.name}, n = {m.n:,}"
        for text, place, side in ((name, 0, "left"), (m.words(), 1, "right")):
            plot.add_annotation(
                text=text, xref="paper", x=place, y=index - 0.42, xanchor=side, yanchor="middle", showarrow=False,
                font={"size": SMALL + 1},
            )  # fmt: skip
    ends = [float(m.figure[key]) for m in measured for key in ("low", "high")]
    first, last = min([least, *ends]), max([most, *ends])
    if first < 0 < last:
        plot.add_vline(x=0, line={"color": INK, "width": 1}, layer="below")
    title = axis if shared is None else f"{axis}, n = {shared:,}"
    return styled(
        plot,
        max(_ROW * len(measured) + 66, _LOWEST),
        xaxis={"range": [first - 0.02 * (last - first), last + 0.02 * (last - first)], "title": title, "nticks": 6},
        yaxis={"visible": False, "range": [len(measured) - 0.6, -0.75]},
        margin={"l": 14, "r": 14},
    )
