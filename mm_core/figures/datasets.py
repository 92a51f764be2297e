"""Contributions over a data set as charts, from the report that ``contributions`` writes."""

from __future__ import annotations

from typing import Final

import plotly.graph_objects as go

from mm_core.evaluation.contributions_report import ContributionsReport
from mm_core.figures.figure import Figure, Row, safe, spaced
from mm_core.figures.intervals import Measured, interval_plot
from mm_core.figures.palette import ACCENT, SHARED, faded, modality_colour
from mm_core.figures.theme import empty, styled
from mm_core.locale import modality_word, percent, say

_BOX: Final = 17
"""Pixels of one box of a group."""


def shares_by_class(report: ContributionsReport) -> Figure:
    """Distribution of the modalities' shares of the contributions, over all cases, by right or wrong and by class."""
    title = say("shares-by-class-title")
    groups = report.shares
    players = list(groups["all"].of) if "all" in groups else []
    if not players:
        return Figure(title, empty(), say("report-no-measure"), ())
    names = [name for name in groups if set(players) <= set(groups[name].of)]
    ticks = [f"{safe(name)}<br><sub>n = {groups[name].n:,}</sub>" for name in names]
    plot = go.Figure()
    table: list[Row] = []
    for player in players:
        found = [groups[name].of[player] for name in names]
        quantile = {q: [f.quantiles[q] for f in found] for q in ("0.05", "0.25", "0.5", "0.75", "0.95")}
        colour = modality_colour([player])
        plot.add_box(
            y=ticks,
            lowerfence=quantile["0.05"],
            q1=quantile["0.25"],
            median=quantile["0.5"],
            q3=quantile["0.75"],
            upperfence=quantile["0.95"],
            orientation="h",
            name=player,
            fillcolor=faded(colour, 0.45),
            line={"color": colour, "width": 1.5},
            hoverinfo="x+name",
            xhoverformat=".0%",
        )
        table.extend(
            {
                "group": name,
                "modality": player,
                "mean": f.value,
                "low": f.low,
                "high": f.high,
                "n": groups[name].n,
            }
            | {f"quantile {q}": v for q, v in f.quantiles.items()}
            for name, f in zip(names, found, strict=True)
        )
    styled(
        plot,
        (_BOX * len(players) + 14) * len(names) + 80,
        boxmode="group",
        boxgap=0.25,
        boxgroupgap=0.1,
        xaxis={"range": [0, 1.001], "tickformat": ".0%", "nticks": 5},
        yaxis={"autorange": "reversed", "showgrid": False},
    )
    reading = say("shares-by-class-reading")
    return Figure(title, plot, reading, tuple(table))


def shape_bars(report: ContributionsReport) -> Figure:
    """SHAPE (Hu et al., 2022): Shapley values of the accuracy, with their interactions."""
    title = say("shape-title")
    measured = [
        Measured(spaced(name), modality_colour(name), estimate)
        for part in (report.shape.shapley, report.shape.interactions)
        for name, estimate in part.items()
    ]
    reading = say("shape-reading")
    return _measured(title, measured, say("metric", metric="accuracy"), reading, most=0.5)


def perceptual_bars(report: ContributionsReport) -> Figure:
    """Accuracy lost when one modality is permuted across cases (Perceptual Score; Gat et al., NeurIPS 2021)."""
    title = say("perceptual-title")
    measured = [
        Measured(modality_word(m), modality_colour([m]), found.lost) for m, found in report.perceptual.of.items()
    ]
    reading = say("perceptual-reading")
    return _measured(title, measured, say("accuracy-lost"), reading, most=0.5)


def emap_bars(report: ContributionsReport) -> Figure:
    """Accuracy of the model and of its projections without interactions (EMAP; Hessel and Lee, EMNLP 2020)."""
    title = say("emap-title")
    n = report.emap.n
    measured = [
        Measured(
            say("emap-projection", projection=name),
            ACCENT if name == "full" else SHARED,
            made.accuracy,
            n,
            name != "full",
        )
        for name, made in report.emap.of.items()
    ]
    errors = [made.monte_carlo_error for made in report.emap.of.values()]
    reading = say("emap-reading", error=f"{max(errors):.3f}")
    return _measured(title, measured, say("metric", metric="accuracy"), reading, most=1.0)


def disagreement_bars(report: ContributionsReport) -> Figure:
    """Accuracy where the answers to the single modalities are all the same, or differ."""
    title = say("disagreement-title")
    measured = [
        Measured(f"{safe(name)} ({percent(kind.share.value)})", ACCENT, kind.accuracy, kind.n)
        for name, kind in report.disagreement.items()
        if kind.accuracy is not None
    ]
    reading = say("disagreement-bars-reading")
    return _measured(title, measured, say("metric", metric="accuracy"), reading, most=1.0)


def _measured(title: str, measured: list[Measured], axis: str, reading: str, most: float) -> Figure:
    if not measured:
        return Figure(title, empty(), say("report-no-measure"), ())
    return Figure(title, interval_plot(measured, axis, 0.0, most), reading, tuple(m.row() for m in measured))
