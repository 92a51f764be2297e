"""Figures of evaluation, contributions and robustness reports."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mm_core import figures
from mm_core.evaluation.evaluation_report import met_words
from mm_core.evaluation.records import Estimate
from mm_core.evaluation.robustness_report import read_robustness
from mm_core.figures.palette import MODALITY_COLOURS, SHARED
from mm_core.figures.slices import wilson
from mm_core.labels import EMOTIONS
from tests.figures import reports

REPORT = reports.evaluation()


def dots(figure: figures.Figure) -> list[tuple[float, float, float]]:
    """Value, low and high of every dot drawn, from the line under it."""
    return [(dot.x[0], *bar.x) for dot, bar in zip(markers(figure), bars(figure), strict=True)]


def bars(figure: figures.Figure) -> list[Any]:
    """The lines of the intervals."""
    return [t for t in figure.plot.data if t.mode == "lines+markers"]


def markers(figure: figures.Figure) -> list[Any]:
    return [t for t in figure.plot.data if t.mode == "markers"]


def test_metric_bars_are_the_report_s_figures_in_the_house_s_order() -> None:
    figure = figures.metric_bars(REPORT, "emotion", "accuracy")
    names = [row["name"] for row in figure.table]
    assert names == [
        "words",
        "face",
        "voice",
        "words + face",
        "words + voice",
        "face + voice",
        "all three",
        "product of the three single answers",
    ]
    assert dots(figure)[0] == pytest.approx((0.62, 0.60, 0.64))
    assert figure.table[6] == {"name": "all three", "value": 0.9, "low": 0.88, "high": 0.92, "n": 700}
    assert [t.marker.color for t in markers(figure)[:4]] == [*MODALITY_COLOURS.values(), SHARED]
    assert figure.plot.data[-1].marker.symbol == "circle-open"
    texts = [a.text for a in figure.plot.layout.annotations]
    assert "0.90 (0.88 to 0.92)" in texts
    assert figure.plot.layout.xaxis.title.text == "accuracy, n = 700"


def test_metric_bars_of_one_source_hold_only_what_was_judged_there() -> None:
    figure = figures.metric_bars(REPORT, "emotion", "accuracy", "meld")
    assert [row["n"] for row in figure.table] == [350]
    assert "test rows of meld" in figure.reading
    assert "left" in figures.metric_bars(REPORT, metric="ece").reading


def test_confusion_rows_are_shares_of_the_truth() -> None:
    figure = figures.confusion(REPORT, selectable=True)
    heat = figure.plot.data[0]
    matrix = np.array(REPORT.emotion["text+image+audio"]["all"].confusion.matrix)
    assert np.array(heat.z) == pytest.approx(matrix / matrix.sum(1, keepdims=True))
    assert list(heat.y) == list(EMOTIONS)
    assert sum(row["cases"] for row in figure.table) == matrix.sum()
    points = figure.plot.data[-1]
    assert list(points.customdata[8]) == ["disgust", "disgust"]
    white = next(t for t in figure.plot.data[1:] if t.textfont.color == "#ffffff")
    assert set(white.text) == {"90", "91"}, "white only on strong cells"


def test_agreement_is_a_two_by_two_confusion() -> None:
    figure = figures.confusion(REPORT, "agreement", "text+audio")
    assert [row["truth"] for row in figure.table] == ["different", "different", "same", "same"]


def test_precision_and_recall_of_each_class() -> None:
    figure = figures.per_class(REPORT)
    precision, recall = figure.plot.data
    found = REPORT.emotion["text+image+audio"]["all"].per_class
    assert list(precision.x) == [found[label].precision for label in EMOTIONS]
    assert list(recall.x) == [found[label].recall for label in EMOTIONS]
    assert "n = 100" in figure.plot.layout.yaxis.ticktext[0]


def test_accuracy_by_a_number_is_cut_into_equal_parts() -> None:
    lines = reports.predictions(500)
    figure = figures.accuracy_by(lines, "emotion", "text+image+audio", "words")
    sizes = [row["n"] for row in figure.table]
    assert len(sizes) == 5
    assert sum(sizes) == 500
    assert max(sizes) < 150
    right = (lines["truth"] == lines["answer"]).sum()
    assert sum(row["value"] * row["n"] for row in figure.table) == pytest.approx(right)


def test_accuracy_by_a_name_is_one_row_each() -> None:
    lines = reports.predictions(500)
    figure = figures.accuracy_by(lines, "emotion", "text+image+audio", "speaker")
    for row in figure.table:
        part = lines[lines["speaker"] == row["name"]]
        assert row["n"] == len(part)
        assert row["value"] == pytest.approx((part["truth"] == part["answer"]).mean())
        assert row["low"] < row["value"] < row["high"]


def test_wilson_s_interval_is_the_published_one() -> None:
    # Newcombe (1998), method 3: 81 of 263 gives 0.2553 to 0.3662.
    found = wilson(81, 263)
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))
    assert wilson(0, 5).low == 0
    assert wilson(5, 5).high == 1


def test_shares_are_drawn_from_the_report_s_quantiles() -> None:
    report = reports.contributions()
    figure = figures.shares_by_class(report)
    text = figure.plot.data[0]
    assert text.name == "text"
    groups = list(report.shares)
    assert list(text.median) == [report.shares[g].text.quantiles["0.5"] for g in groups]
    assert list(text.q1) == [report.shares[g].text.quantiles["0.25"] for g in groups]
    assert [t.line.color for t in figure.plot.data] == list(MODALITY_COLOURS.values())
    assert len(figure.table) == 3 * len(groups)
    assert figure.table[0]["mean"] == report.shares["all"].text.value


def test_shape_lists_values_then_interactions_around_nothing() -> None:
    figure = figures.shape_bars(reports.contributions())
    values = [row["value"] for row in figure.table]
    assert values == [0.27, 0.29, 0.2, -0.11, -0.08, -0.07, 0.04]
    assert figure.plot.layout.xaxis.range[0] < -0.13
    assert any(shape.x0 == shape.x1 == 0 for shape in figure.plot.layout.shapes)


def test_perceptual_score_and_emap_are_the_report_s() -> None:
    report = reports.contributions()
    assert [row["value"] for row in figures.perceptual_bars(report).table] == [0.21, 0.25, 0.12]
    figure = figures.emap_bars(report)
    assert [row["value"] for row in figure.table] == [0.9, 0.89, 0.87]
    assert "0.004" in figure.reading


def test_disagreement_leaves_out_what_never_happened() -> None:
    figure = figures.disagreement_bars(reports.contributions())
    assert [row["name"] for row in figure.table] == ["all the same (50%)", "one differs (40%)"]


def test_noise_curves_are_the_report_s_levels() -> None:
    report = reports.robustness()
    figure = figures.noise_curves(report, "audio", "noise")
    lines = {t.name: t for t in figure.plot.data if t.mode == "lines+markers"}
    assert list(lines["voice alone"].y) == [0.66, 0.62, 0.5, 0.35, 0.2]
    assert list(lines["with the others, clean"].y) == [0.9, 0.89, 0.86, 0.82, 0.79]
    assert lines["voice alone"].line.dash != lines["with the others, clean"].line.dash
    assert figure.plot.layout.xaxis.ticktext == ("clean", "30", "20", "10", "0")
    band = figure.plot.data[0]
    assert band.y[0] == pytest.approx(0.70)
    assert band.y[-1] == pytest.approx(0.62)


def test_noise_of_a_lonely_modality_has_one_line() -> None:
    content = reports.robustness().model_dump()
    for step in content["noise"]["audio"]["noise"]["levels"]:
        step["together"] = step["alone"]
    report = read_robustness(content)
    figure = figures.noise_curves(report, "audio", "noise")
    assert [t.name for t in figure.plot.data if t.mode == "lines+markers"] == ["voice alone"]


def test_missing_and_conflict_rows() -> None:
    report = reports.robustness()
    names = [row["name"] for row in figures.missing_bars(report).table]
    assert names[0] == "all three"
    assert names[-1] == "nothing"
    rows = figures.conflict_bars(report, "audio").table
    assert [row["value"] for row in rows] == [0.7, 0.18, 0.12, 0.64, 0.2]


def test_strangers_come_from_the_shipped_weights_and_from_trainings_without_a_source() -> None:
    figure = figures.stranger_bars(reports.met_strangers())
    seen, left_out = figure.table
    assert (seen["name"], seen["value"], seen["met"]) == ("tess, voice", 0.48, met_words("never seen"))
    assert (left_out["name"], left_out["value"], left_out["low"]) == ("savee, voice", 0.38, None)
    assert [t.marker.symbol for t in markers(figure)] == ["circle", "circle-open"]
    texts = [a.text for a in figure.plot.layout.annotations]
    assert "0.38 (0.40 ± 0.03 over 5 folds)" in texts
    assert len(bars(figure)) == 1, "without an interval there is no bar"


def test_an_interval_beside_its_value_is_drawn_where_it_is() -> None:
    report = REPORT.model_copy(deep=True)
    ece = Estimate(value=0.02, low=0.03, high=0.05, groups=40)
    scores = report.emotion["text"]["all"].model_copy(update={"ece": ece})
    report = report.model_copy(update={"emotion": {"text": {"all": scores}}, "baselines": {}})
    figure = figures.metric_bars(report, "emotion", "ece")
    assert dots(figure) == [(0.02, 0.03, 0.05)]
    assert "0.02 (0.03 to 0.05)" in [a.text for a in figure.plot.layout.annotations]
