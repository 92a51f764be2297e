from __future__ import annotations

from dataclasses import replace

import pytest

from mm_core.figures import agreement_bars, probability_bars
from tests.figures.cases import evidence


def test_bars_are_the_probabilities_with_the_answer_on_top() -> None:
    prediction = evidence().prediction
    figure = probability_bars(prediction)
    (bars,) = figure.plot.data
    assert dict(zip(bars.y, bars.x, strict=True)) == prediction.emotion.probabilities
    assert bars.y[-1] == prediction.emotion.label, "the last category of a horizontal bar chart is on top"
    assert list(bars.x) == sorted(bars.x)
    assert figure.table[0] == {"class": "joy", "probability": prediction.emotion.probabilities["joy"]}
    assert bars.text[-1] == f"<b>{100 * prediction.emotion.confidence:.0f}%</b>"


def test_a_comparison_marks_where_each_probability_was() -> None:
    now, before = evidence().prediction, evidence(("audio",)).prediction
    figure = probability_bars(now, before=before)
    bars, marks = figure.plot.data
    assert dict(zip(marks.y, marks.x, strict=True)) == before.emotion.probabilities
    assert bars.showlegend
    assert all(row["before"] == before.emotion.probabilities[row["class"]] for row in figure.table)


def test_labels_from_elsewhere_are_not_markup() -> None:
    prediction = evidence().prediction
    hostile = replace(prediction.emotion, label="<a href='x'>", probabilities={"<a href='x'>": 0.9, "joy": 0.1})
    text = probability_bars(replace(prediction, emotion=hostile)).plot.to_json()
    assert "\\u003ca href" not in text
    assert "<a href" not in text


def test_agreement_says_who_agrees_in_words() -> None:
    prediction = evidence().prediction
    figure = agreement_bars(prediction)
    (bars,) = figure.plot.data
    assert [row["probability of the same emotion"] for row in figure.table] == pytest.approx([0.81, 0.34, 0.22])
    assert dict(zip(bars.y, bars.text, strict=True)) == {
        "text and image": "81%: agree",
        "text and audio": "34%: disagree",
        "image and audio": "22%: disagree",
    }
