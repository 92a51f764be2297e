"""The study of contributions: what each modality adds over a whole data set, by four measures with intervals.

- ``shares``: |phi_m| / sum |phi| of the exact Shapley values of the predicted class, in centred logits (MM-SHAP's
  shares, Parcalabescu and Frank, ACL 2023), by class and by right or wrong.
- ``shape``: Shapley values of the game whose value is accuracy (SHAPE, Hu et al., arXiv 2205.00302).
- ``perceptual``: accuracy lost when one modality is permuted across cases (Gat et al., NeurIPS 2021).
- ``emap``: accuracy of the model's projection onto sums of functions of one modality (EMAP, Hessel and Lee, EMNLP
  2020), here for three modalities, and onto sums of functions of two; by Monte Carlo, with its standard error.

All on composed cases, balanced over classes. Shapes: N cases, C classes, S coalitions (2^n), n modalities, K draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from mm_core.datasets.compose import Composition
from mm_core.evaluation.cases import Drawn, answers_to, composer_of, encode, tables_of, truth_of
from mm_core.evaluation.coalitions import CoalitionGames, evaluate_coalitions, shares_of
from mm_core.evaluation.contributions_report import (
    AddsUp,
    ContributionsReport,
    Differing,
    Perceptual,
    Permuted,
    Shape,
    ShareEstimate,
    SharesOf,
)
from mm_core.evaluation.heading import INTERVAL, evaluated_data, heading
from mm_core.evaluation.metrics import Resampler, mean
from mm_core.evaluation.projection import emap
from mm_core.explain.shapley import harsanyi_dividends, interaction_indices, members, shapley_values
from mm_core.labels import PAIRS, coalition_name
from mm_core.predictors import Predictor

CASES: Final = 1000
"""Composed cases whose rows share a label, and half as many in which one modality carries another."""

PERMUTATIONS: Final = 5
DRAWS: Final = 16
"""Random partners of each case in the projection."""

PROJECTED: Final = 300
"""Cases that are projected: each costs ``DRAWS`` passes of the fusion for every modality and every pair."""

_QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


def contributions_study(
    model: Predictor,
    data: Path,
    *,
    split: str = "test",
    seed: int = 0,
    cases: int = CASES,
    permutations: int = PERMUTATIONS,
    draws: int = DRAWS,
    projected: int = PROJECTED,
    quiet: bool = False,
) -> tuple[ContributionsReport, pd.DataFrame]:
    """Measure contributions on a data folder; returns the report and one row a case (no raw media).

    Raises InvalidInput for a folder with fewer than two modalities.
    """
    random = np.random.default_rng(seed)
    tables = tables_of(model, data, split, least=2)
    composer = composer_of(tables)
    players = tuple(tables)
    same = composer.matched(players, cases, random)
    odd = [composer.conflicting(players, m, max(cases // 2 // len(players), 1), random) for m in players]
    drawn = encode(model, tables, [same, *odd], quiet=quiet)
    games = evaluate_coalitions(model, drawn, same)
    truth = truth_of(same)
    resampler = drawn.resampler(same)
    labels = model.labels
    about = heading(model, data=evaluated_data(data, tables), split=split, seed=seed, interval=INTERVAL)
    report = ContributionsReport(
        **dict(about),
        cases=cases,
        adds_up=_adds_up(games),
        shares=_shares(games, truth, resampler, labels),
        shape=_shape(games, truth, resampler),
        perceptual=_perceptual(model, drawn, same, games, resampler, permutations, random),
        emap=emap(model, drawn, same, games, min(projected, cases), draws, random),
        disagreement=_disagreement(games, truth, resampler),
    )
    rows = [_case_rows(model, games, same, "same label")]
    rows += [
        _case_rows(model, evaluate_coalitions(model, drawn, c), c, f"odd {m}")
        for m, c in zip(players, odd, strict=True)
    ]
    return report, pd.concat(rows, ignore_index=True)


def _adds_up(games: CoalitionGames) -> AddsUp:
    """How far, at worst over cases and classes, contributions are from adding up to v(N) - v(empty)."""
    centred = games.logits - games.logits.mean(2, keepdims=True)  # (S, N, C)
    difference = centred[-1] - centred[0]
    return AddsUp(
        n=centred.shape[1],
        dividends=float(np.abs(harsanyi_dividends(centred)[1:].sum(0) - difference).max()),
        shapley=float(np.abs(shapley_values(centred).sum(0) - difference).max()),
    )


def _shares(
    games: CoalitionGames, truth: NDArray[np.int64], resampler: Resampler, labels: Sequence[str]
) -> dict[str, SharesOf]:
    _, shares = shares_of(games)
    right = games.chosen == truth
    groups = {"all": np.ones(len(truth), bool), "right": right, "wrong": ~right}
    groups |= {label: truth == c for c, label in enumerate(labels) if (truth == c).any()}
    result: dict[str, SharesOf] = {}
    for name, here in groups.items():
        kept = here & np.isfinite(shares[0])
        if not kept.any():
            continue
        found: dict[str, ShareEstimate] = {}
        for player, share in zip(games.players, shares, strict=True):
            statistics = np.stack((np.where(kept, np.nan_to_num(share), 0.0), kept), 1)
            quantiles = zip(_QUANTILES, np.quantile(share[kept], _QUANTILES), strict=True)
            found[player] = ShareEstimate(
                **dict(resampler.estimate(statistics, mean)), quantiles={f"{q:g}": float(v) for q, v in quantiles}
            )
        result[name] = SharesOf(n=int(kept.sum()), **found)
    return result


def _shape(games: CoalitionGames, truth: NDArray[np.int64], resampler: Resampler) -> Shape:
    """Everything here is linear in the hits of each coalition, so one bootstrap of rows serves all of it."""
    hits = (games.logits.argmax(2) == truth).astype(float)  # (S, N)
    names = [coalition_name(members(games.players, s)) for s in range(len(hits))]
    indices = interaction_indices(hits)
    return Shape(
        n=len(truth),
        accuracy={name: resampler.share(row) for name, row in zip(names, hits, strict=True)},
        shapley={p: resampler.share(row) for p, row in zip(games.players, shapley_values(hits), strict=True)},
        interactions={
            name: resampler.share(indices[s]) for s, name in enumerate(names) if len(members(games.players, s)) > 1
        },
    )


def _perceptual(
    model: Predictor,
    drawn: Drawn,
    composition: Composition,
    games: CoalitionGames,
    resampler: Resampler,
    permutations: int,
    random: np.random.Generator,
) -> Perceptual:
    truth = truth_of(composition)
    places = drawn.places(composition)
    full = (games.chosen == truth).astype(float)
    found: dict[str, Permuted] = {}
    for player in games.players:
        hits = np.zeros((permutations, len(truth)))
        for k in range(permutations):
            mixed = places | {player: random.permutation(places[player])}
            hits[k] = answers_to(model, drawn.readings, mixed, games.players).emotion.argmax(1) == truth
        lost = full - hits.mean(0)
        found[player] = Permuted(
            permuted=resampler.share(hits.mean(0)),
            lost=resampler.share(lost),
            score=resampler.estimate(np.stack((lost, full), 1), mean),
            monte_carlo_error=_standard_error(hits.mean(1)),
        )
    return Perceptual(n=len(truth), permutations=permutations, accuracy=resampler.share(full), **found)


def _disagreement(games: CoalitionGames, truth: NDArray[np.int64], resampler: Resampler) -> dict[str, Differing]:
    """How often the answers to single modalities differ though their labels are the same, and what it costs."""
    singles = np.stack([games.logits[1 << bit].argmax(1) for bit in range(len(games.players))])  # (n, N)
    kinds = np.array([len(set(column)) for column in singles.T.tolist()])
    right = (games.chosen == truth).astype(float)
    names = {1: "all the same", len(games.players): "all different"} | (
        {2: "one differs"} if len(singles) > 2 else {}
    )
    result = {}
    for kind, name in sorted(names.items()):
        here = (kinds == kind).astype(float)
        result[name] = Differing(
            n=int(here.sum()),
            share=resampler.share(here),
            accuracy=resampler.estimate(np.stack((right * here, here), 1), mean) if here.any() else None,
        )
    return result


def _case_rows(model: Predictor, games: CoalitionGames, composition: Composition, kind: str) -> pd.DataFrame:
    """One row a case: rows, labels, answers of every coalition, Shapley values, dividends and shares."""
    labels = np.array(model.labels)
    values, shares = shares_of(games)
    frame = pd.DataFrame({"kind": [kind] * len(composition)})
    for player, rows in composition.rows.items():
        frame[f"{player}_row"] = rows.astype(np.int32)
        frame[f"truth_{player}"] = labels[composition.labels[player]]
    frame["answer"] = labels[games.chosen]
    right = pd.array(frame["answer"] == labels[truth_of(composition)], dtype="boolean")
    right[~composition.matched] = pd.NA  # where labels differ no answer is the right one
    frame["right"] = right
    temperatures = model.calibration.temperatures["emotion"]
    for s in range(1, len(games.logits)):
        name = coalition_name(members(games.players, s))
        scaled = games.logits[s] / temperatures[name]
        frame[f"answer_{name}"] = labels[games.logits[s].argmax(1)]
        frame[f"confidence_{name}"] = softmax(scaled, axis=1).max(1).astype(np.float32)
    for player, value, share in zip(games.players, values, shares, strict=True):
        frame[f"shapley_{player}"] = value.astype(np.float32)
        frame[f"share_{player}"] = share.astype(np.float32)
    dividends = harsanyi_dividends(games.of_the_answer())
    for s in range(1, len(dividends)):
        frame[f"dividend_{coalition_name(members(games.players, s))}"] = dividends[s].astype(np.float32)
    for column, (a, b) in enumerate(PAIRS):
        if games.agreement is not None and a in games.players and b in games.players:
            frame[f"agree_{a}+{b}"] = games.agreement[:, column].astype(np.float32)
    return frame


def _standard_error(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
