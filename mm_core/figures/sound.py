"""The voice: waveform, mel spectrogram and one number a moment, on one axis of time."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from mm_core.evidence import Evidence, Inputs
from mm_core.explain.records import Segments
from mm_core.figures.figure import Figure, safe, signed
from mm_core.figures.heatmap import Heatmap, reading_of, unit_table, verdict_word
from mm_core.figures.palette import INK, MODALITY_COLOURS, SHARED
from mm_core.figures.pictures import data_address
from mm_core.figures.theme import SMALL, make_selectable, note, styled
from mm_core.locale import say
from mm_core.samples.limits import SAMPLE_RATE

_POINTS = 500
"""Columns of the waveform's outline and of the spectrogram's picture: more than a phone has, enough for a screen."""

_RANGE_DB = 60.0
"""Decibels under the loudest point that the spectrogram shows."""

_MAX_HERTZ_TICKS = (250, 1000, 4000)


def sound_figure(evidence: Evidence, heatmap: Heatmap, title: str, selectable: bool = False) -> Figure:
    """Three strips over the seconds of the clip as given: a bar a moment, the waveform, the mel spectrogram; both of
    the latter tinted by the moments. Only the bars where the sound was not kept. With ``selectable`` clear points
    lie over the strips whose customdata is the moment's index."""
    units = evidence.units["audio"]
    inputs = evidence.inputs if evidence.inputs is not None and evidence.inputs.waveform is not None else None
    plot = _strips(units, heatmap, inputs)
    if selectable:
        make_selectable(plot)
    reading = f"{reading_of(heatmap, 'audio')} {say('sound-time')}"
    if evidence.prediction.referenced:
        reading += f" {evidence.prediction.reference_in_words()}"
    if inputs is None:
        reading += f" {say('sound-not-kept')}"
    return Figure(title, plot, reading, unit_table(units, heatmap))


def _strips(units: Segments, heatmap: Heatmap, inputs: Inputs | None) -> go.Figure:
    rows = 1 if inputs is None else 3
    plot = make_subplots(
        rows=rows,
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.05,
        row_heights=[0.36, 0.24, 0.4][:rows] if rows > 1 else None,
    )
    low, high = heatmap.bounds
    middles = units.spans.mean(1)
    widths = units.spans[:, 1] - units.spans[:, 0]
    hover = [
        f"{safe(label)}<br>{safe(heatmap.quantity, 40)}: {signed(float(value), 3)}<extra></extra>"
        for label, value in zip(units.labels, heatmap.values, strict=True)
    ]
    clear = heatmap.signed or heatmap.greyed
    plot.add_bar(
        x=middles.tolist(),
        y=heatmap.values.tolist(),
        width=widths.tolist(),
        marker=_coloured(heatmap, _chosen_outline(heatmap, len(units))),
        customdata=[[index] for index in range(len(units))],
        hovertemplate=hover,
        showlegend=False,
        row=1,
        col=1,
    )
    # Bars that are nearly nothing can't be hit by a finger: clear ones of full height can.
    plot.add_bar(
        x=middles.tolist(),
        y=[high - low] * len(units),
        base=[low] * len(units),
        width=widths.tolist(),
        opacity=0,
        customdata=[[index] for index in range(len(units))],
        hovertemplate=hover,
        showlegend=False,
        row=1,
        col=1,
    )
    if inputs is not None:
        _waveform(plot, inputs, units, heatmap)
        _spectrogram(plot, inputs, units, heatmap)
    styled(
        plot, 170 if inputs is None else 400, bargap=0, barmode="overlay", margin={"l": 4, "r": 8, "t": 30, "b": 8}
    )
    plot.update_yaxes(range=[low * 1.1, high * 1.1], row=1, col=1, showgrid=False)
    if clear:
        plot.update_yaxes(
            tickvals=[low, 0, high],
            ticktext=["against", "0", "for"] if heatmap.signed else ["", "0", ""],
            row=1,
            col=1,
        )
        plot.add_hline(y=0, line={"color": INK, "width": 1}, row=1, col=1)
    else:
        plot.update_yaxes(tickvals=[0, high], ticktext=["less", "more"], row=1, col=1)
    plot.update_yaxes(tickfont={"size": SMALL})
    plot.update_xaxes(range=[0, units.extent[0]], showgrid=False, ticksuffix=" s", nticks=7)
    if heatmap.greyed:
        note(plot, verdict_word(heatmap.verdict))
    return plot


def _waveform(plot: go.Figure, inputs: Inputs, units: Segments, heatmap: Heatmap) -> None:
    assert inputs.waveform is not None
    times, lows, highs = outline(inputs.waveform, inputs.waveform_start)
    peak = float(max(np.abs(lows).max(), np.abs(highs).max(), 1e-4))
    _tint(plot, units, heatmap, 2, -peak, peak)
    plot.add_scatter(
        x=[*times, *times[::-1]],
        y=[*highs.tolist(), *lows[::-1].tolist()],
        mode="lines",
        fill="toself",
        line={"width": 0.8, "color": MODALITY_COLOURS["audio"]},
        fillcolor=MODALITY_COLOURS["audio"],
        hoverinfo="skip",
        showlegend=False,
        row=2,
        col=1,
    )
    plot.update_yaxes(range=[-peak, peak], tickvals=[0], ticktext=["wave"], showgrid=False, row=2, col=1)


def _spectrogram(plot: go.Figure, inputs: Inputs, units: Segments, heatmap: Heatmap) -> None:
    if inputs.spectrogram is None or inputs.spectrogram_hertz is None:
        return
    frames, bands = inputs.spectrogram.shape
    plot.add_layout_image(
        source=encoded_spectrogram(inputs.spectrogram),
        xref="x3",
        yref="y3",
        x=inputs.waveform_start,
        y=bands,
        sizex=frames * inputs.spectrogram_hop,
        sizey=bands,
        sizing="stretch",
        layer="below",
    )
    _tint(plot, units, heatmap, 3, 0, bands)
    ticks = [h for h in _MAX_HERTZ_TICKS if inputs.spectrogram_hertz[0] <= h <= inputs.spectrogram_hertz[-1]]
    places = np.interp(ticks, inputs.spectrogram_hertz, np.arange(bands) + 0.5).tolist()
    words = [f"{h // 1000} kHz" if h >= 1000 else f"{h} Hz" for h in ticks]
    plot.update_yaxes(range=[0, bands], tickvals=places, ticktext=words, showgrid=False, row=3, col=1)


def _tint(plot: go.Figure, units: Segments, heatmap: Heatmap, row: int, bottom: float, top: float) -> None:
    """A see-through column a moment over a strip, in the moment's colour."""
    plot.add_bar(
        x=units.spans.mean(1).tolist(),
        y=[top - bottom] * len(units),
        base=[bottom] * len(units),
        width=(units.spans[:, 1] - units.spans[:, 0]).tolist(),
        marker=_coloured(heatmap, _chosen_outline(heatmap, len(units))),
        opacity=0.5,
        customdata=[[index] for index in range(len(units))],
        hovertemplate=[f"{safe(label)}<extra></extra>" for label in units.labels],
        showlegend=False,
        row=row,
        col=1,
    )


def _coloured(heatmap: Heatmap, outlines: list[float]) -> dict[str, object]:
    return {
        "color": [heatmap.colour(index) for index in range(len(heatmap.values))],
        "line": {"width": outlines, "color": INK},
    }


def _chosen_outline(heatmap: Heatmap, count: int) -> list[float]:
    return [2.5 if index == heatmap.chosen else 0.0 for index in range(count)]


def outline(
    waveform: NDArray[np.float32], start: float = 0.0, rate: int = SAMPLE_RATE
) -> tuple[list[float], NDArray[np.float64], NDArray[np.float64]]:
    """The least and greatest sample of each of at most ``_POINTS`` equal stretches of a waveform (T,), with the
    seconds at which each stretch has its middle, counted from ``start``."""
    count = min(_POINTS, len(waveform))
    edges = np.linspace(0, len(waveform), count + 1).astype(int)
    lows = np.minimum.reduceat(waveform, edges[:-1]).astype(np.float64)
    highs = np.maximum.reduceat(waveform, edges[:-1]).astype(np.float64)
    times = start + (edges[:-1] + edges[1:]) / 2 / rate
    return times.round(4).tolist(), lows, highs


def encoded_spectrogram(spectrogram: NDArray[np.float32]) -> str:
    """(frames, F) natural log of mel power as a PNG data address: grey that is denser where it is louder, low tones
    at the bottom, clear where it is silent, so that it reads on light and dark grounds."""
    from PIL import Image

    frames = len(spectrogram)
    if frames > _POINTS:
        edges = np.linspace(0, frames, _POINTS + 1).astype(int)
        spectrogram = np.maximum.reduceat(spectrogram, edges[:-1])
    decibels = spectrogram * (10 / np.log(10))
    level = np.clip((decibels - decibels.max()) / _RANGE_DB + 1, 0, 1)  # (frames, F)
    red, green, blue = (int(SHARED[i : i + 2], 16) for i in (1, 3, 5))
    pixels = np.empty((level.shape[1], level.shape[0], 4), np.uint8)
    pixels[..., :3] = (red, green, blue)
    pixels[..., 3] = (level.T[::-1] ** 1.5 * 255).astype(np.uint8)
    return data_address(Image.fromarray(pixels), "PNG", optimize=True)
