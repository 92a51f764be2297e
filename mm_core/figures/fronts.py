"""What designs cost against what they achieve: the drawing that strategies and smaller models share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from mm_core.evaluation.pareto import on_front
from mm_core.evaluation.records import Estimate
from mm_core.figures.figure import Row
from mm_core.figures.intervals import estimate_cells
from mm_core.figures.palette import ACCENT, SHARED
from mm_core.figures.theme import SMALL, styled

_ROOM: Final = 0.25
"""Share of the cost axis that a name takes."""


@dataclass(frozen=True)
class Design:
    """One design. name: plain text (already safe). kind: what stands in the legend, empty for none. cost: the lower
    the better. estimate: what it achieves. symbol: Plotly's."""

    name: str
    cost: float
    estimate: Estimate
    kind: str = ""
    symbol: str = "circle"


def front_plot(
    designs: Sequence[Design], cost: Mapping[str, Any], achieved: str, less_is_better: bool = False
) -> tuple[go.Figure, list[bool]]:
    """A scatter of designs and which of them lie on the Pareto front: those are coloured, joined by a line and, where
    there is room, named.

    cost: the lower axis, with its title. achieved: the upright axis in words.
    """
    sign = -1 if less_is_better else 1
    kept = on_front([d.cost for d in designs], [sign * d.estimate.value for d in designs])
    line = sorted((d.cost, d.estimate.value) for d, on in zip(designs, kept, strict=True) if on)
    plot = go.Figure()
    plot.add_scatter(
        x=[x for x, _ in line],
        y=[y for _, y in line],
        mode="lines",
        line={"color": ACCENT, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )
    seen: set[str] = {""}
    sides = _sides([x for x, _ in line], cost.get("type") == "log")
    for design, on in zip(designs, kept, strict=True):
        colour = ACCENT if on else SHARED
        side = sides[design.cost] if on else ""
        if design.estimate.interval is not None:
            plot.add_scatter(
                x=[design.cost] * 2, y=design.estimate.interval, mode="lines", line={"color": colour, "width": 1.5},
                legendgroup=design.kind, hoverinfo="skip", showlegend=False,
            )  # fmt: skip
        plot.add_scatter(
            x=[design.cost],
            y=[design.estimate.value],
            mode="markers+text" if side else "markers",
            text=[design.name],
            textposition=f"{side} center" if side else None,
            textfont={"size": SMALL},
            cliponaxis=False,
            name=design.kind,
            legendgroup=design.kind,
            showlegend=design.kind not in seen,
            marker={"size": 11, "color": colour, "symbol": design.symbol, "line": {"width": 2, "color": colour}},
            hovertemplate=f"{design.name}: %{{y:.3f}} at %{{x:,.4~g}}<extra></extra>",
        )
        seen.add(design.kind)
    return styled(plot, 380, xaxis={"nticks": 6, **cost}, yaxis={"title": achieved, "nticks": 6}), kept


def _sides(costs: Sequence[float], powers: bool) -> dict[float, str]:
    """Where the name of each point of the front, in rising order of cost, has room: top, bottom or (empty) nowhere.

    powers: whether the cost axis is one of powers of ten; else it starts at 0.
    """
    at = [math.log10(cost) for cost in costs] if powers else costs
    room = _ROOM * (at[-1] - (at[0] if powers else 0.0))
    sides: dict[float, str] = {}
    last = {"top": -math.inf, "bottom": -math.inf}
    for cost, place in zip(costs, at, strict=True):
        sides[cost] = next((side for side, before in last.items() if place - before >= room), "")
        if sides[cost]:
            last[sides[cost]] = place
    return sides


def design_row(design: Design, on: bool, cost: str, achieved: str) -> Row:
    """A design as a row of a figure's table."""
    return {
        "name": design.name,
        cost: design.cost,
        **{achieved if key == "value" else key: cell for key, cell in estimate_cells(design.estimate).items()},
        "on the front": on,
    }
