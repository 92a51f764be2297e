"""The lattice of coalitions: what the model answers to every combination of the inputs."""

from __future__ import annotations

from itertools import combinations

import plotly.graph_objects as go

from mm_core.evidence import Evidence
from mm_core.explain.records import Coalitions
from mm_core.figures.figure import Figure, safe, signed, spaced
from mm_core.figures.palette import SHARED, modality_colour, signed_colour
from mm_core.figures.shapley_charts import explained
from mm_core.figures.theme import SMALL, styled
from mm_core.locale import percent, say, the_modality

_EDGE = 9.0
"""Pixels of the lattice's widest edge."""

_DOTS_ABOVE = 0.27
"""Rows of the lattice between the middle of an answer and its dots."""

_EDGE_POINTS = (0.33, 0.5, 0.67)
"""Where an edge runs between its two answers: short of both, so that no line crosses their words."""


def lattice(evidence: Evidence, task: str | None = None) -> Figure:
    """The answers of all coalitions of the present modalities, from nothing (below) to everything (top)."""
    chosen = task or evidence.task
    label = explained(evidence, chosen)
    coalitions = evidence.coalitions
    classes = coalitions.labels[chosen]
    probabilities = coalitions.probabilities(chosen)  # (S, C)
    sizes = [index.bit_count() for index in range(len(probabilities))]
    places = {index: _place(index, sizes) for index in range(len(probabilities))}
    column = classes.index(label)
    plot = go.Figure()
    for small, large in combinations(range(len(probabilities)), 2):
        if small & large == small and sizes[large] == sizes[small] + 1:
            change = float(probabilities[large, column] - probabilities[small, column])
            (x0, y0), (x1, y1) = places[small], places[large]
            added = coalitions.players[(large ^ small).bit_length() - 1]
            plot.add_scatter(
                x=[x0 + t * (x1 - x0) for t in _EDGE_POINTS],
                y=[y0 + t * (y1 - y0) for t in _EDGE_POINTS],
                mode="lines",
                line={
                    "width": 1 + _EDGE * min(abs(change), 1.0),
                    "color": signed_colour(round(change, 3)),
                    "dash": "solid" if change >= 0 else "dot",
                },
                opacity=0.75,
                hoverinfo="text",
                text=f"adding {the_modality(added)}: {safe(label)} {signed(100 * change, 0)} points",
                showlegend=False,
            )
    table = []
    for index, (x, y) in places.items():
        best = int(probabilities[index].argmax())
        confidence = float(probabilities[index, best])
        name = coalitions.names[index]
        table.append(
            {"coalition": name, "answer": classes[best], "confidence": confidence}
            | {c: float(p) for c, p in zip(classes, probabilities[index], strict=True)}
        )
        plot.add_annotation(
            x=x,
            y=y,
            text=f"{spaced(name)}<br><b>{safe(classes[best])}</b><br>{_sureness(coalitions, chosen, confidence)}",
            showarrow=False,
            font={"size": SMALL + 1},
        )
    _dots(plot, coalitions, places)
    plot.add_scatter(
        x=[p[0] for p in places.values()],
        y=[p[1] for p in places.values()],
        mode="markers",
        marker={"opacity": 0, "size": 40},
        customdata=[[name] for name in coalitions.names],
        text=[_all_classes(classes, row) for row in probabilities.tolist()],
        hovertemplate="%{customdata[0]}<br>%{text}<extra></extra>",
        showlegend=False,
    )
    rows = max(sizes) + 1
    styled(
        plot,
        116 * rows + 10,
        xaxis={"visible": False, "range": [-0.5, 2.5]},
        yaxis={"visible": False, "range": [-0.5, rows - 0.5]},
    )
    reading = say("lattice-reading", label=label)
    return Figure(say("lattice-title"), plot, reading, tuple(table))


def _place(index: int, sizes: list[int]) -> tuple[float, float]:
    row = [i for i, size in enumerate(sizes) if size == sizes[index]]
    # Bits count upwards in MODALITIES order, so pairs come as text+image, text+audio, image+audio.
    return 1 + row.index(index) - (len(row) - 1) / 2, float(sizes[index])


def _dots(plot: go.Figure, coalitions: Coalitions, places: dict[int, tuple[float, float]]) -> None:
    """Above each answer one dot a modality: full in its colour where it was given, a faint ring where not."""
    for bit, player in enumerate(coalitions.players):
        colour = modality_colour([player])
        shift = 0.1 * (bit - (len(coalitions.players) - 1) / 2)
        plot.add_scatter(
            x=[x + shift for x, _ in places.values()],
            y=[y + _DOTS_ABOVE for _, y in places.values()],
            mode="markers",
            marker={
                "size": 8,
                "color": [colour if index >> bit & 1 else "rgba(0,0,0,0)" for index in places],
                "line": {"width": 1, "color": [colour if index >> bit & 1 else SHARED for index in places]},
            },
            hoverinfo="skip",
            showlegend=False,
        )


def _sureness(coalitions: Coalitions, task: str, confidence: float) -> str:
    unsure = confidence < coalitions.unsure_below.get(task, 0.0)
    return say("sureness", confidence=confidence, sure="no" if unsure else "yes")


def _all_classes(classes: tuple[str, ...], row: list[float]) -> str:
    return "<br>".join(
        f"{safe(c)}: {percent(p)}" for c, p in sorted(zip(classes, row, strict=True), key=lambda x: -x[1])
    )
