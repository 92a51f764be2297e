"""Sentences that say what a page's figures come to, against reports whose numbers can be checked by hand."""

from __future__ import annotations

import pytest

from dashboard.verdicts import (
    best_strategy,
    fusion_gain,
    most_missed,
    smallest_as_good,
    strongest_removal,
    what_it_hangs_on,
)
from mm_core.evaluation.compression_report import read_compression
from mm_core.evaluation.evaluation_report import read_evaluation
from mm_core.evaluation.lab_report import read_lab, strategies
from mm_core.evidence import without_modalities
from tests.figures import reports
from tests.figures.cases import evidence
from tests.figures.lab_reports import compression, lab


def with_product(accuracy):
    content = reports.evaluation().model_dump(by_alias=True)
    content["baselines"] = {"late_product": {"text+image+audio": {"all": reports.classes(accuracy)}}}
    return read_evaluation(content)


def test_a_fusion_that_beats_the_product_gains():
    words = fusion_gain(with_product(0.84))
    assert "right on 90% of composed triples" in words
    assert "with no fusion at all, on 84%" in words
    assert words.endswith("Fusion gains 6.0 points there.")


@pytest.mark.parametrize("product", [0.9, 0.895, 0.93])
def test_a_fusion_that_does_not_beat_the_product_gains_nothing(product):
    words = fusion_gain(with_product(product))
    assert "not from fusing them" in words
    assert "gains" not in words.replace("gained", "")


def test_without_the_baseline_nothing_is_claimed():
    assert fusion_gain(read_evaluation({"emotion": {}})) == ""
    content = reports.evaluation().model_dump(by_alias=True) | {"baselines": {}}
    assert fusion_gain(read_evaluation(content)) == ""


def test_the_best_strategy_and_where_the_default_stands():
    report = read_lab(lab())
    chosen = strategies(report, "mosi-features", "utterance")
    words = best_strategy(chosen, report.comparisons)
    assert words.startswith("Best on average: cross-attention, accuracy 0.740.")
    assert "Cross-attention, which ships, is the best." in words
    assert "no worse than late mean" in words
    lost = [report.comparisons[0].model_copy(update={"not_worse": False})]
    assert "late mean, by more than a point, these cases can't exclude" in best_strategy(chosen, lost)
    content = lab()
    for run in content["runs"]:
        run["metrics"]["accuracy"] += 0.07 if run["fusion"] == "late_mean" else 0.0
    behind = best_strategy(strategies(read_lab(content), "mosi-features", "utterance"), ())
    assert (
        "Best on average: late mean, accuracy 0.770. Cross-attention, which ships, lies 3.0 points behind." in behind
    )
    assert best_strategy((), ()) == ""


def test_the_input_that_would_be_missed_most():
    content = lab()
    for run in content["runs"]:
        run["missing"]["text+image"]["accuracy"] = 0.55
    words = most_missed(strategies(read_lab(content), "mosi-features", "utterance"))
    assert words == "Taking away the voice costs most: cross-attention falls from 80% right answers to 55%."
    for run in content["runs"]:
        for pattern in ("text+image", "text+audio", "image+audio"):
            run["missing"][pattern]["accuracy"] = 0.795
    assert "No input is missed" in most_missed(strategies(read_lab(content), "mosi-features", "utterance"))


def test_the_smallest_model_that_is_as_good():
    content = compression()
    for model in content["runs"][1:]:
        model["difference"]["text"] = {"value": -0.03, "low": -0.05, "high": -0.01}
    assert "no smaller model is shown" in smallest_as_good(read_compression(content).runs, "text")
    content["runs"][1]["difference"]["text"] = {"value": 0.0, "low": -0.005, "high": 0.005}
    int8 = read_compression(content).runs[1]
    words = smallest_as_good(read_compression(content).runs, "text")
    assert f"“{int8.title}”: {int8.size_mb:.0f} MB instead of 40." in words
    content["runs"][1]["difference"]["text"] = {"value": 0.0, "groups": 4}
    assert "no smaller model is shown" in smallest_as_good(read_compression(content).runs, "text"), "not shown"


def test_the_strongest_removal_moves_the_answer_most():
    case = evidence()
    label = case.prediction.emotion.label
    moved = {m: abs(without_modalities(case, m).difference()[label]) for m in case.present}
    assert strongest_removal(case) == max(moved, key=moved.get)
    words = what_it_hangs_on(case)
    assert words.startswith("The answer hangs most on the ")
    assert f"{label} goes from 87%" in words
    assert words.count(".") == 2


def test_one_input_can_not_be_taken_away():
    assert strongest_removal(evidence(("text",))) is None
    assert what_it_hangs_on(evidence(("text",))) == ""
