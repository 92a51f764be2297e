"""Metrics with 95 % bootstrap intervals.

Every metric here is a function of sums over rows, so a resampled metric needs only resampled sums: each replicate is
one weighted sum of rows, in which the rows of a group (speaker, subject, source row) share a weight.

Shapes: N rows, C classes, G groups, R replicates, K statistics a row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.evaluation.records import FEWEST_GROUPS, Estimate

REPLICATES: Final = 1000
BINS: Final = 10
"""Bins of equal width for the calibration error: with 15, a few hundred rows alone give about 0.05."""

Sums = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""From summed statistics (..., K) to the metric (...)."""


@dataclass(frozen=True, eq=False)
class Resampler:
    """weights (R, N): how often each row counts in each bootstrap replicate. groups: (N,) group numbers, one array
    for each column that rows are grouped by."""

    weights: NDArray[np.float64]
    groups: tuple[NDArray[np.int64], ...]

    @classmethod
    def by_groups(cls, groups: list[NDArray[Any]], replicates: int = REPLICATES, seed: int = 0) -> Resampler:
        """Resample whole groups. With several group columns (the speaker and the text row of a composed case, say)
        a row counts the product of its groups' counts: the pigeonhole bootstrap (Owen, 2007)."""
        random = np.random.default_rng(seed)
        weights = np.ones((replicates, len(groups[0])))
        numbered = []
        for column in groups:
            _, index = np.unique(column, return_inverse=True)
            size = int(index.max()) + 1
            counts = random.multinomial(size, np.full(size, 1.0 / size), replicates)  # (R, G)
            weights *= counts[:, index]
            numbered.append(index)
        return cls(weights, tuple(numbered))

    def estimate(self, statistics: NDArray[np.float64], metric: Sums) -> Estimate:
        """The metric of summed statistics (N, K), with its 2.5 and 97.5 percentiles over the replicates.

        A row whose statistics are all zero takes no part. No interval where the rows that do come from fewer than
        ``FEWEST_GROUPS`` groups of any column: resampling two speakers says nothing about a third.
        """
        value = float(metric(statistics.sum(0)))
        taking_part = statistics.any(1)
        groups = min(len(np.unique(column[taking_part])) for column in self.groups)
        if groups < FEWEST_GROUPS:
            return Estimate(value=value, groups=groups)
        replicates = metric(self.weights @ statistics)
        low, high = np.percentile(replicates, [2.5, 97.5])
        return Estimate(value=value, low=float(low), high=float(high), groups=groups)

    def share(self, values: NDArray[Any]) -> Estimate:
        """The mean over rows (N,) of truth values or numbers."""
        return self.estimate(np.stack((values.astype(float), np.ones(len(values))), 1), mean)


def confusion_statistics(truth: NDArray[np.int64], chosen: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """One-hot cells (N, C * C) of truth by answer; they sum to the confusion matrix."""
    cells = np.zeros((len(truth), classes * classes))
    cells[np.arange(len(truth)), truth * classes + chosen] = 1.0
    return cells


def _matrix(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    classes = round(sums.shape[-1] ** 0.5)
    return sums.reshape(*sums.shape[:-1], classes, classes)  # (..., truth, answer)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=float), where=whole > 0)


def precision_recall_f1(
    sums: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """From confusion sums (..., C * C): precision, recall, F1 and support, each (..., C)."""
    matrix = _matrix(sums)
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    support, answered = matrix.sum(-1), matrix.sum(-2)
    return _ratio(hits, answered), _ratio(hits, support), _ratio(2 * hits, support + answered), support


def macro_f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean F1 over the classes that occur, as truth or as answer."""
    matrix = _matrix(sums)
    seen = (matrix.sum(-1) + matrix.sum(-2)) > 0
    return _ratio((precision_recall_f1(sums)[2] * seen).sum(-1), seen.sum(-1).astype(float))


def weighted_f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean F1 weighted by how often each class occurs."""
    _, _, scores, support = precision_recall_f1(sums)
    return _ratio((scores * support).sum(-1), support.sum(-1))


def unweighted_average_recall(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean recall over the classes that occur (UAR)."""
    _, recalls, _, support = precision_recall_f1(sums)
    return _ratio((recalls * (support > 0)).sum(-1), (support > 0).sum(-1).astype(float))


def mean(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """From (hits, rows): the share of hits, for accuracy."""
    return _ratio(sums[..., 0], sums[..., 1])


def calibration_statistics(confidence: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2 * BINS + 1): signed gap and count in each row's confidence bin; they sum to what ``ece`` takes."""
    index = np.minimum((confidence * BINS).astype(int), BINS - 1)
    rows = np.zeros((len(confidence), 2 * BINS))
    rows[np.arange(len(index)), index] = confidence - right
    rows[np.arange(len(index)), BINS + index] = 1.0
    return rows


def ece(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected calibration error (Naeini et al., 2015; Guo et al., 2017), of the top answer."""
    return _ratio(np.abs(sums[..., :BINS]).sum(-1), sums[..., BINS:].sum(-1))


def multilabel_statistics(targets: NDArray[Any], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """targets, chosen (N, C) to hits, support and answers of each class: (N, 3 C)."""
    truth = np.asarray(targets, dtype=bool)
    return np.concatenate((truth & chosen, truth, chosen), 1).astype(float)


def multilabel_macro_f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """From (..., 3 C): mean over classes of each label's own F1."""
    hits, support, answers = np.split(sums, 3, axis=-1)
    return _ratio(2 * hits, support + answers).mean(-1)
