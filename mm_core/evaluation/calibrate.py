"""Fit a model's calibration on validation rows: temperatures, label thresholds, and when to say "not sure"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_expit, log_softmax, logit, softmax

from mm_core.calibration import PATTERNS, Calibration
from mm_core.evaluation.answers import Answers
from mm_core.labels import PAIRS, pair_name
from mm_core.prediction import EVEN_CHANCE, Bounds

MULTILABEL_SOURCE: Final = "goemotions"
"""The only source here whose rows carry several labels."""

USUAL_THRESHOLD: Final = 0.3
"""The one that GoEmotions' authors used, where there is nothing to fit on."""

UNSURE_WHEN_RIGHT_BELOW: Final = {"emotion": 0.4, "sentiment": 0.5}
"""An answer is "not sure" where answers no more confident than it are right less often than this."""


SAID_WITH_PRECISION: Final = 0.8
"""Of the pairs of which something is said, so many must be as it says."""

DIFFERING: Final = 0.35
"""Share of cases whose modalities differ that the precision supposes."""

SAID_OF_SAME: Final = 0.05
"""At most such a share of a source's pairs that agree may be said to disagree: three modalities make three pairs."""

FEWEST_SAID: Final = 30
"""Pairs below a bound that its precision is measured on."""


def fit_calibration(
    answers: Mapping[str, Mapping[str, Answers]],
    labels: Sequence[str],
    aligned: Sequence[Answers] = (),
    widening: Mapping[str, float] | None = None,
) -> Calibration:
    """From ``answer_all`` on validation rows; a presence pattern without rows keeps temperature 1.

    aligned: answers to the agreement of clips whose modalities belong together, for what is said about pairs.
    widening: by modality, how many times larger the temperature would have to be on corpora that were left out of
    training. Validation rows are of corpora that were learned from, and confidence fitted on them is too high with
    anybody else; so temperatures of classes lie half-way, in the geometric mean over the modalities of a pattern.
    """
    temperatures = {task: dict.fromkeys(PATTERNS, 1.0) for task in ("emotion", "sentiment", "agreement")}
    for task, sets in answers.items():
        for name, given in sets.items():
            temperatures[task][name] = fit_temperature(task, given)
            if task != "agreement":
                temperatures[task][name] *= _half_way([(widening or {}).get(m, 1.0) for m in given.modalities])
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
    agreement = [*answers["agreement"].values(), *aligned]
    calibration = Calibration(temperatures, multilabel, unsure)
    return replace(calibration, said_outside=bounds_of_pairs(agreement, calibration))


def bounds_of_pairs(answers: Sequence[Answers], calibration: Calibration) -> dict[str, Bounds]:
    """For each pair between which two probabilities nothing is said about it (see ``agreement_bounds``); an even
    chance for a pair without answers."""
    chances = [calibrated("agreement", given, calibration) for given in answers]
    bounds = {}
    for column, pair in enumerate(PAIRS):
        truth = [given.targets[:, column] for given in answers]
        known = [column_truth >= 0 for column_truth in truth]
        if not any(rows.any() for rows in known):
            bounds[pair_name(pair)] = EVEN_CHANCE
            continue
        together = [(given.targets != 0).all(1) for given in answers]  # no pair of the case differs
        bounds[pair_name(pair)] = agreement_bounds(
            np.concatenate([c[rows, column] for c, rows in zip(chances, known, strict=True)]),
            np.concatenate([t[rows] > 0 for t, rows in zip(truth, known, strict=True)]),
            np.concatenate([whole[rows] for whole, rows in zip(together, known, strict=True)]),
            np.concatenate([given.source[rows] for given, rows in zip(answers, known, strict=True)]),
        )
    return bounds


def agreement_bounds(
    chances: NDArray[np.float64], same: NDArray[np.bool_], together: NDArray[np.bool_], source: NDArray[np.str_]
) -> Bounds:
    """The closest bounds outside of which SAID_WITH_PRECISION of the pairs are as said, from chances (N,) that a pair
    expresses the same emotion, whether it does, whether all modalities of its case do, and where it is from.

    Cases count as if DIFFERING of them were not together. At most SAID_OF_SAME of each source's pairs that agree are
    said to disagree. Where no bound reaches the precision, that is never said; and below an even chance nobody
    would call a pair alike, however common that is.
    """
    weights = np.where(together, (1 - DIFFERING) / max(together.sum(), 1), DIFFERING / max((~together).sum(), 1))
    order = np.argsort(chances, kind="stable")
    chances, same, weights, source = chances[order], same[order], weights[order], source[order]
    enough = np.arange(1, len(same) + 1) >= FEWEST_SAID
    differs = np.cumsum(weights * ~same) / np.cumsum(weights)
    allowed = enough & (differs >= SAID_WITH_PRECISION)
    for name in np.unique(source[same]):
        alarms = same & (source == name)
        allowed &= np.cumsum(alarms) <= SAID_OF_SAME * alarms.sum()
    disagree = np.flatnonzero(allowed)
    agrees = np.cumsum((weights * same)[::-1]) / np.cumsum(weights[::-1])
    agree = np.flatnonzero(enough & (agrees >= SAID_WITH_PRECISION))
    low = float(chances[disagree[-1]]) if len(disagree) else 0.0
    high = float(chances[::-1][agree[-1]]) if len(agree) else 1.0
    return low, max(low, high, EVEN_CHANCE[1])


def _half_way(widenings: Sequence[float]) -> float:
    return float(np.sqrt(np.exp(np.mean(np.log(widenings)))))


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


def temperature_of(logits: NDArray[Any], targets: NDArray[Any]) -> float:
    """The temperature of answers of one class, from logits and targets (N, C)."""
    return _temperature(logits, targets, binary=False)


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


def said_to_disagree(chances: NDArray[np.float64], calibration: Calibration) -> NDArray[np.bool_]:
    """Which pairs (N, 3), in the order of PAIRS, are said to disagree at these calibrated chances."""
    lowest = np.array([calibration.said_outside[pair_name(pair)][0] for pair in PAIRS])
    return chances < lowest


def calibrated(task: str, answers: Answers, calibration: Calibration) -> NDArray[np.float64]:
    """Probabilities (N, C) with the set's own temperature."""
    scaled = answers.logits.astype(np.float64) / calibration.temperatures[task]["+".join(answers.modalities)]
    return expit(scaled) if task == "agreement" else softmax(scaled, axis=1)
