"""What is known of a case besides its form, which face and what to force, goes along; without a browser."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest

from mm_core.samples import Box, Face, Picture, RawInputs, Sample
from mm_core.serving.client import CheckedCase
from webapp.ask import Ask
from webapp.batch import BatchTab
from webapp.compare import Compare
from webapp.context import Context, VisitorCase

VISITOR: Any = SimpleNamespace(session_hash="visitor")
FACES = (Face(Box(100, 20, 180, 100)), Face(Box(10, 10, 50, 50), 9.0))
CROWD = Picture.of_face(np.zeros((100, 200, 3), np.uint8), FACES)


class Listening:
    """A service that keeps what it is given."""

    def __init__(self) -> None:
        self.read_inputs: list[RawInputs] = []
        self.explained: list[Any] = []

    def health(self) -> Any:
        return SimpleNamespace(reads_reference=False)

    def read(self, given: RawInputs) -> CheckedCase:
        self.read_inputs.append(given)
        return CheckedCase.of(Sample(given.text or None))

    def predict(self, *_: Any) -> Any:
        raise AssertionError("nothing was given")

    def explain(self, case: Any, **_: Any) -> Any:
        self.explained.append(case)
        return SimpleNamespace(prediction=None)


@pytest.fixture
def service() -> Listening:
    return Listening()


def test_a_row_is_opened_about_its_face_with_what_it_forces(service: Listening, tmp_path: Path) -> None:
    table = tmp_path / "cases.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["text", "face", "force"], ["", "2", "text image"]])
    context = Context(service)  # type: ignore[arg-type]
    with gr.Blocks():
        asking = Ask(context, [])
        batch = BatchTab(context, gr.Tabs(), asking)
    batch.open_row(str(table), 1, VISITOR)
    asking.answer_row(VISITOR)
    assert [(given.face, given.force) for given in service.read_inputs] == [(2, ("text", "image"))]
    asking.answer_case("", None, None, False, None, VISITOR)
    assert service.read_inputs[-1].face is None, "what is asked afterwards is the form's own"
    asking.answer_row(VISITOR)
    assert len(service.read_inputs) == 2, "it is handed over once"


def test_another_face_of_one_of_two_cases(service: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    context = Context(service)  # type: ignore[arg-type]
    with gr.Blocks():
        compare = Compare(context, [])
    shown: list[Any] = []
    monkeypatch.setattr(compare, "_shown", lambda cases, target: shown.extend([*cases, target]))
    sides = [VisitorCase(CheckedCase.of(Sample(image=CROWD))), VisitorCase(CheckedCase.of(Sample("hello")))]
    for side, case in zip("AB", sides, strict=True):
        context.hold(VISITOR, f"compare {side}", case)
    compare.choose_face("A")(2, "emotion:joy", VISITOR)
    (asked,) = service.explained
    assert asked.image.number == 2
    first, second, target = shown
    assert first is context.case(VISITOR, "compare A")
    assert first.checked.picture.number == 2
    assert second is sides[1], "the other case stays"
    assert target == "emotion:joy", "and so does the class"


def test_a_comparison_that_is_forgotten_says_so(service: Listening) -> None:
    with gr.Blocks():
        compare = Compare(Context(service), [])  # type: ignore[arg-type]
    updates = compare.choose_face("B")(2, None, VISITOR)
    assert "no longer held" in updates[0]
    assert service.explained == []
