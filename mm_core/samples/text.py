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
    # Cleaning shortens a text, so a little more than the limit is looked at, and never all of a huge one.
    head = given.lstrip()[: 2 * MAX_TEXT_CHARACTERS]
    clean = "".join(filter(_readable, head.replace("\r\n", "\n").replace("\r", "\n")))
    text = unicodedata.normalize("NFC", clean).strip()
    if not text:
        return None, ()
    if len(text) <= MAX_TEXT_CHARACTERS and len(head) == len(given.lstrip()):
        return text, ()
    message = f"The text is long: only its first {MAX_TEXT_CHARACTERS:,} characters are kept."
    return text[:MAX_TEXT_CHARACTERS].rstrip(), (Notice("text", "cut", message),)


def _readable(character: str) -> bool:
    category = unicodedata.category(character)
    return character in KEPT_CONTROLS or category not in ("Cc", "Cs")
