"""What finishes late neither brings back a cleared case nor stands beside another case's answer."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from mm_core.samples import RawInputs, Sample
from mm_core.serving.client import CheckedCase
from mm_core.steps import Step
from webapp.ask import PLACE, Ask
from webapp.context import Context, VisitorCase

VISITOR: Any = SimpleNamespace(session_hash="visitor")


class Interrupted:
    """A service during whose work the visitor does something else."""

    def __init__(self) -> None:
        self.meanwhile: Callable[[], object] = lambda: None
        self.answer: Any = SimpleNamespace(name="the answer to the first case")

    def health(self) -> Any:
        return SimpleNamespace(reads_reference=False)

    def read(self, given: RawInputs) -> CheckedCase:
        return CheckedCase.of(Sample(given.text))

    def predict(self, _: Sample, waiting: Any) -> Any:
        self.meanwhile()
        return self.answer

    def explain(self, _: Sample, **__: Any) -> Any:
        self.meanwhile()
        return SimpleNamespace(name="the explanation of the first case")

    def evaluate_faithfulness(self, *_: Any) -> Any:
        yield Step(0.5)
        self.meanwhile()
        yield Step(0.9)
        raise AssertionError("the test goes on although it was to end")


@pytest.fixture
def service() -> Interrupted:
    return Interrupted()


@pytest.fixture
def ask(service: Interrupted) -> Ask:
    with gr.Blocks():
        return Ask(Context(service), [])  # type: ignore[arg-type]


def hold(ask: Ask, case: VisitorCase) -> None:
    assert ask.context.update(VISITOR, PLACE, ask.context.begin(VISITOR, PLACE), case)


def all_skipped(updates: list[Any], outputs: list[Any]) -> bool:
    return updates == [gr.skip()] * len(outputs)


def test_a_case_cleared_while_it_is_answered_stays_cleared(ask: Ask, service: Interrupted) -> None:
    service.meanwhile = lambda: ask.empty(VISITOR)
    assert all_skipped(ask.answer_case("hello", None, None, False, None, VISITOR), ask._outputs)
    assert len(ask.context.memory) == 0


def test_a_case_cleared_while_it_is_explained_stays_cleared(ask: Ask, service: Interrupted) -> None:
    hold(ask, VisitorCase(CheckedCase.of(Sample("hello")), service.answer))
    service.meanwhile = lambda: ask.empty(VISITOR)
    assert all_skipped(ask.explanation.explain(VISITOR), [*ask.explanation.outputs, ask.reasons])
    assert len(ask.context.memory) == 0


def test_an_explanation_that_comes_late_does_not_replace_the_next_case(ask: Ask, service: Interrupted) -> None:
    hold(ask, VisitorCase(CheckedCase.of(Sample("first")), service.answer))
    following = VisitorCase(CheckedCase.of(Sample("second")), service.answer)
    service.meanwhile = lambda: hold(ask, following)
    assert all_skipped(ask.explanation.explain(VISITOR), [*ask.explanation.outputs, ask.reasons])
    assert ask.context.case(VISITOR, PLACE) is following


def test_a_case_is_not_there_while_the_next_one_is_read(ask: Ask, service: Interrupted) -> None:
    hold(ask, VisitorCase(CheckedCase.of(Sample("first")), service.answer))
    ask.context.begin(VISITOR, PLACE)
    assert ask.context.case(VISITOR, PLACE) is None
    assert "no longer held" in ask.switch(["text"], VISITOR)[0]


@pytest.mark.parametrize("cleared", [True, False])
def test_the_test_of_the_maps_ends_with_its_case(ask: Ask, service: Interrupted, cleared: bool) -> None:
    evidence: Any = SimpleNamespace(name="evidence")
    hold(ask, VisitorCase(CheckedCase.of(Sample("first")), service.answer, evidence))
    following = VisitorCase(CheckedCase.of(Sample("second")), service.answer, evidence)
    service.meanwhile = lambda: ask.empty(VISITOR) if cleared else hold(ask, following)
    *_, last = ask.explanation.proof.run(VISITOR)
    message = last[2]
    assert message == "" if cleared else "has changed meanwhile" in message
    assert ask.context.case(VISITOR, PLACE) is (None if cleared else following)


def test_the_test_of_the_maps_can_be_cancelled(ask: Ask, service: Interrupted) -> None:
    evidence: Any = SimpleNamespace(name="evidence")
    case = VisitorCase(CheckedCase.of(Sample("first")), service.answer, evidence)
    hold(ask, case)
    proof = ask.explanation.proof
    service.meanwhile = lambda: proof.stop(VISITOR)
    *_, last = proof.run(VISITOR)
    assert "was cancelled" in last[2]
    assert ask.context.case(VISITOR, PLACE) is case


def test_an_explanation_that_comes_late_leaves_the_buttons_of_a_test_alone(ask: Ask) -> None:
    """Else a slow browser hides the button to cancel: what every step of a test repeats is not sent again."""
    proof = ask.explanation.proof
    assert proof.progress in ask.explanation.outputs
    assert not {proof.start, proof.cancel} & set(ask.explanation.outputs)
