"""Fit a model's calibration on validation rows: temperatures, label thresholds, and when to say "not sure"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_expit, log_softmax, softmax

from mm_core.calibration import PATTERNS, Calibration
from mm_core.evaluation.answers import Answers

MULTILABEL_SOURCE: Final = "goemotions"
"""The only source here whose rows carry several labels."""

USUAL_THRESHOLD: Final = 0.3
"""GoEmotions' authors' own. Rare labels have so few validation rows that their best threshold is mostly luck: of five
rules, going half-way from the best one to this had the highest F1 where rules were fitted on one half of the
validation rows and judged on the other (0.637, the best ones themselves 0.633)."""

UNSURE_WHEN_RIGHT_BELOW: Final = {"emotion": 0.4, "sentiment": 0.5}
"""An answer is "not sure" where answers no more confident than it are right less often than this."""


def fit_calibration(answers: Mapping[str, Mapping[str, Answers]], labels: Sequence[str]) -> Calibration:
    """From ``answer_all`` on validation rows; a presence pattern without rows keeps temperature 1."""
    temperatures = {task: dict.fromkeys(PATTERNS, 1.0) for task in ("emotion", "sentiment", "agreement")}
    for task, sets in answers.items():
        for name, given in sets.items():
            temperatures[task][name] = fit_temperature(task, given)
    text = answers["emotion"].get("text")
    multilabel = dict.fromkeys(labels, USUAL_THRESHOLD)
    if text is not None and text.multilabel is not None:
        rows = text.source == MULTILABEL_SOURCE if (text.source == MULTILABEL_SOURCE).any() else text.source != ""
        scores = expit(text.multilabel[rows].astype(np.float64))
        multilabel = {
            label: 0.5 * (best_threshold(scores[:, c], text.targets[rows, c] > 0) + USUAL_THRESHOLD)
            for c, label in enumerate(labels)
        }
    unsure = {}
    for task, least in UNSURE_WHEN_RIGHT_BELOW.items():
        confidence, right = [], []
        for name, given in answers[task].items():
            known = given.targets.sum(1) > 0
            scores = softmax(given.logits[known] / temperatures[task][name], axis=1)
            confidence.append(scores.max(1))
            right.append(given.targets[known][np.arange(known.sum()), scores.argmax(1)])
        unsure[task] = unsure_below(np.concatenate(confidence), np.concatenate(right), least)
    return Calibration(temperatures, multilabel, unsure)


def fit_temperature(task: str, answers: Answers) -> float:
    """The temperature in 0.2..10 that gives the answers' targets the highest likelihood (Guo et al., 2017)."""
    logits, targets = answers.logits.astype(np.float64), answers.targets.astype(np.float64)

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        if task == "agreement":
            known = targets >= 0
            return float(-np.where(targets > 0, log_expit(scaled), log_expit(-scaled))[known].mean())
        shares = targets / np.maximum(targets.sum(1, keepdims=True), 1.0)
        return float(-(shares * log_softmax(scaled, axis=1)).sum(1).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.2), np.log(10.0)), method="bounded").x))


def best_threshold(scores: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """The threshold on scores (N,) with the highest F1 of this one label."""
    grid = np.linspace(0.05, 0.8, 76)
    chosen = scores[None] >= grid[:, None]  # (grid, N)
    hits = (chosen & truth).sum(1)
    return float(grid[np.argmax(2 * hits / np.maximum(chosen.sum(1) + truth.sum(), 1))])


def unsure_below(confidence: NDArray[np.float64], right: NDArray[np.float64], least: float) -> float:
    """The largest confidence such that all answers up to it are right less often than ``least``; 0 if none."""
    order = np.argsort(confidence)
    rate = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    rate[: min(50, len(rate))] = rate[min(50, len(rate)) - 1]  # the first few alone say nothing
    below = np.flatnonzero(rate < least)
    return float(confidence[order][below[-1]]) if len(below) else 0.0


def calibrated(task: str, answers: Answers, calibration: Calibration) -> NDArray[np.float64]:
    """Probabilities (N, C) with the set's own temperature."""
    scaled = answers.logits.astype(np.float64) / calibration.temperatures[task]["+".join(answers.modalities)]
    return expit(scaled) if task == "agreement" else softmax(scaled, axis=1)
