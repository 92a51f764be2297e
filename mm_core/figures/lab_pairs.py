"""Two runs of the lab side by side: the difference of their accuracy and who is right on which cases."""

from __future__ import annotations

import plotly.graph_objects as go

from mm_core.evaluation.compare import Paired
from mm_core.figures.figure import Figure, safe, signed
from mm_core.figures.intervals import Measured, estimate_cells, interval_plot
from mm_core.figures.palette import ACCENT, AMOUNT_SCALE
from mm_core.figures.theme import empty, styled, write_cells
from mm_core.locale import percent


def difference_sentence(found: Paired, first: str, second: str) -> str:
    """Which of two is right more often, in words; ``first`` and ``second`` as people call them."""
    points = f"{signed(100 * found.difference.value, 1)} points"
    interval = found.difference.interval
    if interval is None:
        return (
            f"{points} lie between the two on {found.n:,} cases, which come from too few groups to say whether that "
            "is chance."
        )
    low, high = interval
    points += f" ({signed(100 * low, 1)} to {signed(100 * high, 1)})"
    if low > 0:
        verdict = f"{first} is right more often"
    elif high < 0:
        verdict = f"{second} is right more often"
    else:
        verdict = "These cases do not tell the two apart"
    return f"{verdict}: {points} of {found.n:,} cases."


def difference_plot(found: Paired, first: str, second: str) -> Figure:
    """Accuracy of the first minus the second on the same cases, with its paired interval."""
    title = f"{first} minus {second}"
    measured = Measured("first minus second", ACCENT, found.difference, digits=3)
    ends = map(abs, measured.ends)
    reach = max(*ends, 0.01) * 1.25
    plot = interval_plot(
        [measured],
        f"difference of accuracy, n = {found.n:,}",
        -reach,
        reach,
    )
    reading = (
        "Right of 0 the first is right more often. The bar is the 95% interval over resampled cases, both judged on "
        "the same ones; where it crosses 0, another sample of cases could turn the order round."
    )
    rows = (("first", found.first), ("second", found.second), ("difference", found.difference))
    return Figure(title, plot, reading, tuple({"what": what, **estimate_cells(e), "n": found.n} for what, e in rows))


def discordance_grid(found: Paired, first: str, second: str) -> Figure:
    """Cases by who is right, with McNemar's exact test on those that only one gets right."""
    title = "Who is right on which cases"
    d = found.discordance
    if d is None:
        reading = "McNemar's test asks about two single runs: choose one seed on each side to see who is right where."
        return Figure(title, empty(), reading, ())
    counts = [[d.both, d.first_only], [d.second_only, d.neither]]
    columns, rows = ["right", "wrong"], ["right ", "wrong "]  # apart, as both axes are categories
    shares = [[cell / found.n for cell in row] for row in counts]
    plot = go.Figure(
        go.Heatmap(
            z=shares, x=[0, 1], y=rows, zmin=0, zmax=1, colorscale=AMOUNT_SCALE, showscale=False, xgap=3, ygap=3,
            hoverinfo="skip",
        )
    )  # fmt: skip
    texts = [
        [f"{n:,} ({percent(s)})" for n, s in zip(*pair, strict=True)] for pair in zip(counts, shares, strict=True)
    ]
    write_cells(plot, texts, shares, rows)
    styled(
        plot,
        230,
        xaxis={
            "tickvals": [0, 1],
            "ticktext": columns,
            "side": "top",
            "title": f"{safe(second, 40)}",
            "showgrid": False,
            "range": [-0.5, 1.5],
        },
        yaxis={"autorange": "reversed", "title": f"{safe(first, 40)}", "showgrid": False},
    )
    only = f"The first alone is right on {d.first_only:,}, the second alone on {d.second_only:,}"
    chance = (
        "so rarely by chance that they differ" if d.p < 0.05 else "often enough by chance that they may not differ"
    )
    reading = (
        f"{only}; if both were equally good, a split this uneven or worse came about with p = {_p(d.p)}: {chance}."
    )
    names = ("first right", "second right", "cases")
    cells = (
        (True, True, d.both),
        (True, False, d.first_only),
        (False, True, d.second_only),
        (False, False, d.neither),
    )
    return Figure(title, plot, reading, tuple(dict(zip(names, cell, strict=True)) for cell in cells))


def _p(p: float) -> str:
    return "less than 0.001" if p < 0.001 else f"{p:.3f}"
