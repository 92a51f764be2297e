"""Answers to rows that carry a label: how many are right, with interval, confusion and scores of each label.

Shapes: N rows, C classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mm_core.evaluation.evaluation_report import ALL, EvaluationReport, Scores
from mm_core.prediction import Prediction

GIVEN: Final = "given"
"""The set of modalities of rows that were each answered from what they had."""


@dataclass(frozen=True)
class LabelledScores:
    """task: ``emotion`` or ``sentiment``, whichever knows more of the labels. scores: over the answered rows whose
    label is known. commonest: the label that most of them carry, with its share, which a model has to beat. unknown:
    rows of each label that the model does not answer. unanswered: rows with a known label but no answer."""

    task: str
    scores: Scores
    commonest: str
    commonest_share: float
    unknown: dict[str, int]
    unanswered: int

    def report(self) -> EvaluationReport:
        """As the report that figures are drawn from; its one set of modalities is ``GIVEN``."""
        found = {GIVEN: {ALL: self.scores}}
        return (
            EvaluationReport(emotion=found)
            if self.task == "emotion"
            else EvaluationReport(emotion={}, sentiment=found)
        )


def score_labelled(rows: Sequence[tuple[str, Prediction | None]]) -> LabelledScores | None:
    """Scores of (label, answer) of each row; None where no answered row has a label that the model knows.

    A label may name several classes, with commas between; an answer is right if it is one of them. Upper and lower
    case are alike. answer: None where a row could not be answered. Each row counts as a group of its own.
    """
    answered = [(_names(label), prediction) for label, prediction in rows if prediction is not None and label.strip()]
    if not answered:
        return None
    classes = {task: list(answer.probabilities) for task, answer in answered[0][1].answers.items()}
    places = {task: {name.casefold(): i for i, name in enumerate(names)} for task, names in classes.items()}
    # "neutral" is both an emotion and a sentiment: what more labels belong to is meant, the emotion where it is even.
    task = max(places, key=lambda task: sum(set(names) <= set(places[task]) for names, _ in answered))
    place, labels = places[task], classes[task]
    known = [(names, prediction) for names, prediction in answered if set(names) <= set(place)]
    if not known:
        return None
    targets = np.zeros((len(known), len(labels)), np.float32)
    for row, (names, _) in enumerate(known):
        targets[row, [place[name] for name in names]] = 1.0
    scores = np.array([[p.answers[task].probabilities[label] for label in labels] for _, p in known])
    every = [_names(label) for label, _ in rows if label.strip()]
    support = targets.sum(0)
    return LabelledScores(
        task,
        _scored(scores, targets, labels),
        labels[int(support.argmax())],
        float(support.max() / len(known)),
        dict(Counter(", ".join(names) for names in every if not set(names) <= set(place))),
        sum(set(names) <= set(place) for names in every) - len(known),
    )


def _scored(scores: np.ndarray, targets: np.ndarray, labels: Sequence[str]) -> Scores:
    from mm_core.evaluation.scoring import score_classes  # loads torch, which a page without a model does not need

    return score_classes(scores, targets, [np.arange(len(scores)).astype(str)], labels)


def _names(label: str) -> list[str]:
    return [name.strip().casefold() for name in label.split(",") if name.strip()]
