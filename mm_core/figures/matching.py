"""Why two inputs agree or not: which word, patch or moment of one matches which of the other."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from mm_core.evidence import Evidence
from mm_core.figures.attention import quoted, unit_ticks
from mm_core.figures.figure import Figure, safe
from mm_core.figures.palette import SIGNED_SCALE
from mm_core.figures.theme import SMALL, empty, styled
from mm_core.locale import say


def telling_pair(evidence: Evidence) -> tuple[str, str] | None:
    """The pair whose match says most: the one least likely to agree if any is said to disagree, else the likeliest;
    None where tokens were not matched."""
    chances = {pair: p for pair, p in evidence.prediction.agreement.items() if pair in evidence.matches}
    if not chances:
        return None
    clash = any(evidence.prediction.said[pair] == "disagree" for pair in chances)
    first, second = (min if clash else max)(chances, key=chances.__getitem__).split("+")
    return first, second


def match_map(evidence: Evidence, first: str, second: str) -> Figure:
    """How well each unit of ``first`` (rows) matches each of ``second`` (columns), against the mean of the map."""
    title = say("match-title", first=first, second=second)
    grid = evidence.match_between(first, second)
    if grid is None or not grid.size:
        return Figure(title, empty(), say("match-none"), ())
    rows, columns = evidence.units[first], evidence.units[second]
    shown = grid - grid.mean()
    high = max(float(np.abs(shown).max()), 1e-6)
    plot = go.Figure(
        go.Heatmap(
            z=shown.round(4).tolist(),
            zmin=-high,
            zmax=high,
            colorscale=SIGNED_SCALE,
            colorbar={
                "orientation": "h", "thickness": 8, "len": 0.8, "y": -0.02, "yanchor": "top",
                "tickvals": [-high, 0, high],
                "ticktext": [say("match-end", end=end) for end in ("worse", "mean", "better")],
                "tickfont": {"size": SMALL}, "outlinewidth": 0,
            },
            text=[[f"{safe(q, 30)} · {safe(k, 30)}" for k in columns.labels] for q in rows.labels],
            hovertemplate="%{text}: %{z:+.2f}<extra></extra>",
        )
    )  # fmt: skip
    styled(
        plot,
        min(max(260, 16 * len(rows) + 150), 620),
        xaxis={**unit_ticks(columns, safe(second), "top"), "range": [-0.5, len(columns) - 0.5]},
        yaxis={**unit_ticks(rows, safe(first), "left"), "range": [len(rows) - 0.5, -0.5]},
    )
    best, worst = int(grid.max(1).argmax()), int(grid.max(1).argmin())
    reading = say(
        "match-reading",
        first=first,
        second=second,
        best=quoted(evidence, first, best),
        partner=quoted(evidence, second, int(grid[best].argmax())),
        worst=quoted(evidence, first, worst),
    )
    table = tuple(
        {
            first: label,
            f"best in {second}": columns.labels[int(grid[row].argmax())],
            "similarity": float(grid[row].max()),
        }
        for row, label in enumerate(rows.labels)
    )
    return Figure(title, plot, reading, table)
