"""Estimates with their 95 % intervals, one a row: the drawing that metrics, slices and scores share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from mm_core.evaluation.records import Estimate
from mm_core.figures.figure import Row
from mm_core.figures.palette import INK
from mm_core.figures.theme import SMALL, styled
from mm_core.locale import decimal

_ROW = 46
"""Pixels of one row: the dot with its interval, the estimate written above."""

_LOWEST = 140
"""Pixels of a chart of one row, whose axis and title need as much again."""


@dataclass(frozen=True)
class Measured:
    """One estimate. name: the row's, plain text (already safe). colour: of its dot. n: cases, None where it is not
    known. hollow: for a baseline beside the real thing. bare: one of which nobody expects an interval, such as a
    paper's. digits: decimals."""

    name: str
    colour: str
    estimate: Estimate
    n: int | None = None
    hollow: bool = False
    bare: bool = False
    digits: int = 2

    def row(self) -> Row:
        """As a row of a figure's table."""
        return {"name": self.name, **estimate_cells(self.estimate), "n": self.n}

    def words(self) -> str:
        """The estimate as it is written into a chart."""
        return decimal(self.estimate.value, self.digits) if self.bare else self.estimate.words(self.digits)

    @property
    def ends(self) -> tuple[float, ...]:
        """The numbers that an axis must hold: the value, and the ends of its interval where there is one."""
        return (self.estimate.value, *(self.estimate.interval or ()))


def estimate_cells(estimate: Estimate) -> dict[str, float | None]:
    """An estimate as cells of a table's row."""
    low, high = estimate.interval or (None, None)
    return {"value": estimate.value, "low": low, "high": high}


def interval_plot(measured: Sequence[Measured], axis: str, least: float = 0.0, most: float = 1.0) -> go.Figure:
    """Dots with intervals from top to bottom, name and estimate in a line above each, so that the whole width is the
    axis's, on a phone too. ``least`` and ``most`` are the axis's ends, which give way to values beyond them."""
    sizes = {m.n for m in measured}
    shared = sizes.pop() if len(sizes) == 1 else None
    plot = go.Figure()
    for index, m in enumerate(measured):
        if m.estimate.interval is not None:  # a line of its own: a percentile interval need not contain the value
            plot.add_scatter(
                x=m.estimate.interval,
                y=[index, index],
                mode="lines+markers",
                line={"color": m.colour, "width": 3},
                marker={"symbol": "line-ns", "size": 10, "line": {"color": m.colour, "width": 3}},
                cliponaxis=False,
                hoverinfo="skip",
                showlegend=False,
            )
        plot.add_scatter(
            x=[m.estimate.value],
            y=[index],
            mode="markers",
            marker={
                "size": 10,
                "color": m.colour,
                "symbol": "circle-open" if m.hollow else "circle",
                "line": {"width": 2, "color": m.colour},
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
    ends = [end for m in measured for end in m.ends]
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
