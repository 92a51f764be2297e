"""EMAP (Hessel and Lee, EMNLP 2020): how much of a model's accuracy needs modalities to interact.

The model is projected onto sums of functions of one modality each, here for up to three modalities, and of three
onto sums of functions of two: averages over random partners estimate the projection (Monte Carlo). All averages of
one draw share their partners, so what is additive already has no Monte Carlo noise at all.

Shapes: N cases, C classes, K draws, G parts of the draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.datasets.compose import Composition
from mm_core.evaluation.cases import Drawn, answers_to, truth_of
from mm_core.evaluation.coalitions import CoalitionGames
from mm_core.evaluation.contributions_report import Emap, Projection
from mm_core.evaluation.metrics import Resampler
from mm_core.predictors import Predictor

PARTS: Final = 8
"""Parts of the draws; leaving one out after the other gives the Monte Carlo error."""


def emap(
    model: Predictor,
    drawn: Drawn,
    composition: Composition,
    games: CoalitionGames,
    projected: int,
    draws: int,
    random: np.random.Generator,
) -> Emap:
    """Project the answers to the first ``projected`` cases; partners come from all cases."""
    places = drawn.places(composition)
    players = games.players
    truth = truth_of(composition)[:projected]
    fixed_sets: list[tuple[str, ...]] = [(), *((p,) for p in players)]
    if len(players) > 2:
        fixed_sets += combinations(players, 2)
    made = {fixed: np.zeros((draws, projected, games.logits.shape[2])) for fixed in fixed_sets}
    for k in range(draws):
        partners = {p: random.choice(places[p], projected) for p in players}
        for fixed in fixed_sets:
            mixed = {p: places[p][:projected] if p in fixed else partners[p] for p in players}
            made[fixed][k] = answers_to(model, drawn.readings, mixed, players).emotion
    parts = np.array_split(np.arange(draws), min(PARTS, draws))
    averages = {fixed: np.stack([answers[part].mean(0) for part in parts]) for fixed, answers in made.items()}
    full = games.logits[-1][:projected]
    first = Composition(
        {m: rows[:projected] for m, rows in composition.rows.items()},
        {m: labels[:projected] for m, labels in composition.labels.items()},
    )
    resampler = drawn.resampler(first)
    return Emap(
        n=projected,
        draws=draws,
        full=_score(full[None], full, truth, resampler),
        additive=_score(additive(averages, players), full, truth, resampler),
        pairwise=_score(pairwise(averages, players), full, truth, resampler) if len(players) > 2 else None,
    )


def additive(averages: Mapping[tuple[str, ...], NDArray[np.float64]], players: Sequence[str]) -> NDArray[np.float64]:
    """The projection onto sums of functions of one modality. averages[S] (..., N, C): mean answer when the
    modalities of S are kept and the others are a random partner's."""
    return np.sum([averages[(p,)] for p in players], axis=0) - (len(players) - 1) * averages[()]


def pairwise(averages: Mapping[tuple[str, ...], NDArray[np.float64]], players: Sequence[str]) -> NDArray[np.float64]:
    """The projection onto sums of functions of two of three modalities; averages as for ``additive``, with pairs."""
    pairs = np.sum([averages[pair] for pair in combinations(players, 2)], axis=0)
    return pairs - np.sum([averages[(p,)] for p in players], axis=0) + averages[()]


def _score(
    parts: NDArray[np.float64], full: NDArray[np.float64], truth: NDArray[np.int64], resampler: Resampler
) -> Projection:
    """parts (G, N, C): the projection from each part of the draws; their mean is the projection.

    ``explained``: the share of the variance of the centred logits that it explains, less the Monte Carlo noise.
    """
    whole = parts.mean(0)
    hits = (whole.argmax(1) == truth).astype(float)
    lost = (full.argmax(1) == truth) - hits
    left_out = [np.delete(parts, g, 0).mean(0) for g in range(len(parts))] if len(parts) > 1 else []
    centred = full - full.mean(1, keepdims=True)
    projected = parts - parts.mean(2, keepdims=True)
    residual = np.square(centred - projected.mean(0)).sum()
    if len(parts) > 1:
        residual -= projected.var(0, ddof=1).sum() / len(parts)
    spread = np.square(centred - centred.mean(0)).sum()
    return Projection(
        accuracy=resampler.share(hits),
        lost=resampler.share(lost),
        same_answer=float((whole.argmax(1) == full.argmax(1)).mean()),
        explained=float(min(1 - residual / spread, 1.0)) if spread > 0 else 1.0,
        monte_carlo_error=_jackknife_error([float((part.argmax(1) == truth).mean()) for part in left_out]),
    )


def _jackknife_error(left_out: Sequence[float]) -> float:
    """Standard error from estimates that each leave out one part (Efron, 1982)."""
    if len(left_out) < 2:
        return 0.0
    values = np.asarray(left_out)
    return float(np.sqrt((len(values) - 1) * np.square(values - values.mean()).mean()))
