"""Fusion strategies under stress: inputs missing, noisy or contradicting; and what each input says. All figures are
means over seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import plotly.graph_objects as go

from mm_core.evaluation.lab_report import Run, Spread, Strategy
from mm_core.figures.figure import Figure, Row, safe, spaced
from mm_core.figures.lab import strategy_name
from mm_core.figures.palette import AMOUNT_SCALE, INK, SHARED, modality_colour
from mm_core.figures.theme import ROW, bar_height, empty, styled, write_cells
from mm_core.labels import COALITIONS, MODALITIES, coalition_name
from mm_core.locale import percent, say, the_modality

_ORDER: Final = [coalition_name(members) for members in sorted(COALITIONS, key=len, reverse=True)]


def missing_grid(strategies: Sequence[Strategy]) -> Figure:
    """Accuracy of every strategy with every subset of the inputs."""
    names = [n for n in _ORDER if any(n in run.missing for s in strategies for run in s.runs)]
    reading = say("lab-missing-reading")

    def given(name: str) -> Callable[[Run], float | None]:
        return lambda run: run.missing[name].accuracy if name in run.missing else None

    columns = [(name, spaced(name), given(name)) for name in names]
    return _grid(say("missing-title"), strategies, columns, say("lab-given-axis"), reading)


def noise_grid(strategies: Sequence[Strategy], modality: str) -> Figure:
    """Accuracy of every strategy as one input gets noisier."""
    levels = sorted({step.level for s in strategies for run in s.runs for step in run.noise.get(modality, ())})

    def at(level: float) -> Callable[[Run], float | None]:
        return lambda run: next((s.accuracy for s in run.noise.get(modality, ()) if s.level == level), None)

    reading = say("lab-noise-reading", modality=modality)
    columns = [(f"{level:g}", say("noise-none") if level == 0 else f"{level:g}", at(level)) for level in levels]
    return _grid(say("lab-noise-title", modality=modality), strategies, columns, say("lab-noise-axis"), reading)


def conflict_stack(strategies: Sequence[Strategy], odd: str) -> Figure:
    """Whom the answer of every strategy follows when one input carries another label than the two others."""
    parts: list[tuple[str, str, Callable[[Run], float | None]]] = [
        (say("conflict-rest"), SHARED, lambda run: run.conflict[odd].majority if odd in run.conflict else None),
        (
            safe(the_modality(odd)),
            modality_colour([odd]),
            lambda run: run.conflict[odd].odd if odd in run.conflict else None,
        ),
        (say("conflict-neither"), INK, lambda run: run.conflict[odd].other if odd in run.conflict else None),
    ]
    reading = say("lab-lies-reading", modality=odd)
    return _stack(say("lab-lies-title", modality=odd), strategies, parts, reading, by=0)


def share_stack(strategies: Sequence[Strategy]) -> Figure:
    """What each input says, on average, in every strategy."""

    def share(modality: str) -> Callable[[Run], float | None]:
        return lambda run: run.shares.get(modality)

    parts = [(m, modality_colour([m]), share(m)) for m in MODALITIES]
    reading = say("lab-shares-reading")
    return _stack(say("lab-shares-title"), strategies, parts, reading, by=None)


def _grid(
    title: str,
    strategies: Sequence[Strategy],
    columns: Sequence[tuple[str, str, Callable[[Run], float | None]]],
    axis: str,
    reading: str,
) -> Figure:
    cells = [[strategy.spread(of) for _, _, of in columns] for strategy in strategies]
    held = [(s, row) for s, row in zip(strategies, cells, strict=True) if any(row)]
    if not held:
        return Figure(title, empty(), say("lab-no-runs"), ())
    names = [strategy_name(s.fusion) for s, _ in held]
    values = [[_value(cell) for cell in row] for _, row in held]
    found = [cell.estimate.value for _, row in held for cell in row if cell is not None]
    # From the worst to the best, so that small differences show; the best alone is not worth the whole scale.
    least, reach = min(found), max(max(found) - min(found), 0.1)
    shades = [[max(value - least, 0.0) / reach for value in row] for row in values]
    plot = go.Figure(
        go.Heatmap(
            z=shades, x=list(range(len(columns))), y=names, zmin=0, zmax=1, colorscale=AMOUNT_SCALE, showscale=False,
            xgap=2, ygap=2, hovertemplate="%{text}<extra></extra>",
            text=[
                [f"{name}, {words}: {_cell(cell)}" for (_, words, _), cell in zip(columns, row, strict=True)]
                for name, (_, row) in zip(names, held, strict=True)
            ],
        )
    )  # fmt: skip
    texts = [["" if cell is None else percent(cell.estimate.value, sign=False) for cell in row] for _, row in held]
    write_cells(plot, texts, shades, names)
    places = {"tickvals": list(range(len(columns))), "ticktext": [words for _, words, _ in columns]}
    styled(
        plot,
        ROW * len(names) + 120,
        xaxis={**places, "side": "top", "tickangle": -50, "showgrid": False, "range": [-0.5, len(columns) - 0.5]},
        yaxis={"autorange": "reversed", "showgrid": False},
        margin={"r": 40},
    )
    table: list[Row] = [
        {"strategy": s.fusion, axis: key, **_columns(cell)}
        for s, row in held
        for (key, _, _), cell in zip(columns, row, strict=True)
        if cell is not None
    ]
    return Figure(title, plot, reading, tuple(table))


def _stack(
    title: str,
    strategies: Sequence[Strategy],
    parts: Sequence[tuple[str, str, Callable[[Run], float | None]]],
    reading: str,
    by: int | None,
) -> Figure:
    """Bars of shares, longest first part on top where ``by`` names it, else in the order given."""
    held = [(s, [s.spread(of) for _, _, of in parts]) for s in strategies]
    held = [(s, row) for s, row in held if all(cell is not None for cell in row)]
    if not held:
        return Figure(title, empty(), say("lab-no-runs"), ())
    if by is not None:
        held.sort(key=lambda item: -_value(item[1][by]))
    names = [strategy_name(s.fusion) for s, _ in held]
    plot = go.Figure()
    for index, (words, colour, _) in enumerate(parts):
        cells = [row[index] for _, row in held]
        plot.add_bar(
            x=[_value(cell) for cell in cells], y=names, orientation="h", name=words, marker={"color": colour},
            text=[percent(_value(cell), sign=False) for cell in cells], textposition="inside",
            insidetextanchor="middle", textangle=0, textfont={"color": "#ffffff"}, constraintext="none",
            customdata=[_cell(cell) for cell in cells],
            hovertemplate=f"%{{y}}, {words}: %{{customdata}}<extra></extra>",
        )  # fmt: skip
    styled(
        plot,
        bar_height(len(names), 80),
        barmode="stack",
        xaxis={"range": [0, 1.001], "tickformat": ".0%", "nticks": 5},
        yaxis={"autorange": "reversed", "showgrid": False},
        legend={"traceorder": "normal"},
        uniformtext={"mode": "hide"},
    )
    table: list[Row] = [
        {"strategy": s.fusion, "part": words, **_columns(cell)}
        for s, row in held
        for (words, _, _), cell in zip(parts, row, strict=True)
    ]
    return Figure(title, plot, reading, tuple(table))


def _value(cell: Spread | None) -> float:
    return 0.0 if cell is None else cell.estimate.value


def _cell(cell: Spread | None) -> str:
    return say("not-measured") if cell is None else cell.estimate.words()


def _columns(cell: Spread | None) -> Row:
    assert cell is not None
    return {
        "mean": cell.estimate.value,
        "low": cell.estimate.low,
        "high": cell.estimate.high,
        "seeds": len(cell.values),
    }
