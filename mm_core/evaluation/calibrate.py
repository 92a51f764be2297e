"""Fit a model's calibration on validation rows: temperatures, label thresholds, and when to say "not sure"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_expit, log_softmax, logit, softmax

from mm_core.calibration import PATTERNS, Calibration
from mm_core.evaluation.answers import Answers

MULTILABEL_SOURCE: Final = "goemotions"
"""The only source here whose rows carry several labels."""

USUAL_THRESHOLD: Final = 0.3
"""The one that GoEmotions' authors used, where there is nothing to fit on."""

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
        multilabel = label_thresholds(text.multilabel[rows], text.targets[rows] > 0, labels)
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


def label_thresholds(
    logits: NDArray[np.float32], truth: NDArray[np.bool_], labels: Sequence[str]
) -> dict[str, float]:
    """Each label's probability from which a text is said to carry it, from logits and truth (N, C).

    Rare labels have so few validation rows that the threshold with the highest F1 on them is mostly luck. So the
    truth is only used for one temperature over all labels, and each threshold is the best for what the probabilities
    expect (Ye et al., "Optimizing F-measure: a tale of two approaches", ICML 2012). In five-fold cross-validation on
    validation rows this had the highest macro-F1 of 13 rules (0.639; half-way from each label's best to 0.3:
    0.635, always 0.3: 0.633, each label's best: 0.632).
    """
    temperature = _temperature(logits, truth.astype(np.float64), binary=True)
    chances = expit(logits.astype(np.float64) / temperature)
    cuts = [expected_f1_threshold(chances[:, c]) for c in range(len(labels))]
    # Back to the scale of the scores as they are: what is stored is compared with those.
    return {label: float(expit(temperature * logit(cut))) for label, cut in zip(labels, cuts, strict=True)}


def fit_temperature(task: str, answers: Answers) -> float:
    """The temperature in 0.2..10 that gives the answers' targets the highest likelihood (Guo et al., 2017)."""
    return _temperature(answers.logits, answers.targets, binary=task == "agreement")


def _temperature(logits: NDArray[Any], targets: NDArray[Any], *, binary: bool) -> float:
    """binary: each output is a question of its own, with targets 1, 0 and, where unknown, below 0."""
    logits, targets = logits.astype(np.float64), targets.astype(np.float64)

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        if binary:
            known = targets >= 0
            return float(-np.where(targets > 0, log_expit(scaled), log_expit(-scaled))[known].mean())
        shares = targets / np.maximum(targets.sum(1, keepdims=True), 1.0)
        return float(-(shares * log_softmax(scaled, axis=1)).sum(1).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.2), np.log(10.0)), method="bounded").x))


def expected_f1_threshold(chances: NDArray[np.float64]) -> float:
    """The threshold on chances (N,) with the highest F1 of expected counts, if they are what they say.

    It lies at about half of that F1 (Lipton et al., "Optimal thresholding of classifiers to maximize F1 measure",
    2014).
    """
    falling = np.sort(chances)[::-1]
    chosen = np.arange(1, len(falling) + 1)
    f1 = 2 * np.cumsum(falling) / (chosen + falling.sum())
    last = int(np.argmax(f1))
    below = falling[last + 1] if last + 1 < len(falling) else 0.0
    return float((falling[last] + below) / 2)


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
