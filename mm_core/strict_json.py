"""JSON from strangers: what RFC 8259 allows, without what readers take differently.

Python's own reader also takes NaN, reads 1e999 as infinity, whole numbers of any length, and lets the last of two
equal keys win.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final

MAX_INTEGER: Final = 2**53
"""Whole numbers beyond it are not the same in every reader (RFC 8259, section 6)."""

_MAX_DIGITS: Final = 17


def loads(text: str | bytes) -> Any:
    """The value; ValueError where it is not JSON, holds a number that is not finite or a whole one beyond
    ``MAX_INTEGER``, says a key twice, or is nested too deeply to be read."""
    try:
        return json.loads(
            text, parse_constant=_constant, parse_float=_float, parse_int=_integer, object_pairs_hook=_object
        )
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS or abs(int(digits)) > MAX_INTEGER:
        raise ValueError("a whole number is too large")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found
