"""Catalogues: how a message is written, and how a second language is added."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mm_core.locale import Language, catalogue, current_language, say, use_language
from mm_core.locale.catalogues import FOLDER, LANGUAGES, Catalogue

SOURCE = """# A comment

-product = Triad
plain = { -product } reads a text.
rows = { $count ->
    [one] one row
   *[other] { NUMBER($count) } rows
 }
long = The first line
    goes on, and

    a paragraph follows.
share = { PERCENT($share) } of { LABEL($label) } by the { MODALITY($modality) }, { DECIMAL($value, digits: 3) }
"""


@pytest.fixture
def small() -> Catalogue:
    return Catalogue(LANGUAGES["en"], SOURCE)


def test_terms_plurals_paragraphs_and_functions(small: Catalogue) -> None:
    small.entries |= {name: catalogue("en").entries[name] for name in ("modality", "label")}
    assert small.format("plain", {}) == "Triad reads a text."
    assert [small.format("rows", {"count": n}) for n in (1, 2, 1200)] == ["one row", "2 rows", "1,200 rows"]
    assert small.format("long", {}) == "The first line\ngoes on, and\n\na paragraph follows."
    written = small.format("share", {"share": 0.999, "label": "joy", "modality": "audio", "value": 0.12345})
    assert written == "99% of joy by the voice, 0.123"


def test_what_is_filled_in_is_never_read_as_a_message(small: Catalogue) -> None:
    small.entries["hello"] = "hello = Hello { $name }"
    assert small.format("hello", {"name": "{ $other } { plain }"}) == "Hello { $other } { plain }"


def test_an_unknown_message_and_a_missing_argument_are_mistakes_of_the_program() -> None:
    with pytest.raises(KeyError):
        say("no-such-message")
    with pytest.raises(ValueError, match="the-modality"):
        say("the-modality")


@pytest.fixture
def pseudo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A second language: one file beside the English one, and one line."""
    lines = "modality = « { $modality } »\nlabel = ‹{ $label }›\n"
    for source in FOLDER.glob("*.ftl"):
        (tmp_path / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "qps.ftl").write_text(lines, encoding="utf-8")
    monkeypatch.setattr("mm_core.locale.catalogues.FOLDER", tmp_path)
    monkeypatch.setitem(LANGUAGES, "qps", Language("Pseudo", "fr"))
    catalogue.cache_clear()
    yield "qps"
    catalogue.cache_clear()


def test_a_language_is_one_file_and_one_line(pseudo: str) -> None:
    from mm_core.locale import listed, modality_word, percent

    with use_language(pseudo):
        assert modality_word("text") == "« text »"
        assert percent(0.5) == "50\xa0%"
        assert listed(["a", "b"]) == "a et b"
        assert say("agreement-all-three") == "all three agree", "what it lacks is said in English"
    assert modality_word("text") == "words"


def test_each_thread_speaks_its_own_language(pseudo: str) -> None:
    seen: list[str] = []
    with use_language(pseudo):
        thread = threading.Thread(target=lambda: seen.append(current_language()))
        thread.start()
        thread.join()
        assert current_language() == pseudo
    assert seen == ["en"]
    assert current_language() == "en"


def test_a_language_that_is_not_there() -> None:
    with pytest.raises(KeyError, match="en"), use_language("xx"):
        pass


def test_importing_speaks_to_nobody() -> None:
    """The package loads in milliseconds: no Fluent, no Babel before the first sentence."""
    loaded = "import sys, mm_core.prediction; print([m for m in ('fluent', 'babel') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", loaded], text=True).strip() == "[]"
