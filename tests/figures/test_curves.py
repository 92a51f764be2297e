from __future__ import annotations

import time

import numpy as np
import pytest

from mm_core import figures
from mm_core.figures.curves import POINTS, reliability_bins, risk_curve
from mm_core.figures.rows import Rows
from mm_core.labels import EMOTIONS
from tests.figures import reports


def toy(probabilities: list[float], truth: list[int]) -> Rows:
    """Two classes; ``probabilities`` are those of the second."""
    p = np.array(probabilities)
    targets = np.eye(2, dtype=bool)[truth]
    return Rows(("no", "yes"), targets, np.stack((1 - p, p), 1))


def test_rows_are_picked_by_task_set_and_source() -> None:
    lines = reports.predictions(50)
    lines.loc[0, "truth"] = "joy,anger"
    rows = figures.pick_rows(lines, "emotion", "text+image+audio")
    assert rows.labels == EMOTIONS
    assert len(rows) == 50
    assert rows.targets[0].sum() == 2
    assert rows.probabilities == pytest.approx(lines[[f"p_{label}" for label in EMOTIONS]].to_numpy())
    part = figures.pick_rows(lines, "emotion", "text+image+audio", "fer2013")
    assert len(part) == (lines["source"] == "fer2013").sum()
    assert len(figures.pick_rows(lines, "emotion", "text")) == 0


def test_uncalibrated_answers_are_the_softmax_of_the_logits() -> None:
    rows = Rows(("a", "b"), np.array([[True, False]]), np.array([[0.6, 0.4]]), np.array([[np.log(3.0), 0.0]]))
    assert rows.uncalibrated == pytest.approx(np.array([[0.75, 0.25]]))
    assert rows.right.tolist() == [True]
    assert toy([0.2], [1]).uncalibrated is None
    assert toy([0.2], [1]).right.tolist() == [False]


def test_roc_of_a_perfect_and_of_a_guessing_score() -> None:
    perfect = figures.roc_curves(toy([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]))
    assert {row["AUC"] for row in perfect.table} == {1.0}
    assert "yes, AUC 1.00" in [trace.name for trace in perfect.plot.data]
    guessing = figures.roc_curves(toy([0.5] * 4, [0, 1, 0, 1]))
    assert {row["AUC"] for row in guessing.table} == {0.5}


def test_roc_by_hand() -> None:
    figure = figures.roc_curves(toy([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]))
    yes = next(trace for trace in figure.plot.data if trace.name.startswith("yes"))
    assert yes.name == "yes, AUC 0.75"
    assert (yes.x[0], yes.y[0], yes.x[-1], yes.y[-1]) == (0, 0, 1, 1)
    assert (0.5, 0.5) in set(zip(yes.x, yes.y, strict=True))


def test_average_precision_by_hand() -> None:
    figure = figures.precision_recall_curves(toy([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]))
    areas = {row["class"]: row["AP"] for row in figure.table}
    assert areas["yes"] == pytest.approx(1 * 0.5 + 2 / 3 * 0.5)


def test_a_class_without_cases_has_no_curve() -> None:
    assert figures.roc_curves(toy([0.1, 0.2], [0, 0])).table == ()


def test_reliability_bins_by_hand() -> None:
    confidence = np.array([0.95, 0.97, 0.55, 1.0])
    right = np.array([True, False, True, True])
    assert reliability_bins(confidence, right) == [
        (pytest.approx(0.55), 1.0, 1),
        (pytest.approx((0.95 + 0.97 + 1.0) / 3), pytest.approx(2 / 3), 3),
    ]


def test_reliability_shows_before_and_after_scaling() -> None:
    rows = figures.pick_rows(reports.predictions(4000), "emotion", "text+image+audio")
    figure = figures.reliability(rows)
    before, after = figure.plot.data
    assert rows.uncalibrated is not None
    for trace, probabilities in ((before, rows.uncalibrated), (after, rows.probabilities)):
        bins = reliability_bins(probabilities.max(1), rows.right)
        assert list(trace.x) == pytest.approx([b[0] for b in bins])
        assert list(trace.y) == pytest.approx([b[1] for b in bins])
        error = sum(n * abs(c - s) for c, s, n in bins) / 4000
        assert trace.name.endswith(f"ECE {error:.3f}")


def test_risk_by_hand() -> None:
    coverage, risk = risk_curve(np.array([0.9, 0.6, 0.8]), np.array([True, True, False]))
    assert coverage.tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3])


def test_risk_marks_what_counts_as_sure() -> None:
    figure = figures.risk_coverage(toy([0.9, 0.2, 0.6, 0.55], [1, 0, 0, 1]), unsure_below=0.58)
    mark = figure.plot.data[1]
    assert (mark.x[0], mark.y[0]) == (0.75, pytest.approx(1 / 3))
    assert "sure on 75%, of which 33% wrong" in figure.plot.layout.annotations[0].text


def test_curves_of_many_rows_are_thin_and_quick() -> None:
    rows = figures.pick_rows(reports.predictions(50_000), "emotion", "text+image+audio")
    started = time.process_time()
    made = [figures.roc_curves(rows), figures.precision_recall_curves(rows), figures.risk_coverage(rows)]
    assert time.process_time() - started < 10, "seconds here hold on a busy machine; a quiet one needs one"
    for figure in made:
        assert all(len(trace.x) <= POINTS + 2 for trace in figure.plot.data)
        assert len(figure.plot.to_json()) < 300_000
