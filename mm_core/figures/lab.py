"""Fusion strategies of the lab as charts: how good, how dear, whom they follow. Dots are means over seeds."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Final, Literal

from mm_core.evaluation.lab_report import Comparison, Reference, Run, Spread, Strategy
from mm_core.evaluation.records import Estimate
from mm_core.figures.evaluation import capitalised, metric_name
from mm_core.figures.figure import Figure, Row, safe
from mm_core.figures.fronts import Design, design_row, front_plot
from mm_core.figures.intervals import Measured, estimate_cells, interval_plot
from mm_core.figures.palette import ACCENT, FOR, INK, SHARED
from mm_core.figures.theme import empty
from mm_core.locale import listed, say

METRICS: Final = ("accuracy", "macro_f1", "weighted_f1", "ece", "nll")

LESS_IS_BETTER: Final = ("ece", "nll")

Cost = Literal["parameters", "seconds"]

DIGITS: Final = 3
"""Decimals: strategies lie close."""

NEAR: Final = 0.08
"""How far from the strategies an estimate from elsewhere may lie to be drawn: those further away would press all
differences flat."""


def strategy_name(fusion: str) -> str:
    """A strategy's name for a chart or a menu."""
    return "cross-attention" if fusion == "cross_attention" else safe(fusion.replace("_", " "))


def is_late(fusion: str) -> bool:
    """Whether a strategy joins finished answers: what every other one must justify itself against."""
    return fusion.startswith("late")


def metric_of(name: str) -> Callable[[Run], float | None]:
    """Reads one metric of a run."""
    return lambda run: run.metrics.get(name)


def strategy_bars(
    strategies: Sequence[Strategy], metric: str = "accuracy", references: Sequence[Reference] = ()
) -> Figure:
    """One metric of every strategy, best first, each seed as a tick; below, as open grey dots, figures that others
    published or that were measured for orientation, if they lie near."""
    words = metric_name(metric)
    title = say("metric-by-strategy", metric=capitalised(words))
    found = _ranked(strategies, metric_of(metric), descending=metric not in LESS_IS_BETTER)
    if not found:
        return Figure(title, empty(), say("lab-no-runs"), ())
    beside = [reference for reference in references if reference.metric == metric]
    measured = [
        Measured(
            strategy_name(strategy.fusion), ACCENT, spread.estimate, hollow=is_late(strategy.fusion), digits=DIGITS
        )
        for strategy, spread in found
    ]
    least, most = _ends(measured, NEAR)
    drawn = [reference for reference in beside if least <= reference.value <= most]
    for reference in drawn:
        name, estimate = safe(reference.name, 40), Estimate(value=reference.value)
        measured.append(Measured(name, SHARED, estimate, hollow=True, bare=True, digits=DIGITS))
    low, high = _ends(measured, 0.005)
    cases = max(run.n for strategy, _ in found for run in strategy.runs)
    plot = interval_plot(measured, f"{words}, n = {cases:,}", low, high)
    for index, (_, spread) in enumerate(found):
        plot.add_scatter(
            x=spread.values, y=[index] * len(spread.values), mode="markers", hoverinfo="skip", showlegend=False,
            marker={"symbol": "line-ns", "size": 12, "line": {"width": 1.5, "color": INK}},
        )  # fmt: skip
    side = "left" if metric in LESS_IS_BETTER else "right"
    reading = say("metric-by-strategy-reading", side=side, elsewhere="yes" if drawn else "no")
    table: list[Row] = [_seeds_row(strategy, spread, metric) for strategy, spread in found]
    table += [
        {**dict.fromkeys(table[0]), "strategy": r.name, "metric": metric, "mean": r.value, "kind": r.kind}
        for r in beside
    ]
    return Figure(title, plot, reading, tuple(table))


def cost_scatter(strategies: Sequence[Strategy], cost: Cost = "parameters", metric: str = "accuracy") -> Figure:
    """A metric against what a strategy costs; a line joins those that no cheaper one matches."""
    words = metric_name(metric)
    title = say("metric-against-cost", metric=capitalised(words), cost=say("lab-cost", cost=cost))
    designs = [
        Design(
            strategy_name(strategy.fusion), price, spread.estimate,
            symbol="circle-open" if is_late(strategy.fusion) else "circle",
        )
        for strategy, spread in _ranked(strategies, metric_of(metric))
        if (price := _cost(strategy, cost)) > 0  # what costs nothing has no place on an axis of powers of ten
    ]  # fmt: skip
    if not designs:
        return Figure(title, empty(), say("lab-no-runs"), ())
    axis = {"type": "log", "title": say("lab-cost", cost=cost), **_powers([design.cost for design in designs])}
    plot, kept = front_plot(designs, axis, words, metric in LESS_IS_BETTER)
    reading = say("metric-against-cost-reading", better="down" if metric in LESS_IS_BETTER else "up")
    rows = [design_row(design, on, cost, metric) for design, on in zip(designs, kept, strict=True)]
    return Figure(title, plot, reading, tuple(rows))


def late_comparisons(comparisons: Sequence[Comparison]) -> Figure:
    """The default strategy against each way of joining finished answers: difference of accuracy, with the margin."""
    title = say("late-title")
    if not comparisons:
        return Figure(title, empty(), say("late-none"), ())
    measured = [
        Measured(say("late-against", strategy=strategy_name(c.second)), ACCENT, c.difference, digits=DIGITS)
        for c in comparisons
    ]
    margin = max(c.margin for c in comparisons)
    low, high = _ends(measured, 0.005)
    plot = interval_plot(measured, say("late-axis"), min(low, -2 * margin), max(high, 2 * margin))
    plot.add_vline(x=-margin, line={"color": FOR, "width": 1.5, "dash": "dash"}, layer="below")
    worse = [strategy_name(c.second) for c in comparisons if not c.not_worse]
    shown = "no" if worse else "yes"
    reading = say("late-reading", points=100 * margin, shown=shown, strategies=listed(worse) if worse else "none")
    table = tuple(
        {
            "first": c.first,
            "second": c.second,
            **estimate_cells(c.difference),
            "margin": c.margin,
            "not worse": c.not_worse,
        }
        for c in comparisons
    )
    return Figure(title, plot, reading, table)


def _ranked(
    strategies: Sequence[Strategy], of: Callable[[Run], float | None], descending: bool = True
) -> list[tuple[Strategy, Spread]]:
    found = [(strategy, spread) for strategy in strategies if (spread := strategy.spread(of)) is not None]
    return sorted(found, key=lambda item: -item[1].estimate.value if descending else item[1].estimate.value)


def _cost(strategy: Strategy, cost: Cost) -> float:
    """The mean over the strategy's runs."""
    return statistics.fmean(float(getattr(run, cost)) for run in strategy.runs)


def _powers(costs: Sequence[float]) -> dict[str, object]:
    """Ticks around these costs for an axis of powers: the closer together they lie, the more a decade."""
    wide = max(costs) / min(costs)
    digits = (1, 2, 5) if wide < 30 else (1, 3) if wide < 1000 else (1,)
    first, last = math.floor(math.log10(min(costs))), math.ceil(math.log10(max(costs)))
    ticks = [digit * 10.0**power for power in range(first, last + 1) for digit in digits]
    kept = [tick for tick in ticks if min(costs) / 2 <= tick <= 2 * max(costs)]
    return {"tickvals": kept, "ticktext": [_short(tick) for tick in kept]}


def _short(number: float) -> str:
    """30,000 as ``30k``."""
    for unit, words in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= unit:
            return f"{number / unit:g}{words}"
    return f"{number:g}"


def _ends(measured: Sequence[Measured], least_room: float) -> tuple[float, float]:
    """Ends of an axis that holds all intervals with some room; strategies lie close, so it need not begin at 0."""
    ends = [end for m in measured for end in m.ends]
    room = max(0.08 * (max(ends) - min(ends)), least_room)
    return min(ends) - room, max(ends) + room


def _seeds_row(strategy: Strategy, spread: Spread, metric: str) -> Row:
    return {
        "strategy": strategy.fusion,
        "metric": metric,
        "mean": spread.estimate.value,
        "low": spread.estimate.low,
        "high": spread.estimate.high,
        "deviation": spread.deviation,
        "seeds": len(spread.values),
        "kind": "run",
    }
