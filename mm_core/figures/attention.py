"""Attention between modalities: the matrix of a pair, from or to one unit, and what each head does."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mm_core.evidence import Evidence
from mm_core.explain.attention_dependence import HARDLY, distributions, query_dependence
from mm_core.explain.records import Segments
from mm_core.figures.figure import Figure, safe
from mm_core.figures.heatmap import Heatmap, attended_heatmap, attention_heatmap
from mm_core.figures.maps import map_figure
from mm_core.figures.palette import AMOUNT_SCALE, INK, MODALITY_COLOURS, SHARED, SIGNED_SCALE
from mm_core.figures.theme import SMALL, add_points, bar_height, empty, make_selectable, styled
from mm_core.locale import say

_MOST_TICKS = 16
"""Labels along an axis that stay legible at 360 px."""

_NAMED_CELLS = 4000
"""Cells of a matrix up to which each is named when pointed at and can be chosen; more would make a browser slow."""

_NINE_TENTHS = 0.9

_SIGNED = "+.2%"
"""d3 format of a difference in attention."""


def attention_matrix(
    evidence: Evidence,
    query: str,
    key: str,
    layer: int | None = None,
    head: int | None = None,
    selectable: bool = False,
    difference: bool = False,
) -> Figure:
    """How much each unit of ``query`` (rows) attends to each of ``key`` (columns); the mean over layers and heads
    that are not named. ``difference``: from the mean of all rows instead, which shows what a row has of its own. With
    ``selectable`` clear points lie on the cells whose customdata is (row, column)."""
    drawn = "difference" if difference else "attention"
    title = say("attention-title", drawn=drawn, query=query, key=key, which=_which(layer, head))
    grid = evidence.attention_between(query, key, layer, head)
    if grid is None:
        return Figure(title, empty(), say("attention-none-between"), ())
    rows, columns = evidence.units[query], evidence.units[key]
    depends = dependence_words(grid)
    if difference:
        grid = grid - grid.mean(0)
    high = float(np.abs(grid).max()) if grid.size else 1.0
    most = f"{100 * high:.0f}%" if high >= 0.01 else f"{100 * high:.1g}%"
    ticks = {
        -high: say("attention-less", amount=most),
        0: say("attention-as-mean"),
        high: say("attention-more", amount=most),
    }
    plot = go.Figure(
        go.Heatmap(
            z=grid.round(5).tolist(),
            zmin=-high if difference else 0,
            zmax=high,
            colorscale=SIGNED_SCALE if difference else AMOUNT_SCALE,
            colorbar={
                "orientation": "h", "thickness": 8, "len": 0.8, "y": -0.02, "yanchor": "top",
                "tickvals": list(ticks) if difference else [0, high],
                "ticktext": list(ticks.values()) if difference else [say("attention-none"), most],
                "tickfont": {"size": SMALL}, "outlinewidth": 0,
            },
            hovertemplate=f"{query} %{{y}} → {key} %{{x}}: %{{z:{_SIGNED if difference else '.1%'}}}<extra></extra>",
        )
    )  # fmt: skip
    if grid.size <= _NAMED_CELLS:
        named = [[f"{_name(rows, q)} → {_name(columns, k)}" for k in range(len(columns))] for q in range(len(rows))]
        shown = _SIGNED if difference else ".1%"
        plot.update_traces(text=named, hovertemplate=f"%{{text}}: %{{z:{shown}}}<extra></extra>")
    if selectable and grid.size <= _NAMED_CELLS:
        cells = [(q, k) for q in range(len(rows)) for k in range(len(columns))]
        add_points(
            plot,
            [k for _, k in cells],
            [q for q, _ in cells],
            [list(cell) for cell in cells],
            size=12,
            text=[f"{_name(rows, q)} → {_name(columns, k)}: {100 * grid[q, k]:.1f}%" for q, k in cells],
            hovertemplate="%{text}<extra></extra>",
        )
        make_selectable(plot)
    styled(
        plot,
        min(max(260, 16 * len(rows) + 150), 620),
        xaxis={**unit_ticks(columns, f"attended: {key}", "top"), "range": [-0.5, len(columns) - 0.5]},
        yaxis={**unit_ticks(rows, f"attending: {query}", "left"), "range": [len(rows) - 0.5, -0.5]},
    )
    reading = say("attention-reading", drawn=drawn, query=query, key=key, dependence=depends)
    table = tuple(
        {
            query: rows.labels[q],
            key: columns.labels[k],
            drawn: float(grid[q, k]),
        }
        for q in range(len(rows))
        for k in range(len(columns))
    )
    return Figure(title, plot, reading, table)


def attention_from(
    evidence: Evidence,
    query: str,
    unit: int,
    key: str,
    layer: int | None = None,
    head: int | None = None,
    selectable: bool = False,
) -> Figure:
    """What one word, patch or moment attends to, drawn over the words, the picture or the spectrogram of ``key``."""
    heatmap = attention_heatmap(evidence, query, unit, key, layer, head)
    title = say("attention-from-title", unit=quoted(evidence, query, unit), key=key, which=_which(layer, head))
    if heatmap is None:
        return Figure(title, empty(), say("attention-none-between"), ())
    return map_figure(evidence, key, heatmap, title, selectable)


def attention_to(
    evidence: Evidence,
    key: str,
    unit: int,
    query: str,
    layer: int | None = None,
    head: int | None = None,
    selectable: bool = False,
) -> Figure:
    """Who attends to one word, patch or moment, drawn over the words, the picture or the spectrogram of ``query``."""
    heatmap = attended_heatmap(evidence, key, unit, query, layer, head)
    title = say("attention-to-title", query=query, unit=quoted(evidence, key, unit), which=_which(layer, head))
    if heatmap is None:
        return Figure(title, empty(), say("attention-none-between"), ())
    return map_figure(evidence, query, heatmap, title, selectable)


def attention_choice(evidence: Evidence, modality: str, unit: int | None = None) -> Figure:
    """The words, the picture or the sound to choose a unit from, with the chosen one framed and nothing shaded."""
    heatmap = Heatmap(np.zeros(len(evidence.units[modality])), "attention", signed=False, chosen=unit)
    title = (
        say("attention-choose", modality=modality)
        if unit is None
        else say("attention-chosen", unit=quoted(evidence, modality, unit))
    )
    figure = map_figure(evidence, modality, heatmap, title, selectable=True)
    return replace(figure, reading=say("attention-choose-reading", modality=modality), table=())


def attention_heads(evidence: Evidence, query: str, key: str) -> Figure:
    """Entropy and reach of each layer's heads between two modalities, both from 0 (one unit) to 1 (all alike)."""
    title = say("heads-title", query=query, key=key)
    maps = evidence.attention.get((query, key))
    if maps is None:
        return Figure(title, empty(), say("attention-none-between"), ())
    layers, heads = maps.shape[:2]
    names, spread, reached = [], [], []
    for layer in range(layers):
        for head in range(heads):
            grid = evidence.attention_between(query, key, layer, head)
            assert grid is not None
            names.append(_which(layer, head)[2:-1])
            spread.append(entropy(grid))
            reached.append(reach(grid))
    plot = go.Figure()
    for index, name in enumerate(names):
        plot.add_shape(
            type="line",
            x0=reached[index],
            x1=spread[index],
            y0=name,
            y1=name,
            line={"color": SHARED, "width": 1},
            layer="below",
        )
    plot.add_scatter(
        x=spread, y=names, mode="markers", name=say("head-entropy"),
        marker={"size": 12, "color": MODALITY_COLOURS[key]},
        hovertemplate="%{y}: " + say("head-entropy") + " %{x:.2f}<extra></extra>",
    )  # fmt: skip
    plot.add_scatter(
        x=reached, y=names, mode="markers", name=say("head-reach"),
        marker={"size": 11, "symbol": "diamond-open", "color": INK, "line": {"width": 2}},
        hovertemplate="%{y}: " + say("head-reach") + " %{x:.2f}<extra></extra>",
    )  # fmt: skip
    styled(
        plot,
        bar_height(len(names), 90),
        xaxis={
            "range": [-0.03, 1.03],
            "tickvals": [0, 0.5, 1],
            "ticktext": [say("head-end", end=end) for end in ("one", "half", "all")],
        },
        margin={"r": 44},
        yaxis={"autorange": "reversed"},
    )
    reading = say("heads-reading")
    table = tuple({"head": name, "entropy": e, "reach": r} for name, e, r in zip(names, spread, reached, strict=True))
    return Figure(title, plot, reading, table)


def entropy(grid: NDArray[np.float64]) -> float:
    """Mean over rows of the entropy of (U_query, U_key) attention, divided by log U_key: 0 where all goes to one
    unit, 1 where it is spread evenly. Rows are renormalised; a row without attention is left out."""
    if grid.shape[1] < 2:
        return 0.0
    rows = distributions(grid)
    logs = np.log(rows, out=np.zeros_like(rows), where=rows > 0)
    return float(-(rows * logs).sum(1).mean() / math.log(grid.shape[1])) if len(rows) else 0.0


def reach(grid: NDArray[np.float64]) -> float:
    """Mean over rows of the smallest share of units that together take nine tenths of the attention."""
    rows = -np.sort(-distributions(grid), axis=1)
    if not len(rows):
        return 0.0
    needed = (rows.cumsum(1) < _NINE_TENTHS - 1e-9).sum(1) + 1
    return float(needed.mean() / grid.shape[1])


def dependence_words(grid: NDArray[np.float64]) -> str:
    """Whether attention (U_query, U_key) answers the question asked: a sentence with the measured share."""
    found = query_dependence(grid)
    if found is None:
        return say("attention-dependence-unmeasured")
    return say("attention-dependence", share=found.share, hardly="yes" if found.share < HARDLY else "no")


def _name(units: Segments, index: int) -> str:
    return safe(units.labels[index], 30)


def quoted(evidence: Evidence, modality: str, unit: int) -> str:
    """A word in quotes, or where a patch or moment lies."""
    label = evidence.units[modality].labels[unit]
    label = label if len(label) <= 30 else label[:29] + "…"
    return say("unit-quoted", modality=modality, label=label)


def _which(layer: int | None, head: int | None) -> str:
    parts = [] if layer is None else [say("attention-layer", layer=str(layer + 1))]
    parts += [] if head is None else [say("attention-head", head=str(head + 1))]
    return f" ({', '.join(parts)})" if parts else ""


def unit_ticks(units: Segments, title: str, side: str) -> dict[str, object]:
    """An axis of units that stays legible: words, times of moments, rows of patches."""
    step = math.ceil(len(units) / _MOST_TICKS)
    if units.grid is not None:
        step = units.grid[1]  # one label a row of patches
    places = list(range(0, len(units), max(step, 1)))
    if units.modality == "text":
        words = [safe(units.labels[i], 12) for i in places]
    elif units.modality == "audio":
        words = [f"{units.spans[i, 0]:.1f} s" for i in places]
    else:
        words = [say("unit-row", number=i // step + 1) for i in places]
    return {
        "tickvals": places,
        "ticktext": words,
        "title": title,
        "side": side,
        "showgrid": False,
        "tickfont": {"size": SMALL},
        "tickangle": -60 if side == "top" else 0,
    }
