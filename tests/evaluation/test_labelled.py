"""Answers to labelled rows: counts that can be checked by hand."""

from __future__ import annotations

import pytest

from mm_core.evaluation.labelled import GIVEN, score_labelled
from mm_core.figures import confusion, per_class
from mm_core.labels import EMOTIONS, SENTIMENTS
from mm_core.prediction import Answer, Prediction


def answered(emotion: str, sentiment: str = "neutral", labels: tuple[str, ...] = EMOTIONS) -> Prediction:
    """A prediction that is 70 % sure of one class."""

    def answer(chosen: str, among: tuple[str, ...]) -> Answer:
        shares = {label: 0.7 if label == chosen else 0.3 / (len(among) - 1) for label in among}
        return Answer(chosen, 0.7, shares, True)

    model = {"name": "made", "hash": "00"}
    return Prediction(answer(emotion, labels), answer(sentiment, SENTIMENTS), {}, ("text",), (), model, 1.0)


def test_accuracy_confusion_and_each_label() -> None:
    rows = [
        ("joy", answered("joy")),
        ("Joy ", answered("anger")),
        ("anger", answered("anger")),
        ("", answered("joy")),
    ]
    found = score_labelled(rows)
    assert found is not None
    scores = found.scores
    assert (found.task, scores.n) == ("emotion", 3)
    assert scores.accuracy is not None
    assert scores.accuracy.value == pytest.approx(2 / 3)
    assert scores.accuracy.interval is None, "three rows are too few"
    assert (scores.per_class["joy"].recall, scores.per_class["anger"].precision) == (0.5, 0.5)
    assert scores.confusion is not None
    joy, anger = EMOTIONS.index("joy"), EMOTIONS.index("anger")
    assert scores.confusion.matrix[joy][anger] == 1
    assert (found.commonest, found.commonest_share) == ("joy", pytest.approx(2 / 3))


def test_many_rows_have_an_interval_around_the_accuracy() -> None:
    found = score_labelled([("joy", answered("joy" if row % 4 else "fear")) for row in range(40)])
    assert found is not None
    assert found.scores.accuracy is not None
    low, high = found.scores.accuracy.interval or (1.0, 0.0)
    assert low < 0.75 < high


def test_an_answer_is_right_if_it_is_one_of_several_labels() -> None:
    found = score_labelled([("joy, surprise", answered("surprise")), ("joy,fear", answered("anger"))])
    assert found is not None
    assert found.scores.accuracy is not None
    assert found.scores.accuracy.value == 0.5
    assert found.scores.n_single_label == 0


def test_labels_of_sentiment_are_judged_as_such() -> None:
    rows = [("positive", answered("joy", "positive")), ("neutral", answered("joy", "positive"))]
    found = score_labelled(rows)
    assert found is not None
    assert (found.task, found.scores.n) == ("sentiment", 2)
    assert found.scores.accuracy is not None
    assert found.scores.accuracy.value == 0.5
    both = score_labelled([("neutral", answered("neutral", "positive"))])
    assert both is not None
    assert both.task == "emotion", "what could be either is an emotion"


def test_what_is_not_counted_is_said() -> None:
    rows = [("joy", answered("joy")), ("bliss", answered("joy")), ("bliss", None), ("anger", None), ("", None)]
    found = score_labelled(rows)
    assert found is not None
    assert (found.scores.n, found.unknown, found.unanswered) == (1, {"bliss": 2}, 1)


@pytest.mark.parametrize("rows", [[], [("", answered("joy"))], [("bliss", answered("joy"))], [("joy", None)]])
def test_without_a_known_label_there_are_no_scores(rows: list[tuple[str, Prediction | None]]) -> None:
    assert score_labelled(rows) is None


def test_labels_of_a_model_of_one_s_own() -> None:
    labels = ("Calm", "Urgent")
    found = score_labelled(
        [("urgent", answered("Urgent", labels=labels)), ("calm", answered("Urgent", labels=labels))]
    )
    assert found is not None
    assert list(found.scores.per_class) == ["Calm", "Urgent"]
    assert found.scores.accuracy is not None
    assert found.scores.accuracy.value == 0.5


@pytest.mark.parametrize(("label", "task"), [("joy", "emotion"), ("positive", "sentiment")])
def test_the_figures_of_reports_draw_it(label: str, task: str) -> None:
    found = score_labelled([(label, answered("joy", "positive"))] * 3)
    assert found is not None
    assert found.task == task
    grid = confusion(found.report(), task, GIVEN)
    assert {"truth": label, "answer": label, "cases": 3, "share of truth": 1.0} in grid.table
    assert next(row for row in per_class(found.report(), task, GIVEN).table if row["class"] == label)["recall"] == 1.0
