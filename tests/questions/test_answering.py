"""Replies from a record: right, with every number a link to where it stands, and nothing unsaid."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mm_core.cli import main
from mm_core.evaluation.evaluation_report import EvaluationReport
from mm_core.evidence.what_if import without_modalities
from mm_core.locale import percent
from mm_core.questions import answer
from mm_core.questions.recogniser import phrases
from tests.figures.cases import evidence
from tests.predictors.boxes import write_box

_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>')


@pytest.fixture(scope="module")
def record():
    return evidence()


def told(record, question: str, report=None) -> tuple[str, dict[str, set[str]]]:
    """The reply as text, and its links: place to the words in them."""
    reply = answer(record, question, report)
    links: dict[str, set[str]] = {}
    for place, words in _LINK.findall(reply.html(str)):
        links.setdefault(place, set()).add(words)
    return reply.text(), links


@pytest.mark.parametrize("kind", sorted(phrases()))
def test_every_number_of_every_kind_is_a_link(record, kind):
    report = _measured(record)
    for phrase in phrases()[kind]:
        html = answer(record, phrase.replace("◆", "joy").replace("▲", "voice"), report).html(str)
        assert not re.search(r"\d", _LINK.sub("", html)), html


def test_why_adds_up_what_each_input_brings(record):
    text, links = told(record, "Why fear?")
    game = record.contributions("fear", "probability", "emotion")
    assert f"fear would have {percent(game.start)}" in text
    assert links["answer"] == {percent(game.total)}
    assert all(word in text for word in ("the words", "the face", "the voice"))


def test_without_an_input_is_what_the_coalitions_say(record):
    text, links = told(record, "What if the voice were missing?")
    after = without_modalities(record, "audio").after.prediction.emotion
    label = record.prediction.emotion.label
    assert percent(after.probabilities[label]) in text
    assert f"Likeliest is then {after.label}" in text
    assert percent(record.prediction.emotion.confidence) in links["answer"]
    assert told(without_modalities(record, "audio").after, "What if the voice were missing?")[0] == (
        "This case has no voice."
    )


def test_the_last_input_leaves_the_prior(record):
    alone = without_modalities(record, "image", "audio").after
    text, _ = told(alone, "What if there were no text?")
    start = alone.contributions(alone.prediction.emotion.label, "probability", "emotion").start
    assert "nothing is left" in text
    assert percent(start) in text


def test_which_word_is_the_strongest_of_the_map(record):
    text, links = told(record, "Which word mattered most?")
    found = record.relevance_of("text")
    assert f"“{record.units['text'].labels[int(found.values.argmax())]}”" in text
    assert set(links) == {"map-text"}
    other = next(label for label in record.coalitions.labels["emotion"] if label != record.label)
    assert "Explain that class first" in told(record, f"Which words say {other}?")[0]


def test_how_sure_tells_the_recorded_evaluation_of_this_very_model(record):
    sure = percent(record.prediction.emotion.confidence)
    text, links = told(record, "How sure is it?", _measured(record))
    assert text.startswith(f"{sure} sure. On the 1,200 rows")
    assert links["report"] == {"1,200", "4 points"}
    of_another = _measured(record, "other")
    for report in (None, of_another):
        assert "was not measured" in told(record, "How sure is it?", report)[0]


def test_is_this_person_sad(record):
    text, _ = told(record, "Is this person sad?")
    assert f"sadness has {percent(record.prediction.emotion.probabilities['sadness'])}" in text
    assert "not about what a person feels" in text


def test_agreement_of_the_pair_that_is_asked_about(record):
    text, _ = told(record, "Do the face and the voice agree?")
    assert text.startswith(f"Face and voice say the same with {percent(record.prediction.agreement['image+audio'])}")
    assert told(record, "Do all three say the same thing?")[0].count("say the same") == 3
    alone = without_modalities(record, "image", "audio").after
    assert "Give a second input" in told(alone, "Do they agree?")[0]


def test_shares_second_answer_tests_and_sentiment(record):
    shares = record.contributions(record.label, "probability").shares
    assert percent(shares["text"]) in told(record, "Which input mattered most?")[0]
    ranked = sorted(record.prediction.emotion.probabilities, key=record.prediction.emotion.probabilities.get)
    assert ranked[-2] in told(record, "What else could it be?")[0]
    assert record.prediction.emotion.label in told(record, "What is the answer?")[0]
    assert "of the words is" in told(record, "Were these maps tested against chance?")[0]
    assert record.prediction.sentiment.label in told(record, "What is the sentiment?")[0].lower()


def test_what_the_record_lacks_is_said(record):
    bare = replace(
        record,
        prediction=replace(record.prediction, sentiment=None, agreement={}, said={}),
        coalitions=replace(
            record.coalitions,
            logits={"emotion": record.coalitions.logits["emotion"]},
            labels={"emotion": record.coalitions.labels["emotion"]},
            temperatures={"emotion": record.coalitions.temperatures["emotion"]},
            agreement=None,
        ),
    )
    assert told(bare, "What is the sentiment?")[0] == "This model does not answer sentiment."
    assert "does not judge" in told(bare, "Do the face and the voice agree?")[0]


def test_a_class_that_the_model_lacks(record):
    fewer = replace(
        record.coalitions,
        labels={**record.coalitions.labels, "emotion": tuple(f"own {n}" for n in range(7))},
    )
    own = dict(zip(fewer.labels["emotion"], record.prediction.emotion.probabilities.values(), strict=True))
    emotion = replace(record.prediction.emotion, probabilities=own, label=max(own, key=own.get))
    foreign = replace(
        record,
        coalitions=fewer,
        prediction=replace(record.prediction, emotion=emotion),
        label="own 0",
        relevance=(),
        faithfulness=(),
    )
    assert "does not answer joy" in told(foreign, "Why joy?")[0]


def test_out_of_scope_is_refused_with_an_example(record):
    reply = answer(record, "What is his name?")
    assert reply.refused
    assert reply.text().startswith("This case can't answer that.")


def test_labels_and_words_of_others_stay_words_in_html(record):
    evil = "<img src=x onerror=alert(1)>"
    units = replace(record.units["text"], labels=(evil,) * len(record.units["text"]))
    html = answer(replace(record, units={**record.units, "text": units}), "Which word mattered most?").html(str)
    assert "<img" not in html


def test_the_command_answers_questions(tmp_path, capsys):
    box = str(write_box(tmp_path))
    questions = ["--ask", "Why proud?", "--ask", "他叫什么?"]
    assert main(["explain", "--model", box, "--text", "i am so happy today", *questions]) == 0
    said = capsys.readouterr().out
    assert "Why proud? With nothing given proud would have" in said
    assert "他叫什么? This case can't answer that." in said


def _measured(record, model_hash: str | None = None) -> EvaluationReport:
    estimate = {"value": 0.04, "low": 0.03, "high": 0.05}
    given = {"+".join(record.present): {"all": {"n": 1200, "ece": estimate}}}
    model = {"name": "toy", "hash": model_hash or record.prediction.model["hash"]}
    return EvaluationReport.model_validate({"model": model, "emotion": given})
