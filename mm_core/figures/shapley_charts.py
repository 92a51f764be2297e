"""Where an answer comes from: the game that the modalities play, as waterfall, lattice, shares and table."""

from __future__ import annotations

from itertools import pairwise

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mm_core.evidence import Evidence
from mm_core.explain.shapley import Contributions
from mm_core.figures.figure import Figure, safe, signed, spaced
from mm_core.figures.palette import INK, SIGNED_SCALE, modality_colour
from mm_core.figures.theme import FONT_SIZE, ROW, SMALL, bar_height, empty, styled, symmetric, write_cells
from mm_core.labels import coalition_name
from mm_core.locale import modality_word, percent, points, say, the_modalities

_LABEL_ROOM = 0.42
"""Share of the waterfall's span that its labels take beside the bars on a phone."""

_GAP = 92
"""Pixels between the two panels of the waterfall: numbers and title of one axis, heading of the next."""


def waterfall(evidence: Evidence, label: str | None = None, value: str = "logit", task: str | None = None) -> Figure:
    """From the answer to nothing up to the answer to everything, one dividend at a time; Shapley values below.

    label: the class (by default the one explained). value: ``logit`` or ``probability``. The dividends (Harsanyi)
    add up to v(all) - v(nothing); so do the Shapley values, which share each joint dividend equally.
    """
    game = evidence.contributions(label, value, task)
    name = label or explained(evidence, task)
    inner = ROW * (len(game.dividends) + len(game.shapley) + 2.5) + _GAP
    plot = make_subplots(
        rows=2,
        cols=1,
        shared_xaxes=False,
        row_heights=[len(game.dividends) + 2, len(game.shapley) + 0.5],
        vertical_spacing=_GAP / inner,
        subplot_titles=(say("waterfall-steps"), say("waterfall-inputs")),
    )
    plot.update_annotations(x=0, xanchor="left", font={"size": FONT_SIZE})
    _draw_steps(plot, game, say("steps-axis", unit=value, label=safe(name)))
    _draw_shapley(plot, game)
    styled(plot, round(inner) + 64, margin={"t": 30})
    reading = say("waterfall-reading", unit=value, label=name)
    table = (
        {"part": "start", "coalition": "none", "value": game.start},
        *({"part": "dividend", "coalition": n, "value": d} for n, d in game.dividends.items()),
        {"part": "answer", "coalition": coalition_name(game.players), "value": game.total},
        *({"part": "shapley value", "coalition": p, "value": v} for p, v in game.shapley.items()),
    )
    return Figure(say("waterfall-title", label=name), plot, reading, table)


def _draw_steps(plot: go.Figure, game: Contributions, axis: str) -> None:
    """The upper panel: the level after each step runs from v(nothing) to v(all)."""
    steps = list(game.dividends.values())
    levels = [game.start]
    for dividend in steps:
        levels.append(levels[-1] + dividend)
    names = [say("waterfall-start"), *(spaced(name) for name in game.dividends), say("waterfall-end")]
    plot.add_bar(
        x=steps,
        y=names[1:-1],
        base=levels[:-1],
        orientation="h",
        marker={"color": [modality_colour(name) for name in game.dividends]},
        customdata=list(pairwise(levels)),
        hovertemplate="%{y}: %{x:+.3f}<br>"
        + say("step-hover", start="%{customdata[0]:.3f}", end="%{customdata[1]:.3f}")
        + "<extra></extra>",
        showlegend=False,
        row=1,
        col=1,
    )
    plot.add_scatter(
        x=[game.start, game.total],
        y=[names[0], names[-1]],
        mode="markers",
        marker={"symbol": "diamond", "size": 11, "color": INK},
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        showlegend=False,
        row=1,
        col=1,
    )
    ends = [game.start, *(max(pair) for pair in pairwise(levels)), game.total]
    words = [f"{game.start:.2f}".replace("-", "−"), *map(signed, steps), f"<b>{game.total:.2f}</b>".replace("-", "−")]
    label = {"xanchor": "left", "xshift": 8, "showarrow": False, "font": {"size": SMALL + 1}, "row": 1, "col": 1}
    for name, end, text in zip(names, ends, words, strict=True):
        plot.add_annotation(x=end, y=name, text=text, **label)
    # Thin uprights carry each level to the next bar, as a waterfall's connectors do.
    line = {"color": INK, "width": 1, "dash": "dot"}
    for row, level in enumerate(levels):
        plot.add_shape(type="line", x0=level, x1=level, y0=row, y1=row + 1, line=line, row=1, col=1)
    room = max(max(levels) - min(levels), 1e-6) * _LABEL_ROOM
    plot.update_xaxes(range=[min(levels) - room * 0.2, max(levels) + room], title=axis, row=1, col=1)
    plot.update_yaxes(categoryorder="array", categoryarray=names, range=[len(names) - 0.4, -0.6], row=1, col=1)


def _draw_shapley(plot: go.Figure, game: Contributions) -> None:
    players, values = list(game.shapley), list(game.shapley.values())
    names = [modality_word(player) for player in players]
    plot.add_bar(
        x=values,
        y=names,
        orientation="h",
        marker={"color": [modality_colour([p]) for p in players]},
        text=[signed(value) for value in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:+.3f}<extra></extra>",
        showlegend=False,
        row=2,
        col=1,
    )
    plot.add_vline(x=0, line={"color": INK, "width": 1}, row=2, col=1)
    plot.update_xaxes(range=symmetric(values, room=1.7), row=2, col=1)
    plot.update_yaxes(categoryorder="array", categoryarray=names, range=[len(players) - 0.4, -0.6], row=2, col=1)


def shapley_bars(
    evidence: Evidence,
    label: str | None = None,
    value: str = "probability",
    task: str | None = None,
    reach: float | None = None,
) -> Figure:
    """Each input's Shapley value for one class, in ``probability`` (shown in points of a hundred) or ``logit``.

    reach: the axis runs from -reach to reach, so that two cases can stand side by side; by default what fits.
    """
    game = evidence.contributions(label, value, task)
    name = label or explained(evidence, task)
    title = say("contributions-title", label=name)
    table = tuple({"modality": player, "shapley value": phi} for player, phi in game.shapley.items())
    if len(game.players) == 1 and reach is None:
        words = say("contributions-one-input", inputs=the_modalities(game.players))
        return Figure(title, empty(), words, table, html="")
    players, values = list(game.shapley), list(game.shapley.values())
    shown = [points(v) if value == "probability" else signed(v) for v in values]
    plot = go.Figure(
        go.Bar(
            x=values,
            y=[modality_word(player) for player in players],
            orientation="h",
            marker={"color": [modality_colour([player]) for player in players]},
            text=shown,
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    plot.add_vline(x=0, line={"color": INK, "width": 1})
    limits = symmetric(values, room=1.7) if reach is None else symmetric([reach], room=1.7)
    styled(
        plot,
        bar_height(len(players), 24),
        xaxis={"visible": False, "range": limits},
        yaxis={"autorange": "reversed"},
    )
    if value == "probability":
        reading = say("contributions-probability-reading", label=name, start=game.start, total=game.total)
    else:
        reading = say("contributions-logit-reading", label=name, start=game.start, total=game.total)
    return Figure(title, plot, reading, table)


def shares_bar(evidence: Evidence, label: str | None = None, value: str = "logit", task: str | None = None) -> Figure:
    """Each modality's share of the contributions, |phi| / sum |phi|."""
    game = evidence.contributions(label, value, task)
    name = label or explained(evidence, task)
    title = say("shares-title", label=name)
    if game.shares is None:
        words = say("shares-none")
        return Figure(title, empty(), words, ())
    players, shares = list(game.shares), list(game.shares.values())
    plot = go.Figure(
        go.Bar(
            x=shares,
            y=[modality_word(player) for player in players],
            orientation="h",
            marker={"color": [modality_colour([p]) for p in players]},
            text=[percent(share) for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    styled(
        plot,
        bar_height(len(players), 24),
        xaxis={"visible": False, "range": [0, 1.16]},
        yaxis={"autorange": "reversed"},
    )
    reading = say("shares-reading", label=name)
    table = tuple(
        {"modality": player, "share": share, "shapley value": game.shapley[player]}
        for player, share in game.shares.items()
    )
    return Figure(title, plot, reading, table)


def interaction_table(evidence: Evidence, value: str = "logit", task: str | None = None) -> Figure:
    """Shapley interaction index of each pair and of the three, for every class; never added to contributions."""
    chosen = task or evidence.task
    classes = evidence.coalitions.labels[chosen]
    games = {label: evidence.contributions(label, value, chosen) for label in classes}
    names = list(games[classes[0]].interactions)
    title = say("interactions-title")
    if not names:
        words = say("interactions-none")
        return Figure(title, empty(), words, ())
    grid = [[games[label].interactions[name] for name in names] for label in classes]
    shown = [safe(label) for label in classes]
    low, high = symmetric([v for row in grid for v in row])
    plot = go.Figure(
        go.Heatmap(
            z=grid,
            x=list(range(len(names))),
            y=shown,
            zmin=low,
            zmax=high,
            colorscale=SIGNED_SCALE,
            showscale=False,
            xgap=2,
            ygap=2,
            hovertemplate="%{y}: %{z:+.3f}<extra></extra>",
        )
    )
    write_cells(plot, [[signed(v) for v in row] for row in grid], [[v / high for v in row] for row in grid], shown)
    styled(
        plot,
        bar_height(len(classes), 80),
        xaxis={
            "tickvals": list(range(len(names))),
            "ticktext": [_stacked(n) for n in names],
            "side": "top",
            "showgrid": False,
        },
        yaxis={"autorange": "reversed", "showgrid": False},
    )
    reading = say("interactions-reading", unit=value)
    table = tuple(
        {"class": label, "coalition": name, "interaction": games[label].interactions[name]}
        for label in classes
        for name in names
    )
    return Figure(title, plot, reading, table)


def explained(evidence: Evidence, task: str | None) -> str:
    """The class to speak about: the explained one, or the answer of another task."""
    if task is None or task == evidence.task:
        return evidence.label
    return evidence.prediction.answers[task].label


def _stacked(name: str) -> str:
    return spaced(name).replace(" + ", "<br>+ ")
