"""A case goes from the page to the dashboard and back by links, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.browsing import running_dashboard, settled
from tests.serving.page import free_port
from tests.ui.conftest import running_app

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_url(toy_folder: Path) -> Iterator[str]:
    """The page of two user interfaces that know of each other, with the toy model."""
    port = free_port()
    with (
        running_app("--model", str(toy_folder), MM_DASHBOARD_URL=f"http://127.0.0.1:{port}") as page,
        running_dashboard(port=port, MM_CORE_URL=page, MM_PAGE_URL=page),
    ):
        yield page


def link_to(visit: Any, words: str) -> str:
    """Make a link on the page and give its address."""
    visit.page.click("#make-link")
    found = visit.page.locator("#keep-message").get_by_role("link", name=words)
    found.wait_for()
    return str(found.evaluate("link => link.href"))


def test_to_the_dashboard_and_back(visits: Any, page_url: str) -> None:
    visit = visits(page_url, opening="example=0")
    visit.explained()
    said = visit.page.locator("#answer .sentence").inner_text()
    visit.page.get_by_label("into what a link opens").check()
    there = link_to(visit, "Open this case in the dashboard")
    dashboard = visit.context.new_page()
    dashboard.set_default_timeout(180_000)
    dashboard.goto(there)
    dashboard.wait_for_url(re.compile("case=own"))
    dashboard.get_by_text("We did it!").first.wait_for()
    dashboard.get_by_text(said).first.wait_for()
    settled(dashboard)
    dashboard.get_by_role("button", name="Make a link").click()
    back = dashboard.get_by_role("link", name="Open this case on the page")
    back.wait_for()
    address, _, query = str(back.get_attribute("href")).partition("?")
    assert address.rstrip("/") == page_url
    returned = visits(page_url, opening=query)
    returned.page.wait_for_selector("#answer .bars")
    returned.explained()
    assert returned.page.locator("#answer .sentence").inner_text() == said
    assert returned.page.get_by_label("Words", exact=True).first.input_value().startswith("We did it!")
    returned.page.wait_for_selector("#ask-image img")
    returned.choose("#target", "anger")
    returned.heading("What each input adds to anger")


def test_without_its_inputs_the_record_opens_and_says_what_is_missing(visits: Any, page_url: str) -> None:
    visit = visits(page_url, opening="example=0")
    visit.explained()
    here = link_to(visit, "This case by a link of its own")
    assert here.startswith(f"{page_url}/?kept=")
    visit.page.goto(here)
    visit.page.wait_for_selector("#answer .bars")
    visit.explained()
    assert visit.page.get_by_label("Words", exact=True).first.input_value() == ""
    visit.choose("#target", "anger")
    visit.page.get_by_text("did not come with this case").wait_for()


def test_a_link_that_leads_nowhere_any_more_says_so(visits: Any, page_url: str) -> None:
    # Opened by the link itself: a page that is left while it still waits for an answer logs its own aborted request.
    visit = visits(page_url, opening=f"kept={'A' * 22}")
    visit.page.get_by_text("no longer leads to a case").wait_for()
