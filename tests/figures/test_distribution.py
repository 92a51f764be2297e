"""How often each class was answered."""

from __future__ import annotations

from dataclasses import replace

from mm_core.figures import answer_distribution
from mm_core.labels import EMOTIONS
from mm_core.prediction import Prediction
from tests.figures.cases import evidence

PREDICTION = evidence().prediction


def answered(label: str, sure: bool) -> Prediction:
    return replace(PREDICTION, emotion=replace(PREDICTION.emotion, label=label, sure=sure))


def test_every_class_is_counted_sure_answers_apart() -> None:
    figure = answer_distribution([answered("joy", True), answered("joy", False), answered("fear", True)])
    counts = {row["class"]: (row["answers"], row["sure"]) for row in figure.table}
    assert counts == dict.fromkeys(EMOTIONS, (0, 0)) | {"joy": (2, 1), "fear": (1, 1)}
    sure, unsure = figure.plot.data
    assert dict(zip(sure.y, sure.x, strict=True))["joy"] == 1
    assert dict(zip(unsure.y, unsure.x, strict=True))["joy"] == 1
    assert sure.y[-1] == "joy", "the most frequent on top"
    assert "Most frequent is joy, with 67% of 3" in figure.reading
    assert "(1 in all)" in figure.reading


def test_where_all_are_sure_the_sentence_says_so() -> None:
    assert "all answers are sure" in answer_distribution([answered("joy", True)]).reading


def test_without_answers_there_is_a_sentence() -> None:
    figure = answer_distribution([])
    assert figure.table == ()
    assert "nothing to count" in figure.reading
