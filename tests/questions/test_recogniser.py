"""The 80 questions that were written before the recogniser, and apart from what it learns from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mm_core.labels import EMOTIONS
from mm_core.questions.recogniser import NONE, Question, phrases, recognise

QUESTIONS = json.loads(Path(__file__).with_name("questions.json").read_text(encoding="utf-8"))
LEAST = 0.9


def expected(row: dict[str, str]) -> Question:
    return Question(row["kind"], row.get("label", ""), tuple(m for m in [row.get("modality")] if m))


def right(row: dict[str, str]) -> bool:
    """The right kind and, where the answer needs it, the right class and input."""
    found, wanted = recognise(row["question"], EMOTIONS), expected(row)
    if wanted.kind == NONE:
        return found.kind == NONE
    about = (not wanted.label or found.label == wanted.label) and set(wanted.modalities) <= set(found.modalities)
    return found.kind == wanted.kind and about


def test_eighty_questions_are_answered_or_refused_rightly():
    assert len(QUESTIONS) == 80
    assert sum(row["kind"] == NONE for row in QUESTIONS) == 20
    wrong = [row["question"] for row in QUESTIONS if not right(row)]
    assert len(wrong) <= (1 - LEAST) * len(QUESTIONS), wrong


@pytest.mark.parametrize("language", ["en", "zh"])
def test_neither_language_is_left_behind(language):
    rows = [row for row in QUESTIONS if row["language"] == language]
    assert sum(map(right, rows)) >= 0.8 * len(rows)


def test_no_question_stands_among_the_phrases_it_learned_from():
    def bare(text: str) -> str:
        return re.sub(r"\W", "", text.casefold())

    learned = {bare(phrase) for some in phrases().values() for phrase in some}
    assert not [row["question"] for row in QUESTIONS if bare(row["question"]) in learned]


def test_labels_of_ones_own_are_found_by_name():
    assert recognise("Why proud?", ("proud", "bored")) == Question("why", "proud")
    assert recognise("Is he bored", ("proud", "bored")) == Question("chance", "bored")


def test_inputs_are_told_in_their_order():
    assert recognise("Do the voice and the words agree?").modalities == ("text", "audio")


@pytest.mark.parametrize("nothing", ["", "   ", "?!", "。"])
def test_nothing_is_no_question(nothing):
    assert recognise(nothing).kind == NONE


def test_a_long_text_is_read_to_its_limit():
    assert recognise("Why joy? " + "x" * 100_000).label == "joy"
