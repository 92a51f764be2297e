"""What a record answers to a question about its case: sentences whose every number leads to where it stands.

No model runs: everything is read from the record's coalitions, maps and tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from mm_core.evaluation.evaluation_report import EvaluationReport
from mm_core.evidence import Evidence
from mm_core.evidence.answers import prediction_of
from mm_core.explain.methods import title_of
from mm_core.labels import coalition_name
from mm_core.locale import (
    decimal,
    label_word,
    listed,
    modality_word,
    percent,
    points,
    say,
    the_modalities,
    the_modality,
)
from mm_core.questions.recogniser import NONE, Question, recognise

ANSWER: Final = "answer"
INPUTS: Final = "inputs"
TEST: Final = "test"
REPORT: Final = "report"
"""Where numbers stand: the answer with its bars, what each input adds, the test of the maps, the recorded evaluation;
and ``map-text``, ``map-image``, ``map-audio``."""


def map_of(modality: str) -> str:
    """The place of one modality's map."""
    return f"map-{modality}"


@dataclass(frozen=True)
class _Writer:
    """number: a number in words, and the place where it stands, as what is written. word: any other word."""

    number: Callable[[str, str], str]
    word: Callable[[str], str]

    def label(self, label: str) -> str:
        return self.word(label_word(label))


@dataclass(frozen=True, eq=False)
class Reply:
    """The answer to one question about a record. report: the recorded evaluation of the model, where there is one."""

    question: Question
    evidence: Evidence
    report: EvaluationReport | None = None

    @property
    def refused(self) -> bool:
        """Whether the case can't answer it."""
        return self.question.kind == NONE

    def text(self) -> str:
        """As plain text."""
        return self._written(_Writer(lambda number, _: number, str))

    def html(self, address: Callable[[str], str]) -> str:
        """As safe HTML in which every number is a link to its place, whose address ``address`` gives."""

        def linked(number: str, place: str) -> str:
            return f'<a href="{escape(address(place))}">{escape(number)}</a>'

        return self._written(_Writer(linked, escape))

    def _written(self, writer: _Writer) -> str:
        kind = self.question.kind
        if kind in _OF_THE_REPORT:
            return _sure(self.evidence, self.report, writer)
        return _KINDS[kind](self.evidence, self.question, writer)


def answer(evidence: Evidence, question: str, report: EvaluationReport | None = None) -> Reply:
    """Recognise a question in English or Chinese and answer it from the record."""
    labels = [label for known in evidence.coalitions.labels.values() for label in known]
    return Reply(recognise(question, labels), evidence, report)


def _task_of(evidence: Evidence, label: str) -> str:
    """The task whose class it is, the explained one first; empty where there is none."""
    tasks = sorted(evidence.coalitions.labels, key=lambda task: task != evidence.task)
    return next((task for task in tasks if label in evidence.coalitions.labels[task]), "")


def _unknown(evidence: Evidence, question: Question, writer: _Writer) -> str:
    labels = [writer.label(label) for label in evidence.coalitions.labels["emotion"]]
    return say("question-unknown-label", label=writer.label(question.label), labels=listed(labels))


def _why(evidence: Evidence, question: Question, writer: _Writer) -> str:
    label = question.label or evidence.label
    task = _task_of(evidence, label)
    if not task:
        return _unknown(evidence, question, writer)
    game = evidence.contributions(label, "probability", task)
    parts = [
        say("question-adds", input=the_modality(m), points=writer.number(points(value), INPUTS))
        for m, value in sorted(game.shapley.items(), key=lambda pair: -abs(pair[1]))
    ]
    return say(
        "question-why",
        label=writer.label(label),
        start=writer.number(percent(game.start), INPUTS),
        parts=listed(parts),
        total=writer.number(percent(game.total), ANSWER),
    )


def _without(evidence: Evidence, question: Question, writer: _Writer) -> str:
    removed = question.modalities or evidence.present
    missing = [m for m in removed if m not in evidence.present]
    if missing:
        return say("question-not-given", modality=missing[0])
    if question.modalities:
        return _removed(evidence, removed, writer)
    return " ".join(_removed(evidence, (m,), writer) for m in removed)


def _removed(evidence: Evidence, removed: Sequence[str], writer: _Writer) -> str:
    before, inputs = evidence.prediction.emotion, the_modalities(removed)
    left = tuple(m for m in evidence.present if m not in removed)
    after = prediction_of(evidence.coalitions, left, (), evidence.prediction.model, 0.0).emotion
    now = writer.number(percent(after.probabilities[before.label]), INPUTS)
    if not left:
        return say("question-without-all", input=inputs, label=writer.label(before.label), after=now)
    return say(
        "question-without",
        input=inputs,
        label=writer.label(before.label),
        before=writer.number(percent(before.confidence), ANSWER),
        after=now,
        likeliest=writer.label(after.label),
        share=writer.number(percent(after.confidence), INPUTS),
    )


def _part(evidence: Evidence, question: Question, writer: _Writer) -> str:
    modality = (*question.modalities, *evidence.present)[0]
    if modality not in evidence.present:
        return say("question-not-given", modality=modality)
    label = question.label or evidence.label
    found = evidence.relevance_of(modality) if label == evidence.label else None
    if found is None or not len(found.values):
        return say("question-no-map", input=the_modality(modality), label=writer.label(label))
    unit, place = int(found.values.argmax()), map_of(modality)
    test = evidence.faithfulness_of(modality)
    return say(
        "question-part",
        input=the_modality(modality),
        part=writer.number(f"“{evidence.units[modality].labels[unit]}”", place),
        label=writer.label(label),
        value=writer.number(decimal(float(found.values[unit])), place),
        measure=say("question-measure", signed="yes" if found.signed else "no"),
        method=writer.word(title_of(found.method)),
        verdict=say("question-untested") if test is None else say("verdict", verdict=test.verdict.replace(" ", "-")),
    )


def _sure(evidence: Evidence, report: EvaluationReport | None, writer: _Writer) -> str:
    sure = evidence.prediction.emotion.confidence
    confidence = writer.number(percent(sure), ANSWER)
    measured = None
    if report is not None and report.model is not None and report.model.hash == evidence.prediction.model.get("hash"):
        measured = report.scores("emotion", coalition_name(evidence.present))
    if measured is None or measured.ece is None:
        return say("question-sure-unmeasured", confidence=confidence)
    return say(
        "question-sure",
        confidence=confidence,
        count=writer.number(f"{measured.n:,}", REPORT),
        gap=writer.number(points(measured.ece.value).lstrip("+±"), REPORT),
        wrong=writer.number(percent(1.0 - sure), ANSWER),
    )


def _chance(evidence: Evidence, question: Question, writer: _Writer) -> str:
    label = question.label or evidence.label
    task = _task_of(evidence, label)
    if not task:
        return _unknown(evidence, question, writer)
    found = evidence.prediction.answers[task]
    return say(
        "question-chance",
        label=writer.label(label),
        share=writer.number(percent(found.probabilities[label]), ANSWER),
        top=writer.label(found.label),
        confidence=writer.number(percent(found.confidence), ANSWER),
    )


def _agreement(evidence: Evidence, question: Question, writer: _Writer) -> str:
    pairs = evidence.prediction.agreement
    if not pairs:
        return say("agreement-needs-two") if len(evidence.present) < 2 else say("agreement-not-answered")
    named = set(question.modalities)
    asked = {pair: share for pair, share in pairs.items() if named <= set(pair.split("+"))} or pairs
    said = [
        say(
            "question-pair",
            pair=listed([modality_word(m) for m in pair.split("+")]),
            share=writer.number(percent(share), ANSWER),
        )
        for pair, share in asked.items()
    ]
    return _sentence("; ".join(said))


def _input(evidence: Evidence, question: Question, writer: _Writer) -> str:
    label = question.label or evidence.label
    task = _task_of(evidence, label)
    if not task:
        return _unknown(evidence, question, writer)
    shares = evidence.contributions(label, "probability", task).shares
    if shares is None:
        return say("question-nothing-moves", label=writer.label(label))
    parts = [
        say("question-share", input=the_modality(m), share=writer.number(percent(share), INPUTS))
        for m, share in sorted(shares.items(), key=lambda pair: -pair[1])
    ]
    return say("question-input", label=writer.label(label), parts=listed(parts))


def _second(evidence: Evidence, question: Question, writer: _Writer) -> str:
    ranked = sorted(evidence.prediction.emotion.probabilities.items(), key=lambda pair: -pair[1])
    (label, share), *others = ranked[:_CANDIDATES]
    return say(
        "question-second",
        label=writer.label(label),
        share=writer.number(percent(share), ANSWER),
        others=listed([f"{writer.label(name)} {writer.number(percent(value), ANSWER)}" for name, value in others]),
    )


def _result(evidence: Evidence, question: Question, writer: _Writer) -> str:
    found = evidence.prediction.emotion
    share = writer.number(percent(found.confidence), ANSWER)
    return say("question-answer", sure="yes" if found.sure else "no", label=writer.label(found.label), share=share)


def _tested(evidence: Evidence, question: Question, writer: _Writer) -> str:
    asked = [m for m in question.modalities if m in evidence.present] or list(evidence.present)
    return _sentence("; ".join(_verdict(evidence, m, writer) for m in asked))


def _verdict(evidence: Evidence, modality: str, writer: _Writer) -> str:
    test, name = evidence.faithfulness_of(modality), the_modality(modality)
    if test is None:
        return say("question-map", input=name, verdict=say("question-untested"))
    verdict = say("verdict", verdict=test.verdict.replace(" ", "-"))
    if not test.testable:
        return say("question-map", input=name, verdict=verdict)
    return say("question-map-p", input=name, verdict=verdict, p=writer.number(decimal(test.deletion_p), TEST))


def _sentiment(evidence: Evidence, question: Question, writer: _Writer) -> str:
    found = evidence.prediction.sentiment
    if found is None:
        return say("question-no-sentiment")
    share = writer.number(percent(found.confidence), ANSWER)
    label = _capital(writer.label(found.label)) if found.sure else writer.label(found.label)
    return say("question-sentiment", sure="yes" if found.sure else "no", label=label, share=share)


def _refused(evidence: Evidence, question: Question, writer: _Writer) -> str:
    return say("question-none", label=writer.label(evidence.prediction.emotion.label))


def _sentence(words: str) -> str:
    return f"{_capital(words)}."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


_CANDIDATES: Final = 3
"""Classes that are told, with the answer."""

_OF_THE_REPORT: Final = ("sure",)

_KINDS: Final[dict[str, Callable[[Evidence, Question, _Writer], str]]] = {
    "why": _why,
    "without": _without,
    "part": _part,
    "chance": _chance,
    "agreement": _agreement,
    "input": _input,
    "second": _second,
    "answer": _result,
    "tested": _tested,
    "sentiment": _sentiment,
    NONE: _refused,
}
