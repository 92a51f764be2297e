"""EMAP (Hessel and Lee, EMNLP 2020): how much of a model's accuracy needs modalities to interact.

The model is projected onto sums of functions of one modality each, here for up to three modalities, and of three
onto sums of functions of two: averages over random partners estimate the projection (Monte Carlo).

Letters: N cases, C classes, G parts of the draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.data.compose import Composition
from mm_core.evaluation.cases import Drawn, answers_to, truth_of
from mm_core.evaluation.games import Games
from mm_core.evaluation.metrics import Resampler, mean
from mm_core.model import TriadModel

PARTS: Final = 8
"""Parts of the draws; leaving one out after the other gives the Monte Carlo error."""


def emap(
    model: TriadModel,
    drawn: Drawn,
    composition: Composition,
    games: Games,
    projected: int,
    draws: int,
    random: np.random.Generator,
) -> dict[str, Any]:
    """Project the answers to the first ``projected`` cases; partners come from all cases."""
    places = drawn.places(composition)
    players = games.players
    truth = truth_of(composition)[:projected]
    fixed_sets = [(p,) for p in players] + (list(combinations(players, 2)) if len(players) > 2 else [])
    averages: dict[tuple[str, ...], NDArray[np.float64]] = {}
    for fixed in fixed_sets:
        made = np.zeros((draws, projected, games.logits.shape[2]))
        for k in range(draws):
            mixed = {p: places[p][:projected] if p in fixed else random.choice(places[p], projected) for p in players}
            made[k] = answers_to(model, drawn.banks, mixed, players).emotion.numpy()
        parts = np.array_split(made, min(PARTS, draws))
        averages[fixed] = np.stack([part.mean(0) for part in parts])  # (G, N, C)
    full = games.logits[-1][:projected]
    first = Composition(
        {m: rows[:projected] for m, rows in composition.rows.items()},
        {m: labels[:projected] for m, labels in composition.labels.items()},
    )
    resampler = drawn.resampler(first)
    result: dict[str, Any] = {"n": projected, "draws": draws}
    result["full"] = _judge(full[None], full, truth, resampler)
    result["additive"] = _judge(additive(averages, players), full, truth, resampler)
    if len(players) > 2:
        result["pairwise"] = _judge(pairwise(averages, players), full, truth, resampler)
    return result


def additive(averages: Mapping[tuple[str, ...], NDArray[np.float64]], players: Sequence[str]) -> NDArray[np.float64]:
    """The projection onto sums of functions of one modality. averages[(m,)] (..., N, C): mean answer when only m is
    kept and the others are random."""
    singles = [averages[(p,)] for p in players]
    centre = np.mean([s.mean(-2, keepdims=True) for s in singles], axis=0)
    return np.sum(singles, axis=0) - (len(players) - 1) * centre


def pairwise(averages: Mapping[tuple[str, ...], NDArray[np.float64]], players: Sequence[str]) -> NDArray[np.float64]:
    """The projection onto sums of functions of two of three modalities; averages of singles and of pairs."""
    singles = [averages[(p,)] for p in players]
    centre = np.mean([s.mean(-2, keepdims=True) for s in singles], axis=0)
    return np.sum([averages[pair] for pair in combinations(players, 2)], axis=0) - np.sum(singles, axis=0) + centre


def _judge(
    parts: NDArray[np.float64], full: NDArray[np.float64], truth: NDArray[np.int64], resampler: Resampler
) -> dict[str, Any]:
    """parts (G, N, C): the projection from each part of the draws; their mean is the projection."""
    whole = parts.mean(0)
    hits = (whole.argmax(1) == truth).astype(float)
    lost = (full.argmax(1) == truth) - hits
    left_out = [np.delete(parts, g, 0).mean(0) for g in range(len(parts))] if len(parts) > 1 else []
    centred = full - full.mean(1, keepdims=True)
    residual = centred - (whole - whole.mean(1, keepdims=True))
    spread = np.square(centred - centred.mean(0)).sum()
    ones = np.ones(len(truth))
    return {
        "accuracy": resampler.figure(np.stack((hits, ones), 1), mean),
        "lost": resampler.figure(np.stack((lost, ones), 1), mean),
        "same_answer": float((whole.argmax(1) == full.argmax(1)).mean()),
        "explained": float(1 - np.square(residual).sum() / spread) if spread > 0 else 1.0,
        "monte_carlo_error": _jackknife_error([float((part.argmax(1) == truth).mean()) for part in left_out]),
    }


def _jackknife_error(left_out: Sequence[float]) -> float:
    """Standard error from estimates that each leave out one part (Efron, 1982)."""
    if len(left_out) < 2:
        return 0.0
    values = np.asarray(left_out)
    return float(np.sqrt((len(values) - 1) * np.square(values - values.mean()).mean()))
