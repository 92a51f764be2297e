"""Robustness as charts, from the report that ``robustness`` writes: noise, missing inputs, contradictions."""

from __future__ import annotations

from typing import Final

import plotly.graph_objects as go

from mm_core.evaluation.robustness_report import Given, RobustnessReport
from mm_core.figures.figure import Figure, Row, safe, spaced
from mm_core.figures.intervals import Measured, estimate_cells, interval_plot
from mm_core.figures.palette import AGAINST, FOR, INK, SHARED, faded, modality_colour
from mm_core.figures.theme import empty, styled
from mm_core.locale import modality_word, the_modality

_NOTHING: Final = "The report does not hold this measure."

_LOOKS: Final = {"alone": ("dash", "circle-open"), "together": ("solid", "circle")}

_WHOM: Final = {
    "follows_rest": "follows the other inputs",
    "follows_odd": "follows the odd one",
    "neither": "follows neither",
    "noticed": "the conflict is noticed",
}


def noise_curves(report: RobustnessReport, modality: str, kind: str) -> Figure:
    """Accuracy as one modality gets worse, by itself and beside the other, clean ones; with the mean confidence."""
    found = report.noise.get(modality, {}).get(kind)
    title = f"{safe(kind if found is None else found.title)} in {the_modality(modality)}"
    if found is None:
        return Figure(title, empty(), _NOTHING, ())
    steps = found.levels
    ticks = ["clean" if step.level is None else f"{step.level:g}" for step in steps]
    places = list(range(len(steps)))
    plot = go.Figure()
    table: list[Row] = []
    for name, (dash, symbol) in _LOOKS.items():
        if name == "together" and all(step.together == step.alone for step in steps):
            continue  # a folder of one modality: there are no others beside it
        colour = modality_colour([modality]) if name == "alone" else SHARED
        label = f"{modality_word(modality)} alone" if name == "alone" else "with the others, clean"
        given: list[Given] = [getattr(step, name) for step in steps]
        intervals = [one.accuracy.interval for one in given]
        known = [interval for interval in intervals if interval is not None]
        if len(known) == len(intervals):
            edge = [high for _, high in known] + [low for low, _ in known[::-1]]
            plot.add_scatter(
                x=[*places, *places[::-1]], y=edge, mode="lines", fill="toself", line={"width": 0},
                fillcolor=faded(colour, 0.18), hoverinfo="skip", showlegend=False,
            )  # fmt: skip
        plot.add_scatter(
            x=places, y=[one.accuracy.value for one in given], mode="lines+markers", name=label,
            line={"color": colour, "dash": dash, "width": 2.5}, marker={"symbol": symbol, "size": 9},
            hovertemplate=f"{label}: %{{y:.0%}} right<extra></extra>",
        )  # fmt: skip
        plot.add_scatter(
            x=places, y=[one.confidence for one in given], mode="lines", name=f"its confidence, {label}",
            line={"color": colour, "dash": "dot", "width": 1.2}, showlegend=False,
            hovertemplate=f"{label}: %{{y:.0%}} sure<extra></extra>",
        )  # fmt: skip
        table.extend(
            {
                "level": tick,
                "unit": found.unit,
                "given": name,
                **estimate_cells(one.accuracy),
                "confidence": one.confidence,
            }
            for tick, one in zip(ticks, given, strict=True)
        )
    styled(
        plot,
        320,
        xaxis={"tickvals": places, "ticktext": ticks, "title": safe(found.unit, 40), "showgrid": False},
        yaxis={"range": [0, 1.02], "tickformat": ".0%", "nticks": 5},
        legend={"y": 1.02},
    )
    reading = (
        "The share of right answers as this input gets worse to the right, with the band of its 95% interval where "
        "there is one; the thin dotted line is the mean confidence, which should fall along."
    )
    return Figure(title, plot, reading, tuple(table))


def missing_bars(report: RobustnessReport) -> Figure:
    """Accuracy of every subset of the modalities on the same cases."""
    title = "When inputs are missing"
    found = report.missing
    names = sorted(found, key=lambda name: -(0 if name == "none" else name.count("+") + 1))
    measured = [
        Measured(
            spaced(n),
            modality_colour(n),
            found[n].accuracy,
            found[n].n,
        )
        for n in names
    ]
    if not measured:
        return Figure(title, empty(), _NOTHING, ())
    reading = (
        "Each dot is the accuracy when only these inputs are given, on the same cases; the bars are 95% intervals."
    )
    return Figure(title, interval_plot(measured, "accuracy"), reading, tuple(m.row() for m in measured))


def conflict_bars(report: RobustnessReport, odd: str) -> Figure:
    """Cases in which one modality carries another emotion than the rest: whom the answer follows, and whether the
    agreement head notices."""
    title = f"When {the_modality(odd)} contradicts the rest"
    found = report.conflict.get(odd)
    if found is None:
        return Figure(title, empty(), _NOTHING, ())
    colours = {"follows_rest": SHARED, "follows_odd": modality_colour([odd]), "neither": INK, "noticed": FOR}
    known = {key: getattr(found, key) for key in _WHOM}
    measured = [Measured(_WHOM[key], colours[key], value) for key, value in known.items() if value is not None]
    if report.false_alarms is not None:
        measured.append(Measured("noticed where there is none", AGAINST, report.false_alarms, hollow=True))
    reading = (
        "Each dot is the share of such cases, its bar the 95% interval; the last two rows compare how often a "
        "conflict is noticed with how often one is seen where there is none."
    )
    return Figure(title, interval_plot(measured, "share of cases"), reading, tuple(m.row() for m in measured))
