"""Estimates in words, headings of old and new files, and what a record refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mm_core.evaluation.compression_report import read_compression
from mm_core.evaluation.contributions_report import read_contributions
from mm_core.evaluation.evaluation_report import EvaluationReport, read_evaluation
from mm_core.evaluation.faithfulness_report import read_faithfulness
from mm_core.evaluation.heading import Heading, heading
from mm_core.evaluation.lab_report import read_lab
from mm_core.evaluation.records import Estimate, Folds, Record, as_json, write_report
from mm_core.evaluation.robustness_report import read_robustness
from mm_core.samples import InvalidInput
from tests.figures import reports
from tests.toys import toy_model

SHIPPED = Path(__file__).resolve().parents[2] / "assets" / "report"
READERS = {
    "evaluation": read_evaluation,
    "contributions": read_contributions,
    "robustness": read_robustness,
    "faithfulness": read_faithfulness,
    "lab": read_lab,
    "compression": read_compression,
}
FIVE = Folds(count=5, mean=0.63, deviation=0.04)


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (Estimate(value=0.65, low=0.63, high=0.67), "0.65 (0.63 to 0.67)"),
        (Estimate(value=-0.1, low=-0.2, high=0.0), "−0.10 (−0.20 to 0.00)"),
        (Estimate(value=-0.002, low=-0.02, high=0.01), "0.00 (−0.02 to 0.01)"),
        (Estimate(value=0.02, low=0.03, high=0.05, groups=40), "0.02 (0.03 to 0.05)"),
        (Estimate(value=0.617, low=0.617, high=0.617, groups=2), "0.62 (no interval: 2 groups)"),
        (Estimate(value=0.617, groups=1), "0.62 (no interval: 1 group)"),
        (Estimate(value=0.617, groups=2, folds=FIVE), "0.62 (0.63 ± 0.04 over 5 folds)"),
        (Estimate(value=0.617), "0.62 (no interval)"),
    ],
)
def test_an_estimate_in_words(estimate, words):
    assert estimate.words() == words


def test_digits_of_an_estimate():
    assert Estimate(value=0.6512, low=0.6, high=0.7).words(3) == "0.651 (0.600 to 0.700)"


def test_an_interval_of_few_groups_is_not_shown_even_if_a_file_holds_one():
    assert Estimate(value=0.6, low=0.5, high=0.7, groups=9).interval is None
    assert Estimate(value=0.6, low=0.5, high=0.7, groups=10).interval == (0.5, 0.7)
    assert Estimate(value=0.6, low=0.5, high=0.7).interval == (0.5, 0.7), "a file that does not say"


@pytest.mark.parametrize("kind", READERS)
def test_shipped_reports_open_and_lose_nothing(kind):
    content = json.loads((SHIPPED / f"{kind}.json").read_text(encoding="utf-8"))
    again = json.loads(as_json(READERS[kind](content)))
    if isinstance(content["made"], dict):  # files of the lab and of compression kept some of the heading there
        made = content.pop("made")
        content |= {**made, "made": made["time"]}
        content.pop("time", None)
    kept = {key: again[key] for key in content if key != "time"}
    assert _without_nothing(kept) == _without_nothing(content)


def _without_nothing(node):
    """What is None, or empty, says as much as what is not there."""
    if isinstance(node, list):
        return [_without_nothing(part) for part in node]
    if not isinstance(node, dict):
        return node
    cleaned = {key: _without_nothing(value) for key, value in node.items()}
    return {key: value for key, value in cleaned.items() if value is not None and value != {} and key != "time"}


def test_a_heading_says_where_a_report_comes_from():
    model = toy_model()
    made = heading(model, split="test", seed=3)
    assert (made.model.name, made.model.hash) == (model.name, model.hash)
    assert {"torch", "numpy", "python"} <= set(made.versions)
    assert made.unsaid() in (["data digest"], ["commit", "data digest"])


def test_what_a_heading_does_not_say_is_named():
    assert Heading().unsaid() == ["model", "commit", "data digest", "split", "seed", "versions", "time"]


def test_a_report_is_written_and_read_back(tmp_path):
    report = reports.met_strangers()
    write_report(report, tmp_path / "new" / "evaluation.json")
    text = (tmp_path / "new" / "evaluation.json").read_text(encoding="utf-8")
    assert read_evaluation(json.loads(text)) == report
    assert "null" not in text


def test_strangers_are_never_seen_or_left_out():
    report = reports.met_strangers()
    assert [(s.modalities, s.source, s.scores.met) for s in report.strangers()] == [
        ("audio", "tess", "never seen"),
        ("audio", "savee", "left out"),
    ]
    assert reports.evaluation().strangers() == ()


def test_metrics_by_name():
    scores = reports.evaluation().scores("emotion", "text")
    assert scores.metric("accuracy").value == 0.62
    assert scores.metric("multilabel_macro_f1_at_0.3") is None
    with pytest.raises(KeyError, match="unknown metric 'beauty'"):
        scores.metric("beauty")
    with pytest.raises(KeyError, match="unknown task 'smell'"):
        reports.evaluation().scores("smell", "text")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ({}, "emotion"),
        ({"emotion": {"text": {"all": {"n": -1}}}}, "emotion, text, all, n"),
        ({"emotion": {"text": {"all": {"n": 1, "uar": {"value": float("nan")}}}}}, "emotion, text, all, uar, value"),
        (
            {"emotion": {"text": {"all": {"n": 1, "confusion": {"labels": ["a", "b"], "matrix": [[1]]}}}}},
            "emotion, text, all, confusion",
        ),
        ({"emotion": {}, "model": 5}, "model"),
        ({"emotion": {"text": {"all": {"n": 1, "met": "surely"}}}}, "emotion, text, all, met"),
    ],
)
def test_what_is_wrong_is_named(content, place):
    with pytest.raises(InvalidInput, match=f"At {place}:"):
        read_evaluation(content)


def test_records_are_frozen_and_leave_out_what_they_do_not_know():
    class Small(Record):
        n: int

    assert Small.model_validate({"n": 1, "more": 2}).model_dump() == {"n": 1}
    assert EvaluationReport(emotion={}).tasks == ()
