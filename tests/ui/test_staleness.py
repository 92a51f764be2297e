"""The scripts that tell which answer belongs to which inputs, in a browser without a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from webapp import staleness

pytestmark = pytest.mark.browser

FIRST = ["hello", {"path": "/a.png"}, None, False]
OTHER = ["hello", {"path": "/b.png"}, None, False]


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    page = chromium.new_page()
    page.set_content("<body></body>")
    yield page
    page.close()


def run(tab: Any, script: str, *given: Any) -> Any:
    return tab.evaluate(f"given => ({script})(...given)", list(given))


def mark(tab: Any, name: str) -> str | None:
    return tab.evaluate("name => document.body.dataset[name] ?? null", name)


def test_an_edit_marks_the_answer_until_it_is_undone_or_asked_again(tab: Any) -> None:
    assert run(tab, staleness.asked("answer", "why"), *FIRST) == FIRST
    assert (mark(tab, "answer"), mark(tab, "why")) == ("waiting", "waiting")
    run(tab, staleness.answered("answer"))
    run(tab, staleness.EXPLAINED)
    assert (mark(tab, "answer"), mark(tab, "why")) == (None, None)
    for given, expected in ((OTHER, "changed"), (FIRST, None), (OTHER, "changed")):
        run(tab, staleness.edited("answer"), *given)
        assert mark(tab, "answer") == expected
    run(tab, staleness.asked("answer"), *OTHER)
    run(tab, staleness.answered("answer"))
    assert mark(tab, "answer") is None


def test_an_edit_while_waiting_is_marked_with_the_answer(tab: Any) -> None:
    run(tab, staleness.asked("answer"), *FIRST)
    run(tab, staleness.edited("answer"), *OTHER)
    assert mark(tab, "answer") == "waiting"
    run(tab, staleness.answered("answer"))
    assert mark(tab, "answer") == "changed"


def test_an_example_fills_the_form_with_its_answer(tab: Any) -> None:
    assert run(tab, staleness.waiting("answer", "why")) == []
    run(tab, staleness.filled("answer", "why"), *FIRST)
    assert (mark(tab, "answer"), mark(tab, "why")) == (None, None)
    run(tab, staleness.edited("answer"), *OTHER)
    assert mark(tab, "answer") == "changed"


def test_forms_are_apart_and_halves_change_places_together(tab: Any) -> None:
    run(tab, staleness.edited("answer"), *OTHER)
    assert mark(tab, "answer") is None, "nothing was asked yet"
    run(tab, staleness.asked("compare"), *FIRST, *OTHER)
    run(tab, staleness.answered("compare"))
    assert run(tab, staleness.swapped("compare"), *FIRST, *OTHER) == [*OTHER, *FIRST]
    run(tab, staleness.edited("compare"), *OTHER, *FIRST)
    assert mark(tab, "compare") is None
    run(tab, staleness.edited("compare"), *FIRST, *OTHER)
    assert mark(tab, "compare") == "changed"
    assert mark(tab, "answer") is None
