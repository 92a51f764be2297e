"""What designs cost against what they achieve: the drawing that strategies and smaller models share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from mm_core.evaluation.pareto import on_front
from mm_core.figures.figure import Row
from mm_core.figures.palette import ACCENT, SHARED
from mm_core.figures.theme import SMALL, styled


@dataclass(frozen=True)
class Design:
    """One design. name: plain text (already safe). kind: what stands in the legend, empty for none. cost: the lower
    the better. figure: what it achieves, ``value``, ``low`` and ``high``. symbol: Plotly's."""

    name: str
    cost: float
    figure: Mapping[str, float]
    kind: str = ""
    symbol: str = "circle"


def front_plot(
    designs: Sequence[Design], cost: Mapping[str, Any], achieved: str, less_is_better: bool = False
) -> tuple[go.Figure, list[bool]]:
    """A scatter of designs and which of them lie on the Pareto front: those are coloured, named and joined by a line.

    cost: the lower axis, with its title. achieved: the upright axis in words.
    """
    sign = -1 if less_is_better else 1
    kept = on_front([d.cost for d in designs], [sign * d.figure["value"] for d in designs])
    line = sorted((d.cost, d.figure["value"]) for d, on in zip(designs, kept, strict=True) if on)
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
    # Names of neighbours on the front stand above and below in turns, so that fewer run into each other.
    turns = {place: index % 2 for index, place in enumerate(line)}
    for design, on in zip(designs, kept, strict=True):
        colour = ACCENT if on else SHARED
        value, low, high = (float(design.figure[key]) for key in ("value", "low", "high"))
        plot.add_scatter(
            x=[design.cost],
            y=[value],
            mode="markers+text" if on else "markers",
            text=[design.name],
            textposition="bottom center" if turns.get((design.cost, value)) else "top center",
            textfont={"size": SMALL},
            cliponaxis=False,
            name=design.kind,
            legendgroup=design.kind,
            showlegend=design.kind not in seen,
            marker={"size": 11, "color": colour, "symbol": design.symbol, "line": {"width": 2, "color": colour}},
            error_y={
                "array": [high - value],
                "arrayminus": [value - low],
                "color": colour,
                "thickness": 1.5,
                "width": 3,
            },
            hovertemplate=f"{design.name}: %{{y:.3f}} at %{{x:,.4~g}}<extra></extra>",
        )
        seen.add(design.kind)
    return styled(plot, 380, xaxis={"nticks": 6, **cost}, yaxis={"title": achieved, "nticks": 6}), kept


def design_row(design: Design, on: bool, cost: str, achieved: str) -> Row:
    """A design as a row of a figure's table."""
    return {
        "name": design.name,
        cost: design.cost,
        achieved: design.figure["value"],
        "low": design.figure["low"],
        "high": design.figure["high"],
        "on the front": on,
    }
