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
        estimate = rows.estimate(hits, metrics.mean)
        assert estimate.low <= estimate.value <= estimate.high
        widths.append(estimate.high - estimate.low)
    assert widths[1] < widths[0] / 5
    assert widths[1] == pytest.approx(2 * 1.96 * (0.7 * 0.3 / 5000) ** 0.5, rel=0.2)


def test_groups_are_resampled_together():
    """Ten speakers, each always right or always wrong: the interval is that of ten rows, not of a thousand."""
    right = np.repeat(np.arange(10) % 2, 100).astype(float)
    hits = np.stack((right, np.ones(1000)), 1)
    by_speaker = metrics.Resampler.by_groups([np.repeat(np.arange(10), 100)]).estimate(hits, metrics.mean)
    by_row = metrics.Resampler.by_groups([np.arange(1000)]).estimate(hits, metrics.mean)
    assert by_speaker.high - by_speaker.low > 5 * (by_row.high - by_row.low)


def test_fewer_than_ten_groups_have_no_interval():
    hits = np.stack((np.arange(900) < 300, np.ones(900)), 1).astype(float)
    nine = metrics.Resampler.by_groups([np.arange(900) // 100]).estimate(hits, metrics.mean)
    assert (nine.value, nine.groups, nine.interval) == (pytest.approx(1 / 3), 9, None)
    assert (nine.low, nine.high) == (None, None)
    ten = metrics.Resampler.by_groups([np.arange(900) // 90]).estimate(hits, metrics.mean)
    assert ten.groups == 10
    assert ten.low < ten.value < ten.high


def test_the_column_with_fewest_groups_counts_and_only_rows_that_take_part():
    rows = np.arange(100)
    hits = np.stack((rows % 2 == 0, np.ones(100)), 1).astype(float)
    both = metrics.Resampler.by_groups([rows, rows % 4])
    assert both.estimate(hits, metrics.mean).groups == 4
    by_row = metrics.Resampler.by_groups([rows])
    assert by_row.estimate(hits * (rows < 9)[:, None], metrics.mean).interval is None
    assert by_row.estimate(hits * (rows < 10)[:, None], metrics.mean).interval is not None


def test_an_interval_is_not_stretched_to_its_value():
    """Calibration error is a sum of absolute gaps: resampling adds noise to each, so it lies above the value."""
    random = np.random.default_rng(0)
    confidence = random.uniform(0.5, 1.0, 400)
    right = (random.random(400) < confidence).astype(float)
    bins = np.minimum((confidence * metrics.BINS).astype(int), metrics.BINS - 1)
    for b in np.unique(bins):  # a model that is calibrated exactly on these very rows
        confidence[bins == b] = right[bins == b].mean()
    statistics = np.zeros((400, 2 * metrics.BINS + 1))
    statistics[np.arange(400), bins] = confidence - right
    statistics[np.arange(400), metrics.BINS + bins] = 1.0
    estimate = metrics.Resampler.by_groups([np.arange(400)]).estimate(statistics, metrics.ece)
    assert estimate.value == pytest.approx(0.0, abs=1e-12)
    assert estimate.low > 0.005


def test_share_is_the_mean_of_what_it_is_given():
    rows = metrics.Resampler.by_groups([np.arange(40)])
    assert rows.share(np.arange(40) < 10).value == 0.25
    assert rows.share(np.full(40, -0.5)).value == -0.5


def test_two_group_columns_multiply_their_counts():
    first, second = np.array(["a", "a", "b"]), np.array(["x", "y", "y"])
    weights = metrics.Resampler.by_groups([first, second], replicates=200, seed=3).weights
    one = metrics.Resampler.by_groups([first], replicates=200, seed=3).weights
    assert weights.shape == (200, 3)
    assert ((weights == 0) | (one > 0)).all()
    assert weights.mean() == pytest.approx(1.0, abs=0.15)
