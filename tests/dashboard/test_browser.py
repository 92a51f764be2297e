"""The dashboard in a real browser, beside the running app that holds the one model."""

from __future__ import annotations

import pytest

from mm_core.evidence import Evidence
from tests.dashboard.browsing import (
    browser_page,
    loaded_libraries,
    memory_megabytes,
    running_dashboard,
    settled,
)
from tests.ui.conftest import running_app

pytestmark = pytest.mark.browser

MOST_MEGABYTES = 600
"""Resident memory beside a running app."""


@pytest.fixture(scope="module")
def dashboard(model_folder, report_folder):
    with (
        running_app("--model", str(model_folder)) as app,
        running_dashboard(MM_CORE_URL=app, MM_CORE_REPORTS=str(report_folder)) as (url, process),
    ):
        yield url, process


@pytest.fixture
def page(dashboard):
    with browser_page() as opened:
        yield opened
        assert opened.complaints == []


def visit(page, dashboard, path):
    page.goto(f"{dashboard[0]}/{path}")
    page.get_by_role("heading", level=1).wait_for()
    settled(page)


def chart(page, beginning):
    return page.locator(f'[class*="st-key-figure-{beginning}"] .nsewdrag').first


def test_a_click_on_a_word_is_answered_by_the_face_and_the_voice(page, dashboard):
    visit(page, dashboard, "attention")
    words = chart(page, "link-text")
    area = words.bounding_box()
    # the tiles of "We", "did" and "it" are the first three of the first line
    page.mouse.click(area["x"] + area["width"] * 0.22, area["y"] + area["height"] * 0.16)
    page.get_by_text("Chosen: “did”").wait_for()
    settled(page)
    page.get_by_text("What “did” looks at in the image").wait_for()
    face = chart(page, "link-image")
    area = face.bounding_box()
    page.mouse.click(area["x"] + area["width"] / 2, area["y"] + area["height"] * 0.3)
    page.get_by_text("in the text").first.wait_for()
    page.get_by_text("Chosen: the patch at").wait_for()
    assert "unit=image" in page.url


def test_what_if_with_words_of_ones_own(page, dashboard):
    visit(page, dashboard, "what_if")
    page.get_by_text("Edit the words").click()
    settled(page)
    box = page.locator("textarea:visible")
    box.fill("I hate this awful day")
    box.press("Control+Enter")
    page.get_by_text("With another text:").wait_for()
    assert "change=edit" in page.url


def test_a_box_drawn_in_the_picture_is_covered(page, dashboard):
    visit(page, dashboard, "what_if?change=cover")
    area = chart(page, "cover").bounding_box()
    page.mouse.move(area["x"] + area["width"] * 0.4, area["y"] + area["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] * 0.6, area["y"] + area["height"] * 0.45, steps=8)
    page.mouse.up()
    settled(page)
    page.get_by_text("With a part of the picture covered:").wait_for()


def test_a_triad_file_opens(page, dashboard, evidence: Evidence, tmp_path):
    path = evidence.save(tmp_path / "mine.triad")
    visit(page, dashboard, "case")
    page.get_by_text("Bring your own case").click()
    page.get_by_role("tab", name="A .triad file").click()
    page.locator(".st-key-bring-triad input[type=file]").set_input_files(path)
    page.get_by_text("“i am so happy today”").wait_for()


def test_an_upload_of_200_mb_is_refused_and_the_session_lives(page, dashboard, tmp_path):
    big = tmp_path / "big.triad"
    with big.open("wb") as file:
        file.truncate(200 * 2**20)
    visit(page, dashboard, "case")
    page.get_by_text("Bring your own case").click()
    page.get_by_role("tab", name="A .triad file").click()
    page.locator(".st-key-bring-triad input[type=file]").set_input_files(big)
    page.get_by_text("must be 60").wait_for()
    page.get_by_role("link", name="Overview").click()
    page.get_by_text("Known limits").wait_for()


def test_a_review_is_exported_and_opened_again(page, dashboard, tmp_path):
    visit(page, dashboard, "case")
    page.get_by_role("button", name="Add to the review").click()
    settled(page)
    page.get_by_role("link", name="Review").click()
    page.get_by_text("0 of 1 cases checked in full").wait_for()
    settled(page)
    comment = page.get_by_label("Comment")
    comment.fill("Seen by me")
    comment.press("Control+Enter")
    settled(page)
    saved = {}
    for name, button in (("html", "Report (HTML)"), ("zip", "Review with its Evidence")):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        saved[name] = tmp_path / f"review.{name}"
        download.value.save_as(saved[name])
        settled(page)
    assert b"Seen by me" in saved["html"].read_bytes()
    page.reload()  # a new session
    settled(page)
    page.get_by_text("The review is empty").wait_for()
    page.locator(".st-key-review-file input[type=file]").set_input_files(saved["zip"])
    page.get_by_text("0 of 1 cases checked in full").wait_for()
    assert page.get_by_label("Comment").input_value() == "Seen by me"
    report = page.context.new_page()
    asked = []
    report.on("request", lambda request: asked.append(request.url))
    report.goto(saved["html"].as_uri())
    report.locator("html[data-drawn=yes]").wait_for(state="attached")
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone(dashboard, scheme):
    with browser_page(width=360, height=800, scheme=scheme) as page:
        for path in (
            "",
            "case",
            "attention",
            "what_if",
            "contributions",
            "evaluation",
            "robustness",
            "lab",
            "review",
        ):
            visit(page, dashboard, path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 1, path
        assert page.complaints == []


def test_beside_the_app_nothing_is_loaded_twice(page, dashboard):
    for path in ("case", "attention", "evaluation?view=curves"):
        visit(page, dashboard, path)
    assert "libtorch" not in loaded_libraries(dashboard[1])
    assert memory_megabytes(dashboard[1]) < MOST_MEGABYTES
