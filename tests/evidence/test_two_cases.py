"""Two cases: gaps between their Shapley values add up to the gap between their answers, and the sentence says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mm_core.evidence import Evidence, explain
from mm_core.evidence.two_cases import TwoCases
from mm_core.model import TriadModel
from tests.toys import toy_model, toy_sample


@pytest.fixture(scope="module")
def model() -> TriadModel:
    return toy_model()


@pytest.fixture(scope="module")
def cases(model: TriadModel) -> tuple[Evidence, Evidence]:
    return explain(model, toy_sample(0)), explain(model, toy_sample(5, ("text", "image")))


@pytest.mark.parametrize(("task", "label"), [("emotion", "joy"), ("emotion", "anger"), ("sentiment", "negative")])
def test_the_gaps_of_the_inputs_add_up(cases: tuple[Evidence, Evidence], task: str, label: str) -> None:
    two = TwoCases(*cases, task, label)
    before, after = two.probabilities
    assert before == pytest.approx(getattr(cases[0].prediction, task).probabilities[label])
    assert list(two.gaps()) == ["text", "image", "audio"], "an input that one case lacks is there all the same"
    assert sum(two.gaps().values()) == pytest.approx(after - before, abs=1e-5)


def test_both_charts_fit_the_reach(cases: tuple[Evidence, Evidence]) -> None:
    two = TwoCases.of(*cases)
    values = [v for case in cases for v in case.contributions(two.label, "probability").shapley.values()]
    assert two.reach() == max(map(abs, values))


def test_the_class_is_the_first_case_s_answer(cases: tuple[Evidence, Evidence]) -> None:
    two = TwoCases.of(*cases)
    assert (two.task, two.label) == ("emotion", cases[0].prediction.emotion.label)


def test_the_same_case_twice_differs_in_nothing(cases: tuple[Evidence, Evidence]) -> None:
    two = TwoCases.of(cases[0], cases[0])
    assert "about the same in both" in two.verdict()
    assert two.verdict().startswith("Both cases lean towards")


def answering(evidence: Evidence, label: str, share: float) -> Evidence:
    """The record with another answer, its contributions as they were."""
    others = (1 - share) / (len(evidence.prediction.emotion.probabilities) - 1)
    shares = dict.fromkeys(evidence.prediction.emotion.probabilities, others) | {label: share}
    emotion = replace(evidence.prediction.emotion, label=label, confidence=share, probabilities=shares)
    return replace(evidence, prediction=replace(evidence.prediction, emotion=emotion))


def test_the_sentence_names_the_input_that_makes_the_difference(
    cases: tuple[Evidence, Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = answering(cases[0], "joy", 0.9), answering(cases[1], "sadness", 0.7)
    monkeypatch.setattr(TwoCases, "gaps", lambda self: {"text": 0.3, "image": -0.8, "audio": -0.35})
    assert TwoCases(first, second, "emotion", "joy").verdict() == (
        "Case A leans towards joy, case B towards sadness. The probability of joy is 90% in case A and 5% in case B; "
        "the largest part of that difference comes from the face."
    )
    assert "comes from the words" in TwoCases(second, first, "emotion", "joy").verdict(), "what raises it"


def test_cases_of_two_models_are_not_compared(cases: tuple[Evidence, Evidence]) -> None:
    other = replace(cases[1].prediction, model={"name": "other", "hash": "00"})
    with pytest.raises(ValueError, match="one model"):
        TwoCases.of(cases[0], replace(cases[1], prediction=other))
    with pytest.raises(ValueError, match="known"):
        TwoCases(*cases, "emotion", "calm")
