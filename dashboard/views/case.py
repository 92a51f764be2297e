"""Case: one case from the answer over its explanation to the proof."""

from __future__ import annotations

from typing import Final

import streamlit as st

from dashboard import case_parts, reviews
from dashboard.case_bar import case_bar
from dashboard.case_parts import DEFAULT
from dashboard.cases import OpenCase
from dashboard.engine import THE_APP, EngineStatus, engine_status
from dashboard.links import pick
from dashboard.show import file_name, guarded, heading, plain, section, show, side_by_side
from mm_core.evidence import WORDS_NOTICE, Evidence
from mm_core.explain.methods import METHODS, title_of
from mm_core.figures import (
    agreement_bars,
    evidence_page,
    faithfulness_curves,
    interaction_table,
    lattice,
    probability_bars,
    relevance,
    shares_bar,
    waterfall,
)
from mm_core.locale import say
from mm_core.serving.handover import KEPT, page_address
from mm_core.serving.kept import KEPT_SECONDS

_LINKED: Final = "case-linked"
"""Where in the session's state the last case lies that a link was made to, and its name."""


def page() -> None:
    heading(say("case-page"), say("case-lead"))
    now = engine_status()
    case = case_bar(now)
    if case is None:
        return
    _first(case.evidence)
    section(say("report-why"), say("case-why-lead"))
    task, label = case_parts.choose_class(case)
    _contributions(case.evidence, task, label)
    section(say("case-maps"), say("case-maps-lead"))
    _parts(case, task, label, now)
    section(say("keep-title"), say("case-keep-lead"))
    _keep(case, now)


def _first(evidence: Evidence) -> None:
    left, right = st.columns([5, 7], gap="large")
    with left:
        case_parts.answer(evidence.prediction)
        case_parts.given(evidence)
    with right:
        show(probability_bars(evidence.prediction, "emotion"), "emotion")
    columns = side_by_side(2)
    if evidence.prediction.sentiment is not None:
        with columns[0]:
            show(probability_bars(evidence.prediction, "sentiment"), "sentiment")
    if evidence.prediction.agreement:
        with columns[1]:
            show(agreement_bars(evidence.prediction), "agreement")


def _contributions(evidence: Evidence, task: str, label: str) -> None:
    chosen = pick(
        st.segmented_control,
        say("dividends-measure"),
        ("logit", "probability"),
        key="measure",
        required=True,
        help=say("case-measure-help"),
    )
    columns = side_by_side(2)
    with columns[0]:
        show(waterfall(evidence, label, chosen, task), "waterfall")
    with columns[1]:
        show(shares_bar(evidence, label, chosen, task), "shares")
        show(lattice(evidence, task), "lattice")
    if len(evidence.present) > 1:
        with st.expander(say("case-interactions")):
            show(interaction_table(evidence, chosen, task), "interactions")


def _parts(case: OpenCase, task: str, label: str, now: EngineStatus) -> None:
    with guarded():
        case = case_parts.about(case, task, label, now)
        method = _choose_method(case, now)
        case = case_parts.with_method(case, method, now)
        named = None if method == DEFAULT else method
        tested = [case.evidence.faithfulness_of(m, named) for m in case.evidence.present]
        if any(test is None for test in tested):
            asked = st.button(
                say("case-test"),
                icon=":material/science:",
                disabled=now.client is None or case.evidence.inputs is None,
                help=say("case-test-help"),
            )
            if asked:
                case = case_parts.judged(case, method, now)
        record = case.evidence
        for column, modality in zip(side_by_side(len(record.present)), record.present, strict=True):
            with column:
                show(relevance(record, modality, named), f"relevance-{modality}")
                test = record.faithfulness_of(modality, named)
                if test is not None:
                    show(faithfulness_curves(test), f"faithfulness-{modality}")


def _choose_method(case: OpenCase, now: EngineStatus) -> str:
    made = {found.method for found in case.evidence.relevance}
    names = list(METHODS) if now.client is not None and case.evidence.inputs is not None else sorted(made)
    defaults = ", ".join(
        f"{m}: {title_of(name)}" for m, name in case.evidence.defaults.items() if m in case.evidence.present
    )
    return pick(
        st.selectbox,
        say("case-method"),
        [DEFAULT, *names],
        key="method",
        words=lambda name: say("case-method-default", methods=defaults) if name == DEFAULT else title_of(name),
    )


def _keep(case: OpenCase, now: EngineStatus) -> None:
    name = file_name(f"{case.slug}-{case.evidence.label}")
    with st.container(horizontal=True):
        st.download_button(
            say("case-evidence"),
            case.evidence.to_bytes,
            f"{name}.triad",
            key="save-triad",
            icon=":material/save:",
            on_click="ignore",
        )
        st.download_button(
            say("case-report"),
            lambda: evidence_page(case.evidence),
            f"{name}.html",
            "text/html",
            key="save-html",
            icon=":material/description:",
            on_click="ignore",
        )
        if st.button(say("review-add-case"), key="to-review", icon=":material/rate_review:"):
            with guarded():
                reviews.add(case.title, case.evidence)
                st.toast(say("review-added-case", title=plain(case.title)), icon=":material/check:")
        asked = now.client is not None and st.button(say("link-make"), key="make-link", icon=":material/link:")
    _links(case, now, asked)
    notes = [say("case-files-hold")]
    if "text" in case.evidence.present:
        notes.append(WORDS_NOTICE)
    st.caption(plain(" ".join(notes)))


def _links(case: OpenCase, now: EngineStatus, asked: bool) -> None:
    """The links that open the case: on the page, where it asks the same app, and here."""
    if asked and now.client is not None:
        with guarded():
            st.session_state[_LINKED] = (case.key, now.client.keep(case.evidence))
    about, name = st.session_state.get(_LINKED, ("", ""))
    if about != case.key:
        return
    with guarded():
        there = page_address(name) if now.where == THE_APP else None
        with st.container(horizontal=True):
            if there is not None:
                st.link_button(say("link-page"), there, icon=":material/open_in_new:")
            st.link_button(say("link-here"), f"?{KEPT}={name}", icon=":material/link:")
        st.caption(plain(say("link-terms", minutes=round(KEPT_SECONDS / 60))))


page()
