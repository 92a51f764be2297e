"""Sentences that people see stand in the catalogue: what pages and figures show is never a literal of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT

ROOMS: Final = ("dashboard", "webapp", "mm_core/figures")

SENTENCE: Final = re.compile(r"^[^<{}=;#\[\]]*[A-Za-z]{2,},?( [A-Za-z'’]{1,},?){2,}[^<{}=;#\[\]]*$")
"""Three words in a row, and none of the signs of HTML, CSS, JavaScript and Plotly's templates."""

SHOWN: Final = {
    "header", "subheader", "title", "caption", "markdown", "text", "html", "info", "warning", "error",
    "success", "toast", "spinner", "button", "download_button", "form_submit_button", "link_button", "checkbox",
    "selectbox", "multiselect", "segmented_control", "pills", "slider", "number_input", "text_input", "text_area",
    "file_uploader", "audio_input", "expander", "Markdown", "HTML", "Button", "Tab", "Accordion", "Figure",
    "Measured", "heading", "section", "nothing", "sentence", "notice", "reading", "small", "show_table", "note",
    "InvalidInput",
}  # fmt: skip
"""Functions whose first arguments people read."""

SHOWN_TWICE: Final = {"heading", "section", "nothing", "show_table", "note"}
"""Those of them whose second argument is read, too."""

SHOWN_BY_NAME: Final = {"label", "title", "help", "placeholder", "alt", "alt_text", "page_title", "hovertemplate"}

NOT_FOR_PEOPLE: Final = {
    "probability of the same emotion", "share of truth", "on the front",  # columns of tables that are data
    "not tested yet", "no better than chance",  # values of a record
}  # fmt: skip

PROGRAMS: Final = re.compile(r"^(python -m mm_core |public, max-age)")
"""What programs read: commands and headers."""


class Literals(ast.NodeVisitor):
    """The literals of a module that people would read."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # else it is a docstring
            self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        self.visit(node.test)  # its words are for whoever mends the program

    def visit_Raise(self, node: ast.Raise) -> None:
        ours = isinstance(node.exc, ast.Call) and getattr(node.exc.func, "id", "") == "InvalidInput"
        if ours:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in {"say", "replace", "startswith"} or getattr(getattr(node.func, "value", None), "id", "") == "_log":
            for value in (keyword.value for keyword in node.keywords):
                self.visit(value)
            return
        if name in SHOWN:
            for shown in node.args[: 2 if name in SHOWN_TWICE else 1]:
                self._shown(shown)
        for keyword in node.keywords:
            if keyword.arg in SHOWN_BY_NAME:
                self._shown(keyword.value)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and SENTENCE.search(node.value) and not PROGRAMS.search(node.value):
            self._keep(node.lineno, node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        words = " ".join(part.value.strip() for part in node.values if isinstance(part, ast.Constant))
        if SENTENCE.search(words) and not PROGRAMS.search(words):
            self._keep(node.lineno, words)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def _shown(self, node: ast.expr) -> None:
        """Any word counts where people read it, were it one alone."""
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        for part in parts:
            words = part.value if isinstance(part, ast.Constant) else None
            if isinstance(words, str) and re.search(r"[a-z]{3,}", _bare(words)):
                self._keep(part.lineno, words)

    def _keep(self, line: int, words: str) -> None:
        if words not in NOT_FOR_PEOPLE:
            self.found.append((line, words))


def _bare(words: str) -> str:
    """Without mark-up, templates, icons and CSS, which hold no words for people."""
    return re.sub(r"<[^>]*>?|[^<>]*>|%?\{[^}]*\}|:material/\w+:|:root", "", words)


def literals(source: str) -> list[tuple[int, str]]:
    """Line and words of each literal that people would read."""
    visitor = Literals()
    visitor.visit(ast.parse(source))
    return sorted(set(visitor.found))


def modules() -> Iterator[Path]:
    """Those whose words are for people; the labels of endpoints.py are the names of an API's fields."""
    for room in ROOMS:
        yield from (path for path in sorted((ROOT / room).rglob("*.py")) if path.name != "endpoints.py")


def test_no_sentence_stands_in_the_code() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {words!r}"
        for path in modules()
        for line, words in literals(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        'st.caption("Look here.")',
        'st.button(f"Take {name} away")',
        'gr.Button("Start")',
        'Figure("Who speaks", plot, reading, ())',
        'x = {"a": "three words here"}',
        'raise InvalidInput("Too long.")',
        'st.selectbox(say("a"), options, help="Choose.")',
        'words = f"There are {count} cases left"',
    ],
)
def test_what_is_found(code: str) -> None:
    assert literals(code)


@pytest.mark.parametrize(
    "code",
    [
        '"""A docstring of a module."""',
        'st.caption(say("look-here", name="x"))',
        "st.html(f'<p class=\"lead\">{escape(words)}</p>')",
        'key = f"page-{name}"',
        'raise ValueError("this is for programmers only")',
        '_log.error("a page failed: %s", name)',
        'assert found, "there is always one"',
    ],
)
def test_what_is_left_alone(code: str) -> None:
    assert literals(code) == []
