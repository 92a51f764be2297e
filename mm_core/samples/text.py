"""Text: cleaned, normalised to NFC and bounded."""

from __future__ import annotations

import unicodedata

from .errors import InvalidInput, Notice
from .limits import MAX_TEXT_CHARACTERS

KEPT_CONTROLS = "\t\n"


def read_text(given: object) -> tuple[str | None, tuple[Notice, ...]]:
    """Clean a text: NFC, no control characters or lone surrogates, outer white space removed, bounded length.

    Returns the text, or None if nothing but white space is left (an empty text box counts as not given), and a
    ``cut`` notice if the text was longer than ``MAX_TEXT_CHARACTERS``. Raises InvalidInput for anything but a string.
    """
    if given is None:
        return None, ()
    if not isinstance(given, str):
        raise InvalidInput("The text is not a string. Give plain text, or leave it out.")
    # NFC may change the length, so a little more than the limit is normalised; 1 MB is never walked through twice.
    head = given[: 4 * MAX_TEXT_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    clean = "".join(character for character in head if _readable(character))
    text = unicodedata.normalize("NFC", clean).strip()
    if not text:
        return None, ()
    if len(text) <= MAX_TEXT_CHARACTERS and len(given) <= 4 * MAX_TEXT_CHARACTERS:
        return text, ()
    message = f"The text is long: only its first {MAX_TEXT_CHARACTERS:,} characters are kept."
    return text[:MAX_TEXT_CHARACTERS].rstrip(), (Notice("text", "cut", message),)


def _readable(character: str) -> bool:
    category = unicodedata.category(character)
    return character in KEPT_CONTROLS or category not in ("Cc", "Cs")
