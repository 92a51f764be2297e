"""Words with signed heatmap: as safe markup in reading order, and as a chart whose words can be chosen."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go

from mm_core.evidence import Evidence
from mm_core.explain.records import Segments
from mm_core.figures.figure import Figure, Row, safe, signed
from mm_core.figures.heatmap import Heatmap, reading_of, unit_table, verdict_word
from mm_core.figures.palette import ACCENT, AGAINST, FOR, INK, SHARED, faded
from mm_core.figures.theme import SMALL, make_selectable, note, styled
from mm_core.locale import say

LINE = 42
"""Characters of a line of the chart: what 360 px hold."""

LONG = 240
"""Characters of a text from which its map is marked ``long``, so that a page gives it the whole width."""

_LINE_HEIGHT = 52
"""Pixels of a line of the chart."""

_MARKED = 0.2
"""Share of the strongest value from which a word carries a mark besides its colour."""

_STRONG = 0.5
"""Share of the strongest value from which a word is bold."""


def words_figure(evidence: Evidence, heatmap: Heatmap, title: str, selectable: bool = False) -> Figure:
    """The text with each word shaded by its value. With ``selectable`` the chart's points carry the word's index as
    customdata and there is no markup. The markup holds nothing a person wrote unescaped."""
    units = evidence.units["text"]
    text = evidence.inputs.text if evidence.inputs is not None else None
    html = None if selectable else markup(units, heatmap, text)
    table: tuple[Row, ...] = unit_table(units, heatmap)
    return Figure(title, _tiles(units, heatmap, selectable), reading_of(heatmap, "text"), table, html)


def markup(units: Segments, heatmap: Heatmap, text: str | None = None) -> str:
    """The words in reading order as a safe paragraph. ``text``: as given, if it was kept, for what stands between
    the words. A word for the class has a red ground, a solid line below and +, one against it a blue ground, a dotted
    line and −; a title tells the value."""
    spans = [(int(start), int(end)) for start, end in units.spans]
    parts, at = [], 0
    for index, (start, end) in enumerate(spans):
        between = (text[at:start] if text is not None else " " * (start > at)) if start >= at else ""
        parts.append(escape(between))
        parts.append(_span(units.labels[index], index, heatmap))
        at = end
    if text is not None:
        rest = text[at:]
        if any(c.isalnum() for c in rest):
            parts.append(f'<span style="font-style:italic" title="{escape(say("text-cut"))}">{escape(rest)}</span>')
        else:
            parts.append(escape(rest))
    greyed = f'<p style="margin:0 0 .4em"><strong>{escape(verdict_word(heatmap.verdict))}</strong></p>'
    verdict = greyed if heatmap.greyed else ""
    style = "line-height:2.1;font-size:1.05em;overflow-wrap:anywhere;white-space:pre-wrap;margin:0"
    kind = "triad-words long" if sum(map(len, units.labels)) > LONG else "triad-words"
    return f'<div class="{kind}">{verdict}<p style="{style}">{"".join(parts)}</p></div>'


def _span(label: str, index: int, heatmap: Heatmap) -> str:
    strength = heatmap.strength(index)
    value = f"{heatmap.quantity}: {signed(float(heatmap.values[index]), 3)}"
    colour, line, mark = _look(heatmap, strength)
    style = f"background:{faded(colour, round(0.55 * abs(strength), 3))};border-radius:4px;padding:.1em .25em"
    style += ";color:inherit"
    marked = ""
    if abs(strength) >= _MARKED:
        style += f";border-bottom:2px {line} {colour}"
        marked = f'<sup style="font-size:.7em;opacity:.85" aria-hidden="true">{mark}</sup>' if mark else ""
    if abs(strength) >= _STRONG and not heatmap.greyed:
        style += ";font-weight:650"
    if index == heatmap.chosen:
        style += ";outline:2px solid currentColor"
    return f'<span style="{style}" title="{escape(value)}">{escape(label)}{marked}</span>'


def _look(heatmap: Heatmap, strength: float) -> tuple[str, str, str]:
    """Colour, line below and mark of a word."""
    if heatmap.greyed:
        return SHARED, "solid" if strength >= 0 else "dotted", ""
    if not heatmap.signed:
        return ACCENT, "solid", ""
    return (FOR, "solid", "+") if strength >= 0 else (AGAINST, "dotted", "−")


def _tiles(units: Segments, heatmap: Heatmap, selectable: bool) -> go.Figure:
    """Words as tiles in lines of LINE characters, the value below each."""
    plot = go.Figure()
    centres: list[float] = []
    lines: list[int] = []
    texts: list[str] = []
    tiles: list[dict[str, object]] = []  # set all at once: Plotly checks all of them whenever one is added
    x, line = 0.0, 0
    for index, label in enumerate(units.labels):
        shown = safe(label, LINE // 2)
        width = max(min(len(label), LINE // 2), 5) + 1.6
        if x + width > LINE and x > 0:
            x, line = 0.0, line + 1
        strength = heatmap.strength(index)
        colour, dash, _ = _look(heatmap, strength)
        border = index == heatmap.chosen
        edge = {
            "width": 3 if border else 1,
            "color": INK if border else faded(colour, 0.6),
            "dash": "solid" if dash == "solid" or border else "dot",
        }
        place = {"x0": x + 0.15, "x1": x + width - 0.15, "y0": line - 0.42, "y1": line + 0.42}
        fill = faded(colour, round(0.55 * abs(strength), 3))
        tiles.append({"type": "rect", **place, "fillcolor": fill, "line": edge, "layer": "below"})
        bold = abs(strength) >= _STRONG and not heatmap.greyed
        value = float(heatmap.values[index])
        second = signed(value) if heatmap.signed else f"{value:.2f}"
        name = f"<b>{shown}</b>" if bold else shown
        texts.append(f"{name}<br>{second}" if heatmap.shaded else name)
        centres.append(x + width / 2)
        lines.append(line)
        x += width
    plot.add_scatter(
        x=centres,
        y=lines,
        mode="markers+text",
        marker={"opacity": 0, "size": 34, "symbol": "square"},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}, "textfont": {"color": INK}},
        text=texts,
        textposition="middle center",
        textfont={"size": SMALL},
        cliponaxis=False,
        customdata=[[index] for index in range(len(units))],
        hovertext=[safe(label, 60) for label in units.labels],
        hovertemplate=[
            f"%{{hovertext}}<br>{safe(heatmap.quantity, 40)}: {signed(float(v), 3)}<extra></extra>"
            for v in heatmap.values
        ],
        showlegend=False,
    )
    count = line + 1
    room = 24 if heatmap.greyed else 0
    styled(
        plot,
        _LINE_HEIGHT * count + 20 + room,
        xaxis={"visible": False, "range": [0, LINE]},
        yaxis={"visible": False, "range": [count - 0.45, -0.55]},
        margin={"l": 0, "r": 0, "t": 8 + room, "b": 0},
        shapes=tiles,
    )
    if heatmap.greyed:
        note(plot, verdict_word(heatmap.verdict))
    if selectable:
        make_selectable(plot)
    return plot
