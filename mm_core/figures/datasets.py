"""Contributions over a data set as charts, from the report that ``contributions`` writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import plotly.graph_objects as go

from mm_core.figures.figure import Figure, Row, safe, spaced
from mm_core.figures.intervals import Measured, interval_plot
from mm_core.figures.palette import ACCENT, SHARED, faded, modality_colour
from mm_core.figures.theme import empty, styled
from mm_core.labels import MODALITIES
from mm_core.wording import percent

_NOTHING: Final = "The report does not hold this measure."

_BOX: Final = 17
"""Pixels of one box of a group."""

_PROJECTIONS: Final = {
    "full": "the model",
    "pairwise": "pairs may interact",
    "additive": "nothing interacts",
}


def shares_by_class(report: Mapping[str, Any]) -> Figure:
    """Distribution of the modalities' shares of the contributions, over all cases, by right or wrong and by class."""
    title = "How much each input says, over all cases"
    groups: Mapping[str, Mapping[str, Any]] = report.get("shares", {})
    players = [m for m in MODALITIES if m in groups.get("all", {})]
    if not players:
        return Figure(title, empty(), _NOTHING, ())
    names = list(groups)
    ticks = [f"{safe(name)}<br><sub>n = {groups[name]['n']:,}</sub>" for name in names]
    plot = go.Figure()
    table: list[Row] = []
    for player in players:
        found = [groups[name][player] for name in names]
        quantile = {q: [f["quantiles"][q] for f in found] for q in ("0.05", "0.25", "0.5", "0.75", "0.95")}
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
                "mean": f["value"],
                "low": f["low"],
                "high": f["high"],
                "n": groups[name]["n"],
            }
            | {f"quantile {q}": v for q, v in f["quantiles"].items()}
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


def shape_bars(report: Mapping[str, Any]) -> Figure:
    """SHAPE (Hu et al., 2022): Shapley values of the accuracy, with their interactions."""
    title = "What each input adds to the accuracy (SHAPE)"
    found = report.get("shape", {})
    measured = [
        Measured(spaced(name), modality_colour(name), figure)
        for part in ("shapley", "interactions")
        for name, figure in found.get(part, {}).items()
    ]
    reading = (
        "Each dot is the share of accuracy that an input brings on average over all orders of adding them; below, in "
        "grey, what inputs bring only together (above 0) or bring twice (below 0). The bars are 95% intervals."
    )
    return _measured(title, measured, "accuracy", reading, most=0.5)


def perceptual_bars(report: Mapping[str, Any]) -> Figure:
    """Accuracy lost when one modality is permuted across cases (Perceptual Score; Gat et al., NeurIPS 2021)."""
    title = "What is lost when an input is swapped (Perceptual Score)"
    found = report.get("perceptual", {})
    measured = [Measured(m, modality_colour([m]), found[m]["lost"]) for m in MODALITIES if m in found]
    reading = (
        "Each dot is the accuracy lost when that input is taken from another case: the further right, the more the "
        "model relies on it. The bars are 95% intervals."
    )
    return _measured(title, measured, "accuracy lost", reading, most=0.5)


def emap_bars(report: Mapping[str, Any]) -> Figure:
    """Accuracy of the model and of its projections without interactions (EMAP; Hessel and Lee, EMNLP 2020)."""
    title = "Does the model need inputs to interact? (EMAP)"
    found = report.get("emap", {})
    measured = [
        Measured(words, ACCENT if name == "full" else SHARED, found[name]["accuracy"], found.get("n"), name != "full")
        for name, words in _PROJECTIONS.items()
        if name in found
    ]
    errors = [found[name]["monte_carlo_error"] for name in _PROJECTIONS if name in found]
    reading = (
        "Where the open dots lie as far right as the full one, adding up what each input says by itself would answer "
        "as well. The bars are 95% intervals"
    )
    reading += f"; the random draws add a standard error of up to {max(errors):.3f}." if errors else "."
    return _measured(title, measured, "accuracy", reading, most=1.0)


def disagreement_bars(report: Mapping[str, Any]) -> Figure:
    """Accuracy where the answers to the single modalities are all the same, or differ."""
    title = "When the inputs' own answers differ"
    found: Mapping[str, Mapping[str, Any]] = report.get("disagreement", {})
    measured = [
        Measured(f"{safe(name)} ({percent(kind['share']['value'])})", ACCENT, kind["accuracy"], kind["n"])
        for name, kind in found.items()
        if kind.get("accuracy")
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
