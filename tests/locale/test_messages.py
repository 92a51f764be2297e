"""The catalogues and the code that speaks: no message is missing or unused, and placeholders fit."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl
from fluent.syntax.visitor import Visitor

from mm_core.locale.catalogues import FOLDER, LANGUAGES, SOURCE_LANGUAGE, catalogue
from mm_core.locale.formats import functions
from tests.conftest import ROOT

SPEAKERS = ("mm_core", "webapp", "dashboard")
"""The rooms whose code may say something."""


class _Used(Visitor):
    """The variables, functions, terms and messages that an entry refers to."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.functions: set[str] = set()
        self.terms: set[str] = set()
        self.messages: set[str] = set()

    def visit_VariableReference(self, node: ftl.VariableReference) -> None:
        self.variables.add(node.id.name)

    def visit_FunctionReference(self, node: ftl.FunctionReference) -> None:
        self.functions.add(node.id.name)
        self.generic_visit(node)

    def visit_TermReference(self, node: ftl.TermReference) -> None:
        self.terms.add(node.id.name)

    def visit_MessageReference(self, node: ftl.MessageReference) -> None:
        self.messages.add(node.id.name)


@cache
def entries(code: str) -> dict[str, ftl.Message | ftl.Term]:
    """The parsed entries of a language by name, terms with their hyphen."""
    resource = FluentParser().parse((FOLDER / f"{code}.ftl").read_text(encoding="utf-8"))
    junk = [entry.content for entry in resource.body if isinstance(entry, ftl.Junk)]
    assert junk == []
    named = [entry for entry in resource.body if isinstance(entry, (ftl.Message, ftl.Term))]
    names = Counter(_name(entry) for entry in named)
    assert [name for name, count in names.items() if count > 1] == [], "each name stands once"
    return {_name(entry): entry for entry in named}


def _name(entry: ftl.Message | ftl.Term) -> str:
    return f"-{entry.id.name}" if isinstance(entry, ftl.Term) else entry.id.name


def used_by(entry: ftl.Message | ftl.Term) -> _Used:
    visitor = _Used()
    visitor.visit(entry)
    return visitor


def said() -> Iterator[tuple[Path, int, str, frozenset[str] | None]]:
    """Every call of ``say``: where it stands, the message, the arguments; None where they come as ``**mapping``."""
    for path in [ROOT / "app.py", *(p for room in SPEAKERS for p in sorted((ROOT / room).rglob("*.py")))]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say"):
                continue
            first = node.args[0]
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            assert isinstance(first, ast.Constant), f"{where}: the name of a message is written out, so it is found"
            names = [keyword.arg for keyword in node.keywords]
            known = None if None in names else frozenset(name for name in names if name)
            yield path, node.lineno, str(first.value), known


def test_every_message_that_is_said_exists_and_gets_its_placeholders() -> None:
    wrong = []
    for path, line, name, arguments in said():
        where = f"{path.relative_to(ROOT)}:{line}"
        entry = entries(SOURCE_LANGUAGE).get(name)
        if entry is None:
            wrong.append(f"{where}: there is no message {name!r}")
        elif arguments is not None and arguments != used_by(entry).variables:
            wrong.append(f"{where}: {name} takes {sorted(used_by(entry).variables)}, not {sorted(arguments)}")
    assert wrong == []


def test_no_message_is_unused() -> None:
    names = {name for _, _, name, _ in said()}
    terms = {f"-{term}" for entry in entries(SOURCE_LANGUAGE).values() for term in used_by(entry).terms}
    assert sorted(set(entries(SOURCE_LANGUAGE)) - names - terms) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_catalogue_is_whole(code: str) -> None:
    """The same messages in every language with the same placeholders; only functions and terms that there are."""
    own, source = entries(code), entries(SOURCE_LANGUAGE)
    assert {n for n in own if n[0] != "-"} == {n for n in source if n[0] != "-"}
    known = {"NUMBER", "DATETIME", *functions("en", lambda name, arguments: name)}
    for name, entry in own.items():
        used = used_by(entry)
        assert used.functions <= known, name
        assert {f"-{term}" for term in used.terms} <= set(own), name
        assert used.messages == set(), f"{name}: messages are parsed one by one and can't use others"
        if not name.startswith("-"):
            assert used.variables == used_by(source[name]).variables, name


@pytest.mark.parametrize("code", LANGUAGES)
def test_reading_entry_by_entry_finds_what_the_parser_finds(code: str) -> None:
    found = catalogue(code).entries
    assert list(found) == list(entries(code))
    parser = FluentParser()
    for name, source in found.items():
        assert parser.parse_entry(source).equals(entries(code)[name], ignored_fields=["span", "comment"]), name
