"""Scores of answers: metrics of one set of modalities on some of its rows.

Shapes: N cases, C classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from mm_core.datasets.references import NEUTRAL
from mm_core.evaluation import metrics
from mm_core.evaluation.answers import Answers
from mm_core.evaluation.calibrate import USUAL_THRESHOLD, calibrated
from mm_core.evaluation.evaluation_report import ClassScores, Confusion, Scores
from mm_core.evaluation.predictions import SAME
from mm_core.evaluation.records import Estimate
from mm_core.labels import PAIRS, SENTIMENTS
from mm_core.predictors import Predictor

SMALLEST: Final = 1e-9
"""Added to probabilities before their logarithm is taken."""


def score(
    task: str, given: Answers, here: NDArray[np.bool_], model: Predictor, *, own_labels: bool = False
) -> Scores:
    """Scores of the rows ``here`` (N,). own_labels: answers restricted to the labels that these rows have.

    Where texts may carry several labels, macro-F1 is over all labels of the model; own_labels: over the emotions that
    these rows have, where neutral is the lack of any, as SemEval-2025 task 11 counts (Muhammad et al., 2025).
    """
    scores = calibrated(task, given, model.calibration)
    if task == "agreement":
        return _score_pairs(given, scores, here)
    keep = here & (given.targets.sum(1) > 0)
    labels = model.labels if task == "emotion" else SENTIMENTS
    groups = [g[keep] for g in given.groups]
    if own_labels and keep.any():
        scores = scores * (given.targets[keep].sum(0) > 0)
        scores = scores / (scores.sum(1, keepdims=True) + SMALLEST)
    found = score_classes(scores[keep], given.targets[keep], groups, labels)
    if given.multilabel is None or given.modalities != ("text",) or not keep.any():
        return found
    counted = np.ones(len(labels), bool)
    if own_labels:
        counted = (given.targets[keep].sum(0) > 0) & (np.array(labels) != NEUTRAL)
        if not counted.any():
            return found
    several = expit(given.multilabel[keep])
    resampler = metrics.Resampler.by_groups(groups)
    thresholds = np.array([model.calibration.multilabel.get(label, USUAL_THRESHOLD) for label in labels])

    def macro_f1(least: NDArray[np.float64] | float) -> Estimate:
        chosen = several >= least
        sums = metrics.multilabel_statistics(given.targets[keep][:, counted], chosen[:, counted])
        return resampler.estimate(sums, metrics.multilabel_macro_f1)

    several_labels = {"multilabel_macro_f1": macro_f1(thresholds), "multilabel_macro_f1_at_03": macro_f1(0.3)}
    return found.model_copy(update=several_labels)


def score_classes(
    scores: NDArray[np.float64],
    targets: NDArray[np.float32],
    groups: Sequence[NDArray[np.str_]],
    labels: Sequence[str],
) -> Scores:
    """Accuracy and calibration over all rows (right if the top label is one of the row's); the rest over rows with
    one label."""
    if not len(scores):
        return Scores(n=0)
    top = scores.argmax(1)
    right = targets[np.arange(len(top)), top].astype(float)
    resampler = metrics.Resampler.by_groups(list(groups))
    single = targets.sum(1) == 1
    cells = metrics.confusion_statistics(targets.argmax(1), top, len(labels)) * single[:, None]
    confusion = cells.sum(0)
    precision, recall, f1, support = metrics.precision_recall_f1(confusion)
    return Scores(
        n=len(scores),
        n_single_label=int(single.sum()),
        accuracy=resampler.share(right),
        macro_f1=resampler.estimate(cells, metrics.macro_f1),
        weighted_f1=resampler.estimate(cells, metrics.weighted_f1),
        uar=resampler.estimate(cells, metrics.unweighted_average_recall),
        ece=resampler.estimate(metrics.calibration_statistics(scores.max(1), right), metrics.ece),
        per_class={
            label: ClassScores(precision=precision[c], recall=recall[c], f1=f1[c], n=int(support[c]))
            for c, label in enumerate(labels)
        },
        confusion=Confusion(labels=list(labels), matrix=confusion.reshape(len(labels), -1).astype(int).tolist()),
    )


def _score_pairs(given: Answers, scores: NDArray[np.float64], here: NDArray[np.bool_]) -> Scores:
    """All pairs of the set together, each case's pairs resampled together."""
    known = (given.targets >= 0) & here[:, None]
    columns = [column for column in range(len(PAIRS)) if known[:, column].any()]
    truth = np.concatenate([given.targets[known[:, c], c] for c in columns]).astype(np.int64)
    probability = np.concatenate([scores[known[:, c], c] for c in columns])
    groups = [np.concatenate([g[known[:, c]] for c in columns]) for g in given.groups]
    both = np.stack((1 - probability, probability), 1)
    return score_classes(both, np.eye(2, dtype=np.float32)[truth], groups, SAME)
