"""What the pages say about a model that answers labels of somebody's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mm_core.labels import EMOTIONS, MODALITIES
from mm_core.serving import own_labels
from mm_core.serving.health import Health

OWN = Health(
    True,
    "toy-mine",
    "ab" * 32,
    "cpu",
    0,
    labels=("calm", "urgent"),
    learned_modalities=("text", "image"),
    tested={
        "majority": 0.5,
        "majority_label": "calm",
        "as given": {
            "n": 40,
            "accuracy": {"value": 0.8, "low": 0.7, "high": 0.9, "groups": 40},
            "macro_f1": {"value": 0.75, "groups": 4},
        },
    },
)


def test_title_and_question_are_about_these_labels() -> None:
    assert own_labels.page_title(OWN) == "Triad: calm and urgent from words and face"
    assert own_labels.question(OWN).startswith("Which of calm and urgent fits the words and the face,")


def test_about_says_what_counts_as_absent() -> None:
    assert (
        "learned them from words and face alone, so whatever else is given counts as absent"
        in own_labels.labels_in_words(OWN)
    )
    every = replace(OWN, learned_modalities=MODALITIES)
    assert "absent" not in own_labels.labels_in_words(every)


def test_figures_are_those_measured_on_its_own_cases() -> None:
    words = own_labels.scores_in_words(OWN)
    assert "40 held-out cases" in words
    assert "accuracy 0.80 (0.70 to 0.90), macro-F1 0.75 (no interval: 4 groups)" in words
    assert "Always answering calm, the commonest label, would be right for 50%" in words


@pytest.mark.parametrize("tested", [{}, {"as given": 5}, {"as given": {"n": 3}}, {"as given": {"accuracy": "high"}}])
def test_without_figures_it_says_so(tested: dict[str, Any]) -> None:
    assert "was not measured" in own_labels.scores_in_words(replace(OWN, tested=tested))


def test_a_model_of_the_seven_emotions_keeps_the_page_s_words() -> None:
    usual = Health(True, "embedded", "ab" * 32, "cpu", 0, labels=EMOTIONS, learned_modalities=MODALITIES)
    assert own_labels.page_title(usual) == "Triad: emotion and sentiment from words, face and voice"
    assert "words, the face and the voice" in own_labels.question(usual)
    assert own_labels.labels_in_words(usual) == ""
