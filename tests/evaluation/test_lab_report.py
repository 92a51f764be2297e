"""The lab's report: what is refused, and figures over seeds by hand."""

from __future__ import annotations

import pytest

from mm_core.evaluation.lab_report import over_seeds, read_lab, strategies
from mm_core.evaluation.records import Estimate
from mm_core.samples import InvalidInput
from tests.figures.lab_reports import lab


def test_runs_are_gathered_by_strategy_in_the_order_of_their_seeds():
    content = lab()
    content["runs"].reverse()
    found = strategies(read_lab(content), "mosi-transcripts", "neighbours")
    assert [s.fusion for s in found] == ["cross_attention", "concat", "late_mean"]
    assert [run.seed for run in found[0].runs] == [0, 1, 2]
    assert {run.variant for s in found for run in s.runs} == {"neighbours"}


def test_interval_over_three_seeds_by_hand():
    spread = over_seeds((0.72, 0.74, 0.76))
    assert spread.estimate.value == pytest.approx(0.74)
    assert spread.deviation == pytest.approx(0.02)
    # Student's t with two degrees of freedom: 4.303 * 0.02 / sqrt(3)
    assert spread.estimate.high - spread.estimate.value == pytest.approx(0.04968, abs=1e-4)
    assert spread.estimate.value - spread.estimate.low == pytest.approx(0.04968, abs=1e-4)


def test_one_seed_has_no_interval():
    assert over_seeds((0.5,)).estimate == Estimate(value=0.5)


def test_a_quantity_that_no_run_has_is_none():
    strategy = strategies(read_lab(lab()), "mosi-features", "utterance")[0]
    assert strategy.spread(lambda run: run.metrics.get("nothing")) is None
    assert strategy.spread(lambda run: run.metrics.get("ece")).estimate.value == pytest.approx(0.05)


def _with(path, value):
    content = lab()
    part = content
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return content


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("runs",), [], "runs"),
        (("runs",), [5], "runs, 0"),
        (("runs", 1, "metrics"), {"accuracy": "high"}, "runs, 1, metrics, accuracy"),
        (("runs", 1, "metrics"), {"accuracy": float("nan")}, "runs, 1, metrics, accuracy"),
        (("runs", 0, "missing"), {"none": {"accuracy": 1.5}}, "runs, 0, missing, none, accuracy"),
        (("runs", 0, "noise"), {"text": [{"level": 0}] * 3}, "runs, 0, noise, text, 0, accuracy"),
        (("runs", 0, "shares"), {f"m{n}": 0.1 for n in range(99)}, "runs, 0, shares"),
        (("runs", 0, "fusion"), "x" * 1000, "runs, 0, fusion"),
        (("runs", 0, "parameters"), -1, "runs, 0, parameters"),
        (("references",), {}, "references"),
        (("comparisons", 0, "difference"), {}, "comparisons, 0, difference, value"),
    ],
)
def test_what_is_wrong_is_named(path, value, place):
    with pytest.raises(InvalidInput, match=f"At {place}:"):
        read_lab(_with(path, value))


def test_two_runs_of_one_id_are_refused():
    content = lab()
    content["runs"].append(content["runs"][0])
    with pytest.raises(InvalidInput, match="same id"):
        read_lab(content)


def test_what_is_refused_is_not_repeated():
    with pytest.raises(InvalidInput) as raised:
        read_lab({"runs": [{"id": "<script>alert(1)</script>" * 99}]})
    assert "script" not in str(raised.value)
