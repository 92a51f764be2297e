"""Review: collect cases, comment, tick off a checklist, take it along as one report and one file, reopen it."""

from __future__ import annotations

from datetime import date
from html import escape

import streamlit as st

from dashboard import cases, reviews
from dashboard.case_bar import plain_title
from dashboard.engine import EngineStatus, engine_status
from dashboard.reviews import CHECKS, Item, Review
from dashboard.show import chips, file_name, guarded, heading, nothing, plain, section, show
from mm_core.evidence import Evidence
from mm_core.figures import probability_bars, shares_bar
from mm_core.figures.heatmap import verdict_word
from mm_core.figures.review_page import Reviewed, review_page
from mm_core.locale import say


def page() -> None:
    heading(
        say("review-page"),
        say("review-lead"),
    )
    now = engine_status()
    review = reviews.current()
    _add(now)
    if not review.items:
        nothing(
            say("review-empty"),
            say("review-empty-how"),
        )
        return
    review.title = plain_title(st.text_input(say("review-title"), review.title, key="review-title", max_chars=120))
    review.summary = st.text_area(
        say("review-summary"), review.summary, key="review-summary", max_chars=reviews.MAX_TEXT,
        placeholder=say("review-summary-placeholder"),
    )  # fmt: skip
    progress = st.empty()  # filled when this run's ticks are known
    for number, item in enumerate(review.items, start=1):
        _item(review, number, item)
    done = sum(all(item.checks.values()) for item in review.items)
    progress.progress(done / len(review.items), say("review-progress", done=done, count=len(review.items)))
    section(say("review-export"))
    _export(review)


def _add(now: EngineStatus) -> None:
    with st.expander(say("review-add-or-open"), expanded=not reviews.current().items, icon=":material/add:"):
        left, right = st.columns(2, gap="large")
        with left:
            own = cases.own_case()
            shipped = {e.slug: e for e in cases.examples()} if now.client is not None else {}
            names = {slug: e.title for slug, e in shipped.items()} | ({cases.OWN: own.title} if own else {})
            chosen = st.multiselect(
                say("review-cases"), list(names), key="review-pick", format_func=names.__getitem__
            )
            if st.button(say("review-add"), key="review-add", disabled=not chosen, icon=":material/add:"):
                with guarded():
                    for slug in chosen:
                        case = own if slug == cases.OWN else cases.open_example(shipped[slug], now)
                        if case is not None:
                            reviews.add(case.title, cases.enriched(case).evidence)
                    st.rerun()
            files = st.file_uploader(say("review-saved-cases"), ["triad"], True, key="review-triad")
            _take_files(files)
        with right:
            file = st.file_uploader(say("review-saved"), ["zip"], key="review-file")
            st.caption(say("review-saved-help"))
            if file is not None and st.session_state.get("review-seen") != file.file_id:
                st.session_state["review-seen"] = file.file_id
                with guarded():
                    reviews.replace_current(reviews.from_bytes(file.getvalue()))
                    for key in ("review-title", "review-summary"):  # they show the words of the one before
                        st.session_state.pop(key, None)
                    st.rerun()


def _take_files(files: list) -> None:
    seen: set[str] = st.session_state.setdefault("review-triad-seen", set())
    for file in files:
        if file.file_id in seen:
            continue
        seen.add(file.file_id)
        with guarded():
            reviews.add(plain_title(file.name), Evidence.from_bytes(file.getvalue()))
            st.toast(say("review-added", title=plain(plain_title(file.name))), icon=":material/check:")


def _item(review: Review, number: int, item: Item) -> None:
    key = f"item-{id(item)}"
    prediction = item.evidence.prediction
    with st.container(border=True, key=key):
        head, away = st.columns([10, 1])
        head.html(
            f'<p class="figure-title">{number}. {escape(item.title)}</p>'
            f'<p class="sentence small">{escape(prediction.sentence())}</p>{chips(prediction.present)}'
        )
        if away.button("", icon=":material/delete:", key=f"{key}-away", help=say("review-remove", number=number)):
            review.items.remove(item)
            st.rerun()
        left, right = st.columns([5, 7], gap="large")
        with left:
            for name in CHECKS:
                item.checks[name] = st.checkbox(
                    say("review-check", check=name), item.checks[name], key=f"{key}-{name}"
                )
            item.comment = st.text_area(
                say("review-comment"), item.comment, key=f"{key}-comment", max_chars=reviews.MAX_TEXT, height=110
            )
            st.caption(plain(_verdicts(item.evidence)))
        with right:
            show(probability_bars(prediction), f"{key}-bars")
            show(shares_bar(item.evidence), f"{key}-shares")


def _verdicts(evidence: Evidence) -> str:
    tests = [(m, evidence.faithfulness_of(m)) for m in evidence.present]
    words = [f"{m}: {verdict_word('not tested yet' if test is None else test.verdict)}" for m, test in tests]
    return say("review-verdicts", label=evidence.label, verdicts="; ".join(words))


def _export(review: Review) -> None:
    name = f"{file_name(review.title)}-{date.today().isoformat()}"
    with st.container(horizontal=True), guarded():
        st.download_button(
            say("case-report"),
            lambda: _page(review),
            f"{name}.html",
            "text/html",
            key="review-html",
            icon=":material/description:",
            type="primary",
            on_click="ignore",
        )
        st.download_button(
            say("review-zip"),
            lambda: reviews.to_bytes(review),
            f"{name}.zip",
            "application/zip",
            key="review-zip",
            icon=":material/folder_zip:",
            on_click="ignore",
        )
    st.caption(say("review-export-caption"))


def _page(review: Review) -> str:
    return review_page(
        review.title,
        review.summary,
        [
            Reviewed(
                item.title,
                item.evidence,
                item.comment,
                {say("review-check", check=name): on for name, on in item.checks.items()},
            )
            for item in review.items
        ],
    )


page()
