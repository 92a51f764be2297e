"""Text is cleaned, normalised and bounded."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mm_core.samples import InvalidInput
from mm_core.samples.limits import MAX_TEXT_CHARACTERS
from mm_core.samples.text import read_text

ANY_TEXT = st.text(st.characters(), max_size=60)  # with control characters and lone surrogates


@pytest.mark.parametrize("empty", [None, "", " \t\r\n", "\u2003\u00a0", "\x00\x00", "\ud800", " \x07 "])
def test_a_text_without_content_counts_as_not_given(empty):
    assert read_text(empty) == (None, ())


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("  I am\x00 happy ", "I am happy"),
        ("one\r\ntwo\rthree\tfour", "one\ntwo\nthree\tfour"),
        ("cafe\u0301", "caf\u00e9"),
        ("a\udc00b", "ab"),
        ("\x1b[31mred", "[31mred"),
        ("\u05e9\u05dc\u05d5\u05dd \u200fabc", "\u05e9\u05dc\u05d5\u05dd \u200fabc"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
    ],
)
def test_text_is_cleaned_and_normalised(given_text, kept):
    assert read_text(given_text) == (kept, ())


@given(ANY_TEXT)
def test_what_is_kept_is_clean_text(text):
    kept, _ = read_text(text)
    if kept is not None:
        assert kept == kept.strip() != ""
        assert unicodedata.is_normalized("NFC", kept)
        kept.encode("utf-8")
        assert read_text(kept) == (kept, ())


def test_the_limit_itself_is_kept_and_one_more_is_cut():
    assert read_text("a" * MAX_TEXT_CHARACTERS) == ("a" * MAX_TEXT_CHARACTERS, ())
    kept, notices = read_text("a" * (MAX_TEXT_CHARACTERS + 1))
    assert kept == "a" * MAX_TEXT_CHARACTERS
    assert [(notice.modality, notice.code) for notice in notices] == [("text", "cut")]
    assert f"{MAX_TEXT_CHARACTERS:,}" in notices[0].message


def test_what_cleaning_drops_beyond_the_limit_is_said_to_be_cut_too():
    kept, notices = read_text("a" + "\x00" * 3 * MAX_TEXT_CHARACTERS + "b")
    assert kept == "a"
    assert notices[0].code == "cut"


def test_white_space_around_a_short_text_is_no_cut():
    assert read_text(" " * 10 * MAX_TEXT_CHARACTERS + "fine" + "\n" * 100) == ("fine", ())


@pytest.mark.parametrize("other", [b"bytes", 5, ["a"]])
def test_only_strings_are_texts(other):
    with pytest.raises(InvalidInput, match="plain text"):
        read_text(other)
