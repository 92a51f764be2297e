"""Metrics against scikit-learn and by hand; intervals against what they must contain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score, recall_score

from mm_core.evaluation import metrics

LABELS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60)


@settings(deadline=None)
@given(LABELS)
def test_class_metrics_equal_scikit_learn(pairs):
    truth, chosen = (np.array(column) for column in zip(*pairs, strict=True))
    sums = metrics.confusion_statistics(truth, chosen, 4).sum(0)
    np.testing.assert_array_equal(sums.reshape(4, 4), confusion_matrix(truth, chosen, labels=range(4)))
    options = {"zero_division": 0}
    assert metrics.macro_f1(sums) == pytest.approx(f1_score(truth, chosen, average="macro", **options))
    assert metrics.weighted_f1(sums) == pytest.approx(f1_score(truth, chosen, average="weighted", **options))
    seen = sorted(set(truth.tolist()))
    expected = recall_score(truth, chosen, average="macro", labels=seen, **options)
    assert metrics.unweighted_average_recall(sums) == pytest.approx(expected)


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_multilabel_f1_equals_scikit_learn(seed):
    random = np.random.default_rng(seed)
    truth, chosen = random.random((20, 5)) < 0.4, random.random((20, 5)) < 0.4
    sums = metrics.multilabel_statistics(truth, chosen).sum(0)
    assert metrics.multilabel_macro_f1(sums) == pytest.approx(
        f1_score(truth, chosen, average="macro", zero_division=0)
    )


def test_ece_by_hand():
    confidence = np.array([0.95, 0.95, 0.55, 0.55])
    right = np.array([1.0, 0.0, 1.0, 0.0])
    # two bins of two: |0.95 - 0.5| and |0.55 - 0.5|, weighted one half each
    value = metrics.ece(metrics.calibration_statistics(confidence, right).sum(0))
    assert value == pytest.approx(0.5 * 0.45 + 0.5 * 0.05)


def test_ece_of_full_confidence_stays_in_the_last_bin():
    assert metrics.ece(metrics.calibration_statistics(np.ones(3), np.ones(3)).sum(0)) == 0.0


def test_interval_contains_the_value_and_shrinks_with_rows():
    random = np.random.default_rng(0)
    widths = []
    for size in (50, 5000):
        hits = np.stack((random.random(size) < 0.7, np.ones(size)), 1).astype(float)
        rows = metrics.Resampler.by_groups([np.arange(size)])
        figure = rows.figure(hits, metrics.mean)
        assert figure["low"] <= figure["value"] <= figure["high"]
        widths.append(figure["high"] - figure["low"])
    assert widths[1] < widths[0] / 5
    assert widths[1] == pytest.approx(2 * 1.96 * (0.7 * 0.3 / 5000) ** 0.5, rel=0.2)


def test_groups_are_resampled_together():
    """Ten speakers, each always right or always wrong: the interval is that of ten rows, not of a thousand."""
    right = np.repeat(np.arange(10) % 2, 100).astype(float)
    hits = np.stack((right, np.ones(1000)), 1)
    by_speaker = metrics.Resampler.by_groups([np.repeat(np.arange(10), 100)]).figure(hits, metrics.mean)
    by_row = metrics.Resampler.by_groups([np.arange(1000)]).figure(hits, metrics.mean)
    assert by_speaker["high"] - by_speaker["low"] > 5 * (by_row["high"] - by_row["low"])


def test_two_group_columns_multiply_their_counts():
    first, second = np.array(["a", "a", "b"]), np.array(["x", "y", "y"])
    weights = metrics.Resampler.by_groups([first, second], replicates=200, seed=3).weights
    one = metrics.Resampler.by_groups([first], replicates=200, seed=3).weights
    assert weights.shape == (200, 3)
    assert ((weights == 0) | (one > 0)).all()
    assert weights.mean() == pytest.approx(1.0, abs=0.15)
