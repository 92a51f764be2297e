"""The results file of a batch: one column a label that the model answers, whatever its labels are."""

from __future__ import annotations

from dataclasses import replace

from mm_core.labels import EMOTIONS
from tests.toys import toy_model, toy_sample
from webapp.batch import result_lines
from webapp.batch_rows import Row


def test_columns_are_the_model_s_own_labels() -> None:
    answer = toy_model(labels=("calm", "urgent")).predict(toy_sample())
    rows = [Row(2, "a", "", ""), Row(3, "b", "", "")]
    good, bad = result_lines([(rows[0], answer), (rows[1], "There is nothing in this row.")])
    assert list(good) == list(bad)
    assert [name for name in good if name.startswith("emotion_")] == [
        "emotion_sure",
        "emotion_calm",
        "emotion_urgent",
    ]
    assert good["emotion_calm"] == round(answer.emotion.probabilities["calm"], 4)
    assert bad["error"] == "There is nothing in this row."
    assert bad["emotion_calm"] == ""


def test_a_row_says_what_was_judged_against_a_reference() -> None:
    answer = toy_model().predict(toy_sample())
    rows = [Row(1, audio="a.wav", reference="b.wav"), Row(2, audio="a.wav")]
    referred, plain = result_lines([(rows[0], replace(answer, referenced=("audio",))), (rows[1], answer)])
    assert (referred["reference"], referred["referenced"]) == ("b.wav", "audio")
    assert (plain["reference"], plain["referenced"]) == ("", "")


def test_without_any_answer_the_columns_are_the_seven_emotions() -> None:
    (line,) = result_lines([(Row(2, "a", "", ""), "Not read.")])
    assert [name.removeprefix("emotion_") for name in line if name.startswith("emotion_")][1:] == list(EMOTIONS)
