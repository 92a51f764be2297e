"""Robustness as charts, from the report that ``robustness`` writes: noise, missing inputs, contradictions."""

from __future__ import annotations

from typing import Final

import plotly.graph_objects as go

from mm_core.evaluation.robustness_report import Given, RobustnessReport
from mm_core.figures.figure import Figure, Row, safe, spaced
from mm_core.figures.intervals import Measured, estimate_cells, interval_plot
from mm_core.figures.palette import AGAINST, FOR, INK, SHARED, faded, modality_colour
from mm_core.figures.theme import empty, styled
from mm_core.locale import say

_LOOKS: Final = {"alone": ("dash", "circle-open"), "together": ("solid", "circle")}

_WHOM: Final = ("follows_rest", "follows_odd", "neither", "noticed")


def noise_curves(report: RobustnessReport, modality: str, kind: str) -> Figure:
    """Accuracy as one modality gets worse, by itself and beside the other, clean ones; with the mean confidence."""
    found = report.noise.get(modality, {}).get(kind)
    title = say("noise-title", kind=safe(kind if found is None else found.title), modality=modality)
    if found is None:
        return Figure(title, empty(), say("report-no-measure"), ())
    steps = found.levels
    ticks = [say("noise-none") if step.level is None else f"{step.level:g}" for step in steps]
    places = list(range(len(steps)))
    plot = go.Figure()
    table: list[Row] = []
    for name, (dash, symbol) in _LOOKS.items():
        if name == "together" and all(step.together == step.alone for step in steps):
            continue  # a folder of one modality: there are no others beside it
        colour = modality_colour([modality]) if name == "alone" else SHARED
        label = say("noise-line", given=name, modality=modality)
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
            hovertemplate=say("noise-right-hover", line=label, share="%{y:.0%}") + "<extra></extra>",
        )  # fmt: skip
        plot.add_scatter(
            x=places, y=[one.confidence for one in given], mode="lines", name=say("noise-confidence", line=label),
            line={"color": colour, "dash": "dot", "width": 1.2}, showlegend=False,
            hovertemplate=say("noise-sure-hover", line=label, share="%{y:.0%}") + "<extra></extra>",
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
    reading = say("noise-reading")
    return Figure(title, plot, reading, tuple(table))


def missing_bars(report: RobustnessReport) -> Figure:
    """Accuracy of every subset of the modalities on the same cases."""
    title = say("missing-title")
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
        return Figure(title, empty(), say("report-no-measure"), ())
    reading = say("missing-reading")
    return Figure(
        title, interval_plot(measured, say("metric", metric="accuracy")), reading, tuple(m.row() for m in measured)
    )


def conflict_bars(report: RobustnessReport, odd: str) -> Figure:
    """Cases in which one modality carries another emotion than the rest: whom the answer follows, and whether the
    agreement head notices."""
    title = say("conflict-title", modality=odd)
    found = report.conflict.get(odd)
    if found is None:
        return Figure(title, empty(), say("report-no-measure"), ())
    colours = {"follows_rest": SHARED, "follows_odd": modality_colour([odd]), "neither": INK, "noticed": FOR}
    known = {key: getattr(found, key) for key in _WHOM}
    measured = [
        Measured(say("conflict-follows", whom=key), colours[key], value)
        for key, value in known.items()
        if value is not None
    ]
    if report.false_alarms is not None:
        measured.append(Measured(say("conflict-false-alarms"), AGAINST, report.false_alarms, hollow=True))
    reading = say("conflict-reading")
    return Figure(title, interval_plot(measured, say("conflict-axis")), reading, tuple(m.row() for m in measured))
