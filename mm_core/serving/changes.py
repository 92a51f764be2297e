"""What-if changes as JSON on the wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from mm_core import strict_json
from mm_core.evidence.change import Change
from mm_core.samples.errors import InvalidInput

HOW: Final = (
    'Give one of {"remove": "audio"}, {"mask_words": [0, "happy"]}, {"mask_region": [left, top, right, bottom]}, '
    '{"mute": [from, to]}, {"text": "..."}, {"without_reference": true}.'
)

_MOST_WORDS: Final = 1000


def parse_change(text: str, image: bytes | None = None, audio: bytes | None = None) -> Change:
    """A change from JSON, its types checked, or from a new picture or sound; InvalidInput says what is allowed."""
    try:
        change = strict_json.loads(text)
        if not isinstance(change, dict) or set(change) - set(_CHECKED):
            raise ValueError
        checked = {name: _CHECKED[name](value) for name, value in change.items()}
    except (ValueError, TypeError):
        raise InvalidInput(f"The change can't be read. {HOW}") from None
    return Change(**checked, image=image, audio=audio)


def wire(change: Change) -> str:
    """A change as JSON, which ``parse_change`` reads; a new picture or sound travels beside it."""
    given = {name: getattr(change, name) for name in _CHECKED}
    asked = {name: value for name, value in given.items() if value is not None and value is not False}
    return json.dumps(asked, default=list)


def _numbers(count: int) -> Callable[[Any], tuple[float, ...]]:
    def check(value: Any) -> tuple[float, ...]:
        if not isinstance(value, list) or len(value) != count:
            raise ValueError
        return tuple(float(number) for number in value)

    return check


def _names(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError
    return tuple(names)


def _words(value: Any) -> list[int | str]:
    if not isinstance(value, list) or len(value) > _MOST_WORDS:
        raise ValueError
    if not all(isinstance(word, (int, str)) for word in value):
        raise ValueError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _yes(value: Any) -> bool:
    if value is not True:
        raise ValueError
    return True


_CHECKED: Final[dict[str, Callable[[Any], Any]]] = {
    "remove": _names,
    "mask_words": _words,
    "mask_region": _numbers(4),
    "mute": _numbers(2),
    "text": _text,
    "without_reference": _yes,
}
