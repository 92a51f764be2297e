"""Two runs of the lab side by side: the difference of their accuracy and who is right on which cases."""

from __future__ import annotations

import plotly.graph_objects as go

from mm_core.evaluation.compare import Paired
from mm_core.figures.figure import Figure, safe, signed
from mm_core.figures.intervals import Measured, estimate_cells, interval_plot
from mm_core.figures.palette import ACCENT, AMOUNT_SCALE
from mm_core.figures.theme import empty, styled, write_cells
from mm_core.locale import percent, say


def difference_sentence(found: Paired, first: str, second: str) -> str:
    """Which of two is right more often, in words; ``first`` and ``second`` as people call them."""
    points = signed(100 * found.difference.value, 1)
    interval = found.difference.interval
    if interval is None:
        return say("pair-too-few", points=points, count=found.n)
    low, high = interval
    return say(
        "pair-verdict",
        better="first" if low > 0 else "second" if high < 0 else "neither",
        first=first,
        second=second,
        points=points,
        low=signed(100 * low, 1),
        high=signed(100 * high, 1),
        count=found.n,
    )


def difference_plot(found: Paired, first: str, second: str) -> Figure:
    """Accuracy of the first minus the second on the same cases, with its paired interval."""
    title = say("pair-minus", first=first, second=second)
    measured = Measured(say("pair-first-minus-second"), ACCENT, found.difference, digits=3)
    ends = map(abs, measured.ends)
    reach = max(*ends, 0.01) * 1.25
    plot = interval_plot(
        [measured],
        say("pair-difference-axis", count=found.n),
        -reach,
        reach,
    )
    reading = say("pair-reading")
    rows = (("first", found.first), ("second", found.second), ("difference", found.difference))
    return Figure(title, plot, reading, tuple({"what": what, **estimate_cells(e), "n": found.n} for what, e in rows))


def discordance_grid(found: Paired, first: str, second: str) -> Figure:
    """Cases by who is right, with McNemar's exact test on those that only one gets right."""
    title = say("discordance-title")
    d = found.discordance
    if d is None:
        reading = say("discordance-none")
        return Figure(title, empty(), reading, ())
    counts = [[d.both, d.first_only], [d.second_only, d.neither]]
    columns = [say("share-right"), say("share-wrong")]
    rows = [f"{name} " for name in columns]  # apart, as both axes are categories
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
    reading = say(
        "discordance-reading",
        first=d.first_only,
        second=d.second_only,
        p=_p(d.p),
        differ="yes" if d.p < 0.05 else "no",
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
    return say("p-tiny") if p < 0.001 else f"{p:.3f}"
