"""Curves over all cases of a report: ROC, precision against recall, reliability, risk against coverage.

Shapes: N cases, C classes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from mm_core.figures.figure import Figure, Row, safe
from mm_core.figures.palette import ACCENT, FAINT, INK, SHARED, class_colour, class_dash
from mm_core.figures.rows import Rows
from mm_core.figures.theme import empty, note, styled
from mm_core.locale import percent, say

POINTS: Final = 120
"""Points of a drawn curve; thousands more would only make a page slow."""

BINS: Final = 10
"""Bins of equal width of the confidence, as for the report's calibration error."""


def roc_curves(rows: Rows, what: str = "") -> Figure:
    """One curve a class against all others, with the area below it. what: the cases in words, for the title."""
    from sklearn.metrics import auc, roc_curve

    title = say("roc-title", what=what or "none")
    curves = []
    for label, truth, score in _classes(rows):
        x, y, _ = roc_curve(truth, score)
        curves.append((label, x, y, float(auc(x, y))))
    reading = say("roc-reading")
    return _class_curves(
        title, curves, "AUC", (say("roc-axis", axis="x"), say("roc-axis", axis="y")), reading, diagonal=True
    )


def precision_recall_curves(rows: Rows, what: str = "") -> Figure:
    """One curve a class, with its average precision."""
    from sklearn.metrics import average_precision_score, precision_recall_curve

    title = say("precision-recall-title", what=what or "none")
    curves = []
    for label, truth, score in _classes(rows):
        precision, recall, _ = precision_recall_curve(truth, score)
        curves.append((label, recall[::-1], precision[::-1], float(average_precision_score(truth, score))))
    reading = say("precision-recall-reading")
    return _class_curves(title, curves, "AP", (say("recall"), say("precision")), reading, diagonal=False)


def reliability(rows: Rows, what: str = "") -> Figure:
    """Share of right answers against confidence, before and after temperature scaling (Guo et al., ICML 2017)."""
    title = f"{say('reliability-title')} {what[:1].upper()}{what[1:]}".rstrip()
    if not len(rows):
        return Figure(title, empty(), say("evaluation-nothing"), ())
    looks = [("after", rows.probabilities, ACCENT, "circle")]
    if rows.uncalibrated is not None:
        looks.insert(0, ("before", rows.uncalibrated, SHARED, "diamond-open"))
    plot = go.Figure()
    plot.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"color": INK, "dash": "dot", "width": 1})
    table: list[Row] = []
    for name, probabilities, colour, symbol in looks:
        bins = reliability_bins(probabilities.max(1), rows.right)
        error = sum(n * abs(confidence - share) for confidence, share, n in bins) / len(rows)
        plot.add_scatter(
            x=[b[0] for b in bins],
            y=[b[1] for b in bins],
            mode="lines+markers",
            name=say("reliability-line", when=name, error=f"{error:.3f}"),
            line={"color": colour, "width": 2},
            marker={
                "symbol": symbol,
                "color": colour,
                "size": [6 + 16 * (b[2] / len(rows)) ** 0.5 for b in bins],
                "line": {"width": 2, "color": colour},
            },
            customdata=[[b[2]] for b in bins],
            hovertemplate=say("reliability-hover", sure="%{x:.0%}", right="%{y:.0%}", count="%{customdata[0]}")
            + "<extra></extra>",
        )
        table.extend({"scaling": name, "confidence": c, "right": s, "cases": n} for c, s, n in bins)
    share = {"range": [-0.03, 1.03], "tickformat": ".0%", "nticks": 5}
    styled(
        plot,
        380,
        xaxis={**share, "title": say("confidence")},
        yaxis={**share, "title": say("share-right")},
        legend={"orientation": "v"},
    )
    reading = say("reliability-reading")
    return Figure(title, plot, reading, tuple(table))


def risk_coverage(rows: Rows, unsure_below: float | None = None, what: str = "") -> Figure:
    """Share of wrong answers among the surest ones, as more are answered. unsure_below: the confidence from which
    an answer counts as sure, marked on the curve."""
    title = f"{say('risk-title')} {what[:1].upper()}{what[1:]}".rstrip()
    if not len(rows):
        return Figure(title, empty(), say("evaluation-nothing"), ())
    confidence = rows.probabilities.max(1)
    coverage, risk = risk_curve(confidence, rows.right)
    kept = _thinned(coverage)
    plot = go.Figure()
    plot.add_scatter(
        x=coverage[kept].tolist(),
        y=risk[kept].tolist(),
        mode="lines",
        line={"color": ACCENT, "width": 3},
        hovertemplate=say("risk-hover", answered="%{x:.0%}", wrong="%{y:.1%}") + "<extra></extra>",
        showlegend=False,
    )
    if unsure_below is not None:
        share = float((confidence >= unsure_below).mean())
        wrong = float(risk[max(round(share * len(rows)) - 1, 0)])
        plot.add_vline(x=share, line={"color": INK, "dash": "dot", "width": 1})
        plot.add_scatter(
            x=[share],
            y=[wrong],
            mode="markers",
            marker={"size": 11, "color": INK, "symbol": "diamond"},
            hovertemplate=say("risk-sure-hover", answered="%{x:.0%}", wrong="%{y:.1%}") + "<extra></extra>",
            showlegend=False,
        )
        note(plot, say("risk-sure", share=percent(share), wrong=percent(wrong)))
    top = max(float(risk.max()) * 1.08, 0.05)
    styled(
        plot,
        340,
        xaxis={"range": [0, 1.01], "tickformat": ".0%", "title": say("risk-axis"), "nticks": 5},
        yaxis={"range": [0, top], "tickformat": ".0%", "title": say("share-wrong"), "nticks": 5},
        margin={"t": 32},
    )
    reading = say("risk-reading", area=f"{float(risk.mean()):.3f}")
    table = tuple({"answered": float(x), "wrong": float(y)} for x, y in zip(coverage[kept], risk[kept], strict=True))
    return Figure(title, plot, reading, table)


def reliability_bins(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> list[tuple[float, float, int]]:
    """Of each of BINS equal bins of the confidence (N,) that holds cases: mean confidence, share right, cases."""
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    found = []
    for b in range(BINS):
        inside = index == b
        if inside.any():
            found.append((float(confidence[inside].mean()), float(right[inside].mean()), int(inside.sum())))
    return found


def risk_curve(
    confidence: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coverage k / N and the share of wrong answers among the k surest, each (N,) (El-Yaniv and Wiener, 2010)."""
    order = np.argsort(-confidence, kind="stable")
    counts = np.arange(1, len(order) + 1)
    return counts / len(order), np.cumsum(~right[order]) / counts


def _classes(rows: Rows) -> list[tuple[str, NDArray[np.bool_], NDArray[np.float64]]]:
    """Name, truth (N,) and score (N,) of each class that has both cases and others."""
    found = []
    for c, label in enumerate(rows.labels):
        truth = rows.targets[:, c]
        if truth.any() and not truth.all():
            found.append((label, truth, rows.probabilities[:, c]))
    return found


Curve = tuple[str, NDArray[np.float64], NDArray[np.float64], float]
"""A class, x and y of its curve, and the area that sums it up."""


def _class_curves(
    title: str, curves: list[Curve], area: str, axes: tuple[str, str], reading: str, diagonal: bool
) -> Figure:
    if not curves:
        return Figure(title, empty(), say("evaluation-nothing"), ())
    plot = go.Figure()
    if diagonal:
        plot.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"color": FAINT, "dash": "dot", "width": 2})
    table: list[Row] = []
    for index, (label, x, y, value) in enumerate(curves):
        kept = _thinned(x + np.abs(np.diff(y, prepend=y[0])).cumsum())
        name = safe(label)
        plot.add_scatter(
            x=x[kept].round(4).tolist(),
            y=y[kept].round(4).tolist(),
            mode="lines",
            name=f"{name}, {area} {value:.2f}",
            line={"color": class_colour(label), "dash": class_dash(index), "width": 2.5},
            hovertemplate=f"{name}: {axes[0]} %{{x:.0%}}, {axes[1]} %{{y:.0%}}<extra></extra>",
        )
        table.extend(
            {"class": label, axes[0]: float(a), axes[1]: float(b), area: value}
            for a, b in zip(x[kept], y[kept], strict=True)
        )
    share = {"range": [-0.01, 1.02], "tickformat": ".0%", "nticks": 5}
    styled(
        plot,
        470,
        xaxis={**share, "title": axes[0]},
        yaxis={**share, "title": axes[1]},
        legend={"y": -0.2, "yanchor": "top"},
    )
    return Figure(title, plot, reading, tuple(table))


def _thinned(along: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of at most POINTS points spread evenly along a growing quantity (K,), both ends among them."""
    if len(along) <= POINTS:
        return np.arange(len(along))
    wanted = np.linspace(along[0], along[-1], POINTS)
    found = np.searchsorted(along, wanted).clip(0, len(along) - 1)
    return np.unique(np.concatenate(([0], found, [len(along) - 1])))
