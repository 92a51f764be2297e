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
from mm_core.figures.review_page import Reviewed, review_page


def page() -> None:
    heading(
        "Review",
        "Collect cases with your comments, tick off what you checked, and take it along: a report to mail, and a "
        "file that opens here again.",
    )
    now = engine_status()
    review = reviews.current()
    _add(now)
    if not review.items:
        nothing(
            "The review is empty.",
            "Add a case above, press Add to the review on the Case page, or open a review that was saved.",
        )
        return
    review.title = plain_title(st.text_input("Title", review.title, key="review-title", max_chars=120))
    review.summary = st.text_area(
        "Summary", review.summary, key="review-summary", max_chars=reviews.MAX_TEXT,
        placeholder="What did you look at, and what do you conclude?",
    )  # fmt: skip
    progress = st.empty()  # filled when this run's ticks are known
    for number, item in enumerate(review.items, start=1):
        _item(review, number, item)
    done = sum(all(item.checks.values()) for item in review.items)
    progress.progress(done / len(review.items), f"{done} of {len(review.items)} cases checked in full")
    section("Take it along")
    _export(review)


def _add(now: EngineStatus) -> None:
    with st.expander("Add cases or open a saved review", expanded=not reviews.current().items, icon=":material/add:"):
        left, right = st.columns(2, gap="large")
        with left:
            own = cases.own_case()
            shipped = {e.slug: e for e in cases.examples()} if now.client is not None else {}
            names = {slug: e.title for slug, e in shipped.items()} | ({cases.OWN: own.title} if own else {})
            chosen = st.multiselect("Cases", list(names), key="review-pick", format_func=names.__getitem__)
            if st.button("Add", key="review-add", disabled=not chosen, icon=":material/add:"):
                with guarded():
                    for slug in chosen:
                        case = own if slug == cases.OWN else cases.open_example(shipped[slug], now)
                        if case is not None:
                            reviews.add(case.title, cases.enriched(case).evidence)
                    st.rerun()
            files = st.file_uploader("Saved cases (.triad)", ["triad"], True, key="review-triad")
            _take_files(files)
        with right:
            file = st.file_uploader("A saved review (.zip)", ["zip"], key="review-file")
            st.caption("Opening one takes the place of what is collected here.")
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
            st.toast(f"Added: {plain(plain_title(file.name))}", icon=":material/check:")


def _item(review: Review, number: int, item: Item) -> None:
    key = f"item-{id(item)}"
    prediction = item.evidence.prediction
    with st.container(border=True, key=key):
        head, away = st.columns([10, 1])
        head.html(
            f'<p class="figure-title">{number}. {escape(item.title)}</p>'
            f'<p class="sentence small">{escape(prediction.sentence())}</p>{chips(prediction.present)}'
        )
        if away.button("", icon=":material/delete:", key=f"{key}-away", help=f"Take case {number} out of the review"):
            review.items.remove(item)
            st.rerun()
        left, right = st.columns([5, 7], gap="large")
        with left:
            for name, words in CHECKS.items():
                item.checks[name] = st.checkbox(words, item.checks[name], key=f"{key}-{name}")
            item.comment = st.text_area(
                "Comment", item.comment, key=f"{key}-comment", max_chars=reviews.MAX_TEXT, height=110
            )
            st.caption(plain(_verdicts(item.evidence)))
        with right:
            show(probability_bars(prediction), f"{key}-bars")
            show(shares_bar(item.evidence), f"{key}-shares")


def _verdicts(evidence: Evidence) -> str:
    tests = [(m, evidence.faithfulness_of(m)) for m in evidence.present]
    words = [f"{m}: {'not tested yet' if test is None else test.verdict}" for m, test in tests]
    return f"Maps for {evidence.label}: {'; '.join(words)}."


def _export(review: Review) -> None:
    name = f"{file_name(review.title)}-{date.today().isoformat()}"
    with st.container(horizontal=True), guarded():
        st.download_button(
            "Report (HTML)",
            lambda: _page(review),
            f"{name}.html",
            "text/html",
            key="review-html",
            icon=":material/description:",
            type="primary",
            on_click="ignore",
        )
        st.download_button(
            "Review with its Evidence (.zip)",
            lambda: reviews.to_bytes(review),
            f"{name}.zip",
            "application/zip",
            key="review-zip",
            icon=":material/folder_zip:",
            on_click="ignore",
        )
    st.caption(
        "The report is one page that opens without a network. Both files hold what was given of every case that kept "
        "its inputs, and the words of every text."
    )


def _page(review: Review) -> str:
    return review_page(
        review.title,
        review.summary,
        [
            Reviewed(item.title, item.evidence, item.comment, {CHECKS[name]: on for name, on in item.checks.items()})
            for item in review.items
        ],
    )


page()
