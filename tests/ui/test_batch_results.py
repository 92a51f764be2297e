"""The results file of a batch: one column a label that the model answers, whatever its labels are."""

from __future__ import annotations

import re
from dataclasses import replace

from mm_core.labels import EMOTIONS
from mm_core.prediction import Prediction
from tests.toys import toy_model, toy_sample
from webapp.batch_results import choices, evaluated, result_lines, summary, table, verdict
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


def joyful() -> Prediction:
    answer = toy_model().predict(toy_sample())
    shares = dict.fromkeys(EMOTIONS, 0.1) | {"joy": 0.4}
    emotion = replace(answer.emotion, label="joy", confidence=0.4, probabilities=shares)
    return replace(answer, emotion=emotion, present=("text",), agreement={}, said={})


def test_the_summary_names_what_failed_and_offers_the_column_that_uses_what_was_set_aside() -> None:
    joy = joyful()
    done = [(Row(1, "so happy"), joy), (Row(2, "well", "a.png"), joy), (Row(3, "x"), "Unread.")]
    said = summary(done)
    assert "2 of 3 rows answered" in said
    assert "Not answered: row 3;" in said
    assert "In row 2 something was set aside" in said
    assert "column “force”" in said
    assert "force" not in summary(done[:1])


def test_what_people_wrote_is_escaped_and_rows_with_another_label_come_first() -> None:
    joy = joyful()
    done = [(Row(1, "<b>", label="Joy"), joy), (Row(2, "well", label="anger"), joy), (Row(3, "x"), "Unread.")]
    assert "<b>" not in table(done)
    assert "Label" in table(done)
    assert [number for _, number in choices(done)] == [2, 1]
    assert "labelled anger, answered joy" in choices(done)[0][0]
    assert "Label" not in table([(Row(1, "well"), joy)])


def test_the_verdict_gives_measured_numbers_only() -> None:
    joy = joyful()
    labels = ["joy"] * 9 + ["anger"] * 3 + ["bliss"]
    found = evaluated([*((Row(n, "x", label=label), joy) for n, label in enumerate(labels)), (Row(99), "Unread.")])
    assert found is not None
    said = verdict(found)
    assert re.search(
        r"9 of 12 labelled rows are answered with their label: accuracy 0\.75 \(0\.\d+ to [01]\.\d+\)", said
    )
    assert "Always answering joy, the commonest label, would be right for 75%" in said
    assert "One row has a label that the model does not answer, and is not counted: “bliss” (1)" in said
    few = evaluated([(Row(1, "x", label="joy"), joy)])
    assert few is not None
    assert "no interval below 10" in verdict(few)
