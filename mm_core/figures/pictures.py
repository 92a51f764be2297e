"""The picture as it was given, with patches shaded through the face crop."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mm_core.evidence import Evidence
from mm_core.explain.records import Segments
from mm_core.figures.figure import Figure, safe, signed
from mm_core.figures.heatmap import Heatmap, reading_of, unit_table, verdict_word
from mm_core.figures.palette import FAINT, INK
from mm_core.figures.theme import SMALL, add_points, empty, make_selectable, note, styled
from mm_core.locale import say

if TYPE_CHECKING:
    from PIL import Image

SHOWN_SIDE = 560
"""Pixels of the longest side of a picture inside a chart."""

_TALLEST, _LOWEST = 420, 220
"""Pixels of a chart with a picture."""

_PHONE_WIDTH = 330
"""Pixels that a chart has on a phone of 360."""

_OVER_PICTURE = 0.8
"""Opacity of the overlay, so that even the strongest patch does not hide what is in it."""

_AROUND = 0.5
"""Share of the face's size that is shown on each side of it."""

_MARKS = 4
"""Patches that carry their sign besides their colour."""


def picture_figure(evidence: Evidence, heatmap: Heatmap, title: str, selectable: bool = False) -> Figure:
    """Patches shaded over the face and what is around it, or over an empty frame where the picture was not kept. With
    ``selectable`` a grid of clear points lies on top whose customdata is the patch's index."""
    units = evidence.units["image"]
    pixels = evidence.inputs.pixels if evidence.inputs is not None else None
    plot = _ground(units, pixels)
    if len(units):
        _overlay(plot, units, heatmap)
    if selectable:
        make_selectable(plot)
    reading = reading_of(heatmap, "image")
    if pixels is None:
        reading += " " + say("picture-not-kept")
    return Figure(title, plot, reading, unit_table(units, heatmap))


def _ground(units: Segments, pixels: NDArray[np.uint8] | None) -> go.Figure:
    if not len(units):
        return empty()
    spans = np.nan_to_num(units.spans)  # a record from elsewhere may hold anything
    face = (*spans[:, :2].min(0).tolist(), *spans[:, 2:].max(0).tolist())
    view = surroundings(face, units.extent)
    left, top, right, bottom = view
    width, height = right - left, bottom - top
    plot = go.Figure()
    part = None if pixels is None else pixels[top:bottom, left:right]
    if part is not None and part.size:
        plot.add_layout_image(
            source=encoded_picture(part),
            xref="x",
            yref="y",
            x=left,
            y=top,
            sizex=width,
            sizey=height,
            sizing="stretch",
            layer="below",
        )
    frames = [(view, {"color": FAINT, "width": 1})]
    # White under dark dashes is visible on any picture.
    frames += [(face, {"color": "#ffffff", "width": 1.5}), (face, {"color": "#222222", "width": 1.5, "dash": "dash"})]
    for (x0, y0, x1, y1), line in frames:
        plot.add_shape(type="rect", x0=x0, y0=y0, x1=x1, y1=y1, line=line)
    tall = min(max(_PHONE_WIDTH * height / width, _LOWEST), _TALLEST)
    hidden = {"visible": False, "constrain": "domain"}
    return styled(
        plot,
        round(tall) + 64,
        xaxis={**hidden, "range": [left, right]},
        yaxis={**hidden, "range": [bottom, top], "scaleanchor": "x"},
        margin={"l": 0, "r": 0, "t": 8, "b": 8},
    )


def surroundings(face: tuple[float, ...], extent: tuple[float, ...]) -> tuple[int, int, int, int]:
    """The part of a picture (left, top, right, bottom in pixels) to show around a face: on each side as much again as
    _AROUND of the face's own size, within the picture's width and height, so that a small face is not lost in it."""
    wide, high = (max(1, round(side)) for side in extent)
    left, top, right, bottom = face
    beside, above = _AROUND * (right - left), _AROUND * (bottom - top)
    first, upper = max(0, min(wide - 1, round(left - beside))), max(0, min(high - 1, round(top - above)))
    return (
        first,
        upper,
        max(first + 1, min(wide, round(right + beside))),
        max(upper + 1, min(high, round(bottom + above))),
    )


def _overlay(plot: go.Figure, units: Segments, heatmap: Heatmap) -> None:
    rows, columns = units.grid or (1, len(units))
    boxes = units.spans.reshape(rows, columns, 4)
    low, high = heatmap.bounds
    plot.add_heatmap(
        z=heatmap.values.reshape(rows, columns).tolist(),
        x=[*boxes[0, :, 0].tolist(), float(boxes[0, -1, 2])],
        y=[*boxes[:, 0, 1].tolist(), float(boxes[-1, 0, 3])],
        zmin=low,
        zmax=high,
        colorscale=heatmap.scale,
        opacity=_OVER_PICTURE,
        colorbar=colour_bar(heatmap),
        showscale=heatmap.shaded,
        hoverinfo="skip",
    )
    middle = (units.spans[:, :2] + units.spans[:, 2:]) / 2
    marks = heatmap.strongest(_MARKS) if heatmap.signed and not heatmap.greyed else []
    plot.add_scatter(
        x=middle[marks, 0].tolist(),
        y=middle[marks, 1].tolist(),
        mode="text",
        text=["<b>+</b>" if heatmap.values[index] > 0 else "<b>−</b>" for index in marks],
        textfont={"color": "#ffffff", "size": 17},
        customdata=[[index] for index in marks],
        hoverinfo="skip",
        showlegend=False,
        unselected={"textfont": {"color": "#ffffff"}},
    )
    add_points(
        plot,
        middle[:, 0].tolist(),
        middle[:, 1].tolist(),
        [[index] for index in range(len(units))],
        hovertemplate=[
            f"{safe(label)}<br>{safe(heatmap.quantity, 40)}: {signed(float(value), 3)}<extra></extra>"
            for label, value in zip(units.labels, heatmap.values, strict=True)
        ],
    )
    if heatmap.chosen is not None:
        left, top, right, bottom = units.spans[heatmap.chosen].tolist()
        for colour, wide in (("#ffffff", 5), ("#111111", 2.5)):
            plot.add_shape(type="rect", x0=left, y0=top, x1=right, y1=bottom, line={"color": colour, "width": wide})
    if heatmap.greyed:
        plot.update_layout(margin={"t": 32})
        note(plot, verdict_word(heatmap.verdict))


def colour_bar(heatmap: Heatmap) -> dict[str, object]:
    """A flat colour bar below a chart with words instead of numbers at its ends."""
    low, high = heatmap.bounds
    signed_words = [say("colour-end", end=end) for end in ("against", "none", "for")]
    return {
        "orientation": "h",
        "thickness": 8,
        "len": 0.8,
        "y": -0.02,
        "yanchor": "top",
        "tickvals": [low, 0, high] if heatmap.signed else [low, high],
        "ticktext": signed_words if heatmap.signed else [say("colour-end", end=end) for end in ("less", "more")],
        "tickfont": {"size": SMALL, "color": INK},
        "outlinewidth": 0,
        "ticks": "",
    }


def encoded_picture(pixels: NDArray[np.uint8], longest: int = SHOWN_SIDE) -> str:
    """(H, W, 3) uint8 as a JPEG data address, reduced to ``longest`` pixels on its longest side."""
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((longest, longest))
    return data_address(image, "JPEG", quality=82)


def data_address(image: Image.Image, form: str, **options: Any) -> str:
    """A PIL image as a ``data:`` address that needs no network."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return f"data:image/{form.lower()};base64,{base64.b64encode(out.getvalue()).decode('ascii')}"
