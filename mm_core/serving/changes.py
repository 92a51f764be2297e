"""What-if changes: as JSON on the wire, and decoded before they reach the worker."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from mm_core.samples import InvalidInput, Sample
from mm_core.samples.decoding import IN_PROCESS, Decoder
from mm_core.samples.limits import SAMPLE_RATE

HOW: Final = (
    'Give one of {"remove": "audio"}, {"mask_words": [0, "happy"]}, {"mask_region": [left, top, right, bottom]}, '
    '{"mute": [from, to]}, {"text": "..."}.'
)

_MOST_WORDS: Final = 1000


def parse_change(text: str) -> dict[str, Any]:
    """A change from JSON, its types checked; InvalidInput says what is allowed."""
    try:
        change = json.loads(text)
        if not isinstance(change, dict) or set(change) - set(_CHECKED):
            raise ValueError
        return {name: _CHECKED[name](value) for name, value in change.items()}
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise InvalidInput(f"The change can't be read. {HOW}") from None


def decoded_change(change: Mapping[str, Any], decoder: Decoder = IN_PROCESS) -> dict[str, Any]:
    """The change with a new picture or sound decoded and checked: the worker must not spend its time on that."""
    given = {name: change[name] for name in ("text", "image", "audio") if change.get(name) is not None}
    if not given:
        return dict(change)
    from PIL import Image

    new = Sample.read(**given, decoder=decoder)
    decoded = dict(change)
    if new.image is not None:
        decoded["image"] = Image.fromarray(new.image.pixels)
    if new.audio is not None:
        decoded["audio"] = (SAMPLE_RATE, new.audio.waveform)
    return decoded


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


_CHECKED: Final[dict[str, Callable[[Any], Any]]] = {
    "remove": _names,
    "mask_words": _words,
    "mask_region": _numbers(4),
    "mute": _numbers(2),
    "text": _text,
}
