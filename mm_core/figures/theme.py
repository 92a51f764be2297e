"""One Plotly template for every figure: transparent, system fonts, legible at 360 px, light and dark alike.

Nothing can be dragged or zoomed unless a figure asks for it, so that a finger scrolls the page and not the chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from mm_core.figures.palette import ACCENT, FAINT, INK, SHARED, SIGNED_SCALE
from mm_core.locale import say

FONT: Final = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif'
FONT_SIZE: Final = 13
"""Pixels; a chart's text is never smaller than SMALL."""

SMALL: Final = 11
"""Pixels of marks inside a chart."""

ROW: Final = 30
"""Pixels of one horizontal bar with the space around it."""


def _rgb(colour: str) -> str:
    """``#rrggbb`` as browsers write it into a style."""
    return "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


_INKED: Final = f'.js-plotly-plot text[style*="{_rgb(INK)}"]'

INK_CSS: Final = f"""
{_INKED} {{ fill: var(--figure-ink, #3b4250) !important; }}
@media (prefers-color-scheme: dark) {{ {_INKED} {{ fill: var(--figure-ink, #d3d8e0) !important; }} }}
.dark {_INKED} {{ fill: var(--figure-ink, #d3d8e0) !important; }}
"""
"""Optional style sheet for a page of figures, which read on any ground without it and sharper with it: text in INK
follows the system's light or dark, or an ancestor of class ``dark``; ``--figure-ink`` overrules both."""

_STRONG_CELL: Final = 0.55
"""Share of a scale's end from which a cell is dark enough for white text."""

_CLEAR: Final = "rgba(0,0,0,0)"

_BUTTONS: Final = (
    "zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d", "resetScale2d", "toImage",
)  # fmt: skip


def _template() -> go.layout.Template:
    axis = {
        "automargin": True,
        "fixedrange": True,
        "gridcolor": FAINT,
        "linecolor": FAINT,
        "tickcolor": _CLEAR,
        "zeroline": False,
        "title": {"standoff": 8, "font": {"size": FONT_SIZE}},
        "ticks": "outside",
        "ticklen": 6,
    }
    layout = go.Layout(
        font={"family": FONT, "size": FONT_SIZE, "color": INK},
        paper_bgcolor=_CLEAR,
        plot_bgcolor=_CLEAR,
        colorway=[ACCENT, SHARED],
        margin={"l": 8, "r": 12, "t": 16, "b": 8, "autoexpand": True},
        xaxis=axis,
        yaxis=axis,
        dragmode=False,
        hovermode="closest",
        hoverlabel={
            "font": {"family": FONT, "size": FONT_SIZE, "color": "#ffffff"},
            "bgcolor": "#3b4250",
            "align": "left",
        },
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "bgcolor": _CLEAR,
        },
        modebar={"remove": list(_BUTTONS), "bgcolor": _CLEAR},
        coloraxis={"colorscale": SIGNED_SCALE, "cmid": 0},
        bargap=0.35,
        uniformtext={"minsize": SMALL, "mode": "show"},
    )
    return go.layout.Template(layout=layout)


TEMPLATE: Final = _template()


def styled(plot: go.Figure, height: int, **layout: Any) -> go.Figure:
    """Give a figure the house's template, its height in pixels and further layout; the width is its container's."""
    plot.update_layout(template=TEMPLATE, height=height, autosize=True, **layout)
    return plot


def bar_height(rows: int, extra: int = 60) -> int:
    """Pixels of a chart of horizontal bars, ``extra`` of them for axis and legend."""
    return rows * ROW + extra


def symmetric(values: Sequence[float], least: float = 1e-9, room: float = 1.0) -> tuple[float, float]:
    """A range centred on 0 that holds all values, ``room`` times as wide."""
    reach = max([least, *(abs(float(v)) for v in values)]) * room
    return -reach, reach


def write_cells(
    plot: go.Figure, texts: Sequence[Sequence[str]], strengths: Sequence[Sequence[float]], rows: Sequence[str]
) -> None:
    """Write into the cells of a heat map whose columns are 0, 1, ...: white on strong colour, else as all text.

    Plotly's own choice looks at the colour without its clearness, and writes black on a dark page; and notes in
    place of these texts would catch the clicks on the cells.
    """
    cells = [(row, column) for row in range(len(rows)) for column in range(len(texts[row]))]
    for strong, colour in ((False, INK), (True, "#ffffff")):
        chosen = [(r, c) for r, c in cells if (abs(strengths[r][c]) > _STRONG_CELL) == strong]
        plot.add_scatter(
            x=[column for _, column in chosen],
            y=[rows[row] for row, _ in chosen],
            text=[texts[row][column] for row, column in chosen],
            mode="text",
            textfont={"size": SMALL + 1, "color": colour},
            hoverinfo="skip",
            showlegend=False,
            unselected={"textfont": {"color": colour}},
        )


def add_points(
    plot: go.Figure, x: Sequence[float], y: Sequence[object], customdata: Sequence[Sequence[object]], **trace: Any
) -> None:
    """Lay clear points over a chart: they carry the hover text and, where a page offers choosing, what was chosen.
    Streamlit returns no selection from heat maps."""
    size = trace.pop("size", 24)
    plot.add_scatter(
        x=x,
        y=y,
        customdata=customdata,
        mode="markers",
        marker={"opacity": 0, "size": size, "symbol": "square"},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        showlegend=False,
        **trace,
    )


def make_selectable(plot: go.Figure) -> None:
    """A click or a tap chooses a point; the box of the tool bar chooses several. (Streamlit ignores clicks while
    dragging selects, so dragging is left to do nothing: the axes are fixed.)"""
    plot.update_layout(
        dragmode="pan",
        clickmode="event+select",
        modebar={"remove": [button for button in _BUTTONS if button not in ("select2d", "lasso2d")]},
    )


def note(plot: go.Figure, words: str, y: float = 1.0) -> None:
    """Write a remark into the top left corner of a chart, above its data, e.g. "no better than chance"."""
    plot.add_annotation(
        text=f"<b>{words}</b>",
        xref="paper",
        yref="paper",
        x=0,
        y=y,
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        align="left",
    )


def empty(height: int = 60) -> go.Figure:
    """A chart without data; the sentence beside it says why."""
    plot = go.Figure()
    plot.add_annotation(text=say("nothing-to-show"), xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False)
    hidden = {"visible": False, "range": [0, 1]}
    return styled(plot, height, xaxis=hidden, yaxis=hidden)
