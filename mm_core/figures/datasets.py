"""Contributions over a data set as charts, from the report that ``contributions`` writes."""

from __future__ import annotations

from typing import Final

import plotly.graph_objects as go

from mm_core.evaluation.contributions_report import ContributionsReport
from mm_core.figures.figure import Figure, Row, safe, spaced
from mm_core.figures.intervals import Measured, interval_plot
from mm_core.figures.palette import ACCENT, SHARED, faded, modality_colour
from mm_core.figures.theme import empty, styled
from mm_core.locale import modality_word, percent

_NOTHING: Final = "The report does not hold this measure."

_BOX: Final = 17
"""Pixels of one box of a group."""

_PROJECTIONS: Final = {
    "full": "the model",
    "pairwise": "pairs may interact",
    "additive": "nothing interacts",
}


def shares_by_class(report: ContributionsReport) -> Figure:
    """Distribution of the modalities' shares of the contributions, over all cases, by right or wrong and by class."""
    title = "How much each input says, over all cases"
    groups = report.shares
    players = list(groups["all"].of) if "all" in groups else []
    if not players:
        return Figure(title, empty(), _NOTHING, ())
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
    reading = (
        "Each box holds the middle half of the cases and its line the median: the further right, the larger that "
        "input's share of what moved the answer; whiskers reach from 5 to 95% of the cases."
    )
    return Figure(title, plot, reading, tuple(table))


def shape_bars(report: ContributionsReport) -> Figure:
    """SHAPE (Hu et al., 2022): Shapley values of the accuracy, with their interactions."""
    title = "What each input adds to the accuracy (SHAPE)"
    measured = [
        Measured(spaced(name), modality_colour(name), estimate)
        for part in (report.shape.shapley, report.shape.interactions)
        for name, estimate in part.items()
    ]
    reading = (
        "Each dot is the share of accuracy that an input brings on average over all orders of adding them; below, in "
        "grey, what inputs bring only together (above 0) or bring twice (below 0). The bars are 95% intervals."
    )
    return _measured(title, measured, "accuracy", reading, most=0.5)


def perceptual_bars(report: ContributionsReport) -> Figure:
    """Accuracy lost when one modality is permuted across cases (Perceptual Score; Gat et al., NeurIPS 2021)."""
    title = "What is lost when an input is swapped (Perceptual Score)"
    measured = [
        Measured(modality_word(m), modality_colour([m]), found.lost) for m, found in report.perceptual.of.items()
    ]
    reading = (
        "Each dot is the accuracy lost when that input is taken from another case: the further right, the more the "
        "model relies on it. The bars are 95% intervals."
    )
    return _measured(title, measured, "accuracy lost", reading, most=0.5)


def emap_bars(report: ContributionsReport) -> Figure:
    """Accuracy of the model and of its projections without interactions (EMAP; Hessel and Lee, EMNLP 2020)."""
    title = "Does the model need inputs to interact? (EMAP)"
    n = report.emap.n
    measured = [
        Measured(_PROJECTIONS[name], ACCENT if name == "full" else SHARED, made.accuracy, n, name != "full")
        for name, made in report.emap.of.items()
    ]
    errors = [made.monte_carlo_error for made in report.emap.of.values()]
    reading = (
        "Where the open dots lie as far right as the full one, adding up what each input says by itself would answer "
        "as well. The bars are 95% intervals"
    )
    reading += f"; the random draws add a standard error of up to {max(errors):.3f}."
    return _measured(title, measured, "accuracy", reading, most=1.0)


def disagreement_bars(report: ContributionsReport) -> Figure:
    """Accuracy where the answers to the single modalities are all the same, or differ."""
    title = "When the inputs' own answers differ"
    measured = [
        Measured(f"{safe(name)} ({percent(kind.share.value)})", ACCENT, kind.accuracy, kind.n)
        for name, kind in report.disagreement.items()
        if kind.accuracy is not None
    ]
    reading = (
        "Each dot is the accuracy on the cases whose inputs, each judged alone, get the same answer or different "
        "ones; the bars are 95% intervals."
    )
    return _measured(title, measured, "accuracy", reading, most=1.0)


def _measured(title: str, measured: list[Measured], axis: str, reading: str, most: float) -> Figure:
    if not measured:
        return Figure(title, empty(), _NOTHING, ())
    return Figure(title, interval_plot(measured, axis, 0.0, most), reading, tuple(m.row() for m in measured))
