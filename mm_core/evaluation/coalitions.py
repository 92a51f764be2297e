"""The coalition game of composed cases: the answer to every subset of their modalities.

Shapes: N cases, C classes, S coalitions (2^n), n modalities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from mm_core.datasets.compose import Composition
from mm_core.evaluation.calibrate import said_to_disagree
from mm_core.evaluation.cases import Drawn, answers_to
from mm_core.explain.shapley import TINY, members, shapley_values
from mm_core.labels import coalition_name
from mm_core.predictors import Predictor


@dataclass(frozen=True, eq=False)
class CoalitionGames:
    """logits (S, N, C): answers of all coalitions of ``players``, row by row as their bits count; agreement (N, 3):
    calibrated, in the order of PAIRS; disagree (N, 3) bool: which pairs are said to express different emotions; both
    None where the predictor does not answer it."""

    players: tuple[str, ...]
    logits: NDArray[np.float64]
    agreement: NDArray[np.float64] | None = None
    disagree: NDArray[np.bool_] | None = None

    @property
    def chosen(self) -> NDArray[np.int64]:
        """(N,): the answer to everything."""
        return self.logits[-1].argmax(1)

    def of_the_answer(self) -> NDArray[np.float64]:
        """(S, N): each case's game about its own answer, in centred logits."""
        centred = self.logits - self.logits.mean(2, keepdims=True)
        return np.take_along_axis(centred, self.chosen[None, :, None], 2)[:, :, 0]


def evaluate_coalitions(model: Predictor, drawn: Drawn, composition: Composition) -> CoalitionGames:
    """The answers to every coalition of the composition's modalities."""
    places = drawn.places(composition)
    players = tuple(composition.rows)
    found = [answers_to(model, drawn.readings, places, members(players, s)) for s in range(2 ** len(players))]
    shape = (len(composition), len(model.labels))
    logits = np.stack([np.broadcast_to(f.emotion.astype(np.float64), shape) for f in found])
    temperature = model.calibration.temperatures["agreement"][coalition_name(players)]
    raw = found[-1].agreement
    if raw is None:
        return CoalitionGames(players, logits)
    agreement = expit(raw.astype(np.float64) / temperature)
    return CoalitionGames(players, logits, agreement, said_to_disagree(agreement, model.calibration))


def shares_of(games: CoalitionGames) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shapley values (n, N) of each case's answer and their shares (n, N), NaN where nothing moves the answer."""
    values = shapley_values(games.of_the_answer())
    weight = np.abs(values).sum(0)
    return values, np.divide(np.abs(values), weight, out=np.full_like(values, np.nan), where=weight >= TINY)
