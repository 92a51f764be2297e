"""A face and a voice that differ: the model's mean answer against what people answered to such a pair.

Shapes: P pairs, E emotions that people could vote for, C classes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from mm_core.datasets.aligned import PAIR
from mm_core.datasets.compose import Composer
from mm_core.datasets.human import VOTED, HumanTargets
from mm_core.evaluation.answers import EncodedRows
from mm_core.evaluation.evaluation_report import PeoplesVotes
from mm_core.evaluation.readings import logits_of
from mm_core.labels import EMOTIONS, coalition_name
from mm_core.predictors import Predictor

CASES: Final = 200
"""Composed of each pair: a mean answer from fewer would move by more than a hundredth from seed to seed."""

_VOTED: Final = [EMOTIONS.index(name) for name in VOTED]


def against_votes(model: Predictor, rows: EncodedRows, data: Path, *, seed: int = 0) -> PeoplesVotes | None:
    """None where the data folder has no votes, or no faces and voices that can be paired, or the model other labels.

    Answers are calibrated, and restricted to the emotions that people could vote for.
    """
    people = HumanTargets.read(data)
    if people is None or tuple(model.labels) != EMOTIONS or not set(PAIR) <= set(rows.tables):
        return None
    composer = Composer({m: rows.tables[m] for m in PAIR})
    known = composer.classes(PAIR)
    pairs = [pair for pair in people.pairs() if set(pair) <= set(known)]
    if len(pairs) < 2:
        return None
    random = np.random.default_rng(seed)
    temperature = model.calibration.temperatures["emotion"][coalition_name(PAIR)]
    answers = []
    for face, voice in pairs:
        drawn = composer.labelled({"image": np.full(CASES, face), "audio": np.full(CASES, voice)}, random)
        logits = logits_of(model, rows.readings, drawn.rows).emotion
        answers.append(_among_voted(softmax(logits / temperature, axis=1)).mean(0))
    votes = np.stack([people.votes[pair] for pair in pairs])
    labels = np.eye(len(EMOTIONS))
    faces, voices = (np.stack([labels[pair[channel]] for pair in pairs]) for channel in (0, 1))
    return PeoplesVotes(
        pairs=len(pairs),
        cases=CASES,
        correlation=correlation(np.stack(answers), _among_voted(votes)),
        always_the_face=correlation(_among_voted(faces), _among_voted(votes)),
        mean_of_labels=correlation(_among_voted((faces + voices) / 2), _among_voted(votes)),
    )


def correlation(answers: NDArray[np.float64], votes: NDArray[np.float64]) -> float:
    """Pearson's, over all pairs and emotions (P, E) together."""
    return float(np.corrcoef(answers.ravel(), votes.ravel())[0, 1])


def _among_voted(answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Answers (..., C) among the emotions that people could vote for, (..., E)."""
    kept = answers[..., _VOTED]
    return kept / kept.sum(-1, keepdims=True)
