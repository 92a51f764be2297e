"""Catalogues: one Fluent file a language, read on first use and parsed message by message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mm_core.locale.formats import functions

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle

FOLDER: Final = Path(__file__).parent

_ENTRY: Final = re.compile(r"^(?P<name>-?[a-zA-Z][\w-]*) *=.*(?:\n(?:[ \t].*)?)*", re.MULTILINE)
"""A message or term: its first line, and the indented or empty lines that follow."""


@dataclass(frozen=True)
class Language:
    """name: as its speakers write it. cldr: the locale whose numbers, lists and dates it uses, as Babel spells it."""

    name: str
    cldr: str


SOURCE_LANGUAGE: Final = "en"
"""The language that every message exists in; others fall back to it."""

LANGUAGES: Final = {
    "en": Language("English", "en_GB"),
}
"""The languages by their code; each has a catalogue ``<code>.ftl`` in this folder."""

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


class Catalogue:
    """The messages of one language.

    Parsing the whole file would take longer than importing the package, so an entry is parsed when it is first asked
    for. Messages may use terms (``{ -term }``) but no other messages.
    """

    def __init__(self, language: Language, source: str) -> None:
        self.language = language
        self.entries = {match["name"]: match[0] for match in _ENTRY.finditer(source)}
        self._bundle: FluentBundle | None = None

    def format(self, name: str, arguments: dict[str, Any]) -> str:
        """The message with its placeholders filled. KeyError for one that is not in the catalogue, ValueError where
        an argument is missing."""
        bundle = self._parsed(name)
        pattern = bundle.get_message(name).value
        text, errors = bundle.format_pattern(pattern, arguments)  # type: ignore[arg-type]  # messages have values
        if errors:
            raise ValueError(f"message {name!r} can't be written: {errors[0]}")
        return str(text)

    def _parsed(self, name: str) -> FluentBundle:
        from fluent.runtime import FluentBundle, FluentResource

        if self._bundle is None:
            # Isolation marks around placeholders would stand in files and titles; no language here mixes directions.
            self._bundle = FluentBundle(
                [self.language.cldr], functions(self.language.cldr, self.format), use_isolating=False
            )
            terms = [entry for term, entry in self.entries.items() if term.startswith("-")]
            self._bundle.add_resource(FluentResource("\n".join(terms)))
        if not self._bundle.has_message(name):
            self._bundle.add_resource(FluentResource(self.entries[name]))
        return self._bundle


@cache
def catalogue(code: str) -> Catalogue:
    """The catalogue of a language of ``LANGUAGES``."""
    return Catalogue(LANGUAGES[code], (FOLDER / f"{code}.ftl").read_text(encoding="utf-8"))


def say(name: str, /, **arguments: Any) -> str:
    """The message ``name`` in the language in use, in the source language where it has none.

    The catalogue says which arguments a message takes. KeyError for an unknown name, ValueError for an argument
    that is missing.
    """
    chosen = catalogue(current_language())
    if name not in chosen.entries:
        chosen = catalogue(SOURCE_LANGUAGE)
    return chosen.format(name, arguments)


def current_language() -> str:
    """The code of the language in use in this thread or task."""
    return _language.get()


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Speak another language of ``LANGUAGES`` within a ``with`` block."""
    if code not in LANGUAGES:
        raise KeyError(f"there is no language {code!r}; use {', '.join(LANGUAGES)}")
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)
