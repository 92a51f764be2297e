"""Parts that several pages of one case share: what was given, the answer in words, the class that is explained."""

from __future__ import annotations

from contextlib import closing
from html import escape
from typing import Final

import streamlit as st

from dashboard import cases
from dashboard.cases import OpenCase
from dashboard.engine import EngineStatus
from dashboard.links import pick
from dashboard.show import chips, plain
from mm_core.evidence import Evidence
from mm_core.locale import say
from mm_core.prediction import Prediction
from mm_core.samples import InvalidInput
from mm_core.samples.limits import SAMPLE_RATE

DEFAULT: Final = "default"
THE_ANSWER: Final = "answer"

PICTURE_WIDTH: Final = 260
"""Pixels of a picture as it was given."""


def answer(prediction: Prediction, small: bool = False) -> None:
    """The answer in a sentence, with what it rests on and its warnings."""
    second = prediction.sentiment
    kind = "sentence small" if small else "sentence"
    words = f'<p class="{kind}">{escape(prediction.sentence())}</p>'
    if second is not None:
        sure = "yes" if second.sure else "no"
        sentiment = say("case-sentiment", label=second.label, share=second.confidence, sure=sure)
        words += f'<p class="sub">{escape(sentiment)}</p>'
    st.html(words)
    st.html(chips(prediction.present))
    if prediction.referenced:
        st.caption(plain(prediction.reference_in_words()))
    for warning in prediction.warnings:
        st.warning(plain(warning), icon=":material/warning:")


def given(evidence: Evidence) -> None:
    """What was given, or what is left of it."""
    inputs = evidence.inputs
    if "text" in evidence.present:
        text = inputs.text if inputs is not None else None
        words = text if text is not None else " ".join(evidence.units["text"].labels)
        st.html(f'<p class="given">“{escape(words)}”</p>')
    if inputs is None:
        st.caption(say("case-no-media"))
        return
    if inputs.pixels is not None:
        st.image(inputs.pixels, width=PICTURE_WIDTH)
    if inputs.waveform is not None:
        st.audio(inputs.waveform, sample_rate=SAMPLE_RATE)
    if inputs.reference is not None:
        st.caption(f"{say('report-reference')}. {say('report-reference-reading')}")
        st.audio(inputs.reference, sample_rate=SAMPLE_RATE)


def choose_class(case: OpenCase) -> tuple[str, str]:
    """Task and class to explain, from two boxes; by default the answer itself."""
    left, right = st.columns(2)
    answers = case.evidence.prediction.answers
    task = pick(
        left.segmented_control,
        say("case-explain-task"),
        list(answers),
        key="task",
        default=case.evidence.task,
        required=True,
    )
    top = answers[task].label
    label = pick(
        right.selectbox,
        say("case-class"),
        [THE_ANSWER, *case.evidence.coalitions.labels[task]],
        key="about",
        words=lambda name: say("case-the-answer", label=top) if name == THE_ANSWER else name,
    )
    return task, top if label == THE_ANSWER else label


def about(case: OpenCase, task: str, label: str, now: EngineStatus) -> OpenCase:
    """The case explained for a class; InvalidInput where that needs a model or inputs that are not there."""
    if (case.evidence.task, case.evidence.label) == (task, label):
        return case
    made = cases.explained_again(case.evidence, now, task=task, label=label)
    return cases.enriched(OpenCase(case.slug, case.title, made))


def with_method(case: OpenCase, method: str, now: EngineStatus) -> OpenCase:
    """The case with maps by this method; InvalidInput where they were not made and can't be."""
    record = case.evidence
    if method == DEFAULT or all(record.relevance_of(m, method) is not None for m in record.present):
        return case
    more = cases.explained_again(record, now, task=record.task, label=record.label, methods=(method,))
    richer = record.with_relevance(*more.relevance)
    cases.enrich(case, richer)
    return OpenCase(case.slug, case.title, richer)


def judged(case: OpenCase, method: str, now: EngineStatus) -> OpenCase:
    """The case with its maps tested against random orders, with progress; any click stops it."""
    if now.client is None:
        raise InvalidInput(say("map-test-needs-model", reason=now.reason))
    progress = st.progress(0.0, say("map-test-start"))
    st.button(say("map-test-stop"), key="stop-test", icon=":material/stop:")  # any click ends the run of this page
    steps = now.client.evaluate_faithfulness(case.evidence, methods=None if method == DEFAULT else (method,))
    tested = case.evidence
    # The running app tells no progress over HTTP, so seconds are counted too.
    with closing(steps), st.spinner(say("map-test-running"), show_time=True):
        for step in steps:
            progress.progress(step.fraction, say("map-test-running"))
            tested = step.result or tested
    progress.empty()
    cases.enrich(case, tested)
    return OpenCase(case.slug, case.title, tested)
