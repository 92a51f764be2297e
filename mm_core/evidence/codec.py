"""Records to JSON and arrays, and back, driven by the records' own type hints.

Every value read is checked against its hint, so what comes back is a record of the right types or ``Malformed``;
nothing is executed and nothing is guessed. Arrays stand in the JSON as ``{"array": "a0"}``.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]

MAX_NUMBER: Final = 1e12
"""Magnitude of any number in a record, in whatever unit; sums, squares and ratios of such numbers stay finite."""


class Malformed(ValueError):
    """The JSON or an array does not fit the record's types."""


def encode(value: Any, arrays: Arrays) -> Any:
    """A record to what JSON can hold; its arrays are put into ``arrays`` under running names.

    Not a number becomes null; dictionaries with other keys than strings become lists of pairs.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name), arrays) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = np.ascontiguousarray(value)
        return {"array": name}
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: encode(item, arrays) for key, item in value.items()}
        return [[encode(key, arrays), encode(item, arrays)] for key, item in value.items()]
    if isinstance(value, (tuple, list)):
        return [encode(item, arrays) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def decode(hint: Any, value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """The inverse of ``encode`` for a value of the type ``hint``."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is types.UnionType or origin is Union:
        if value is None and type(None) in parts:
            return None
        (hint,) = (part for part in parts if part is not type(None))
        return decode(hint, value, arrays)
    if origin is np.ndarray:
        return _array(value, np.dtype(get_args(parts[1])[0]), arrays)
    if origin is tuple:
        items = _expect(value, list)
        if parts[1:] != (Ellipsis,) and len(items) != len(parts):
            raise Malformed(f"{len(parts)} items are expected, not {len(items)}")
        hints = [parts[0]] * len(items) if parts[1:] == (Ellipsis,) else parts
        return tuple(decode(h, item, arrays) for h, item in zip(hints, items, strict=True))
    if origin is dict:
        pairs = _expect(value, dict).items() if parts[0] is str else [_pair(p) for p in _expect(value, list)]
        return {decode(parts[0], k, arrays): decode(parts[1], item, arrays) for k, item in pairs}
    if dataclasses.is_dataclass(hint):
        return _record(hint, _expect(value, dict), arrays)
    if hint is float:
        return _float(value)
    if hint is int:
        return _bounded(_expect(value, int))
    return _text(value) if hint is str else _expect(value, hint)


def _float(value: Any) -> float:
    """None stands for not a number; whether the record takes that is its own affair."""
    if value is None:
        return math.nan
    return float(_bounded(value if type(value) is int else _expect(value, float)))


def _bounded(number: Any) -> Any:
    if not abs(number) <= MAX_NUMBER:
        raise Malformed("a number is too large")
    return number


def _text(value: Any) -> str:
    """Half of a surrogate pair is no text: it could not be written again."""
    text = _expect(value, str)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Malformed("a text holds half of a surrogate pair") from error
    return text


def _record(kind: Any, value: dict[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Any:
    hints = _hints(kind)
    if not _needed(kind) <= set(value) <= set(hints):
        raise Malformed(f"{kind.__name__} has other fields")
    try:
        return kind(**{name: decode(hints[name], given, arrays) for name, given in value.items()})
    except Malformed:
        raise
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise Malformed(str(error)) from error


def _array(value: Any, dtype: np.dtype[Any], arrays: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    if not isinstance(value, dict) or set(value) != {"array"} or value["array"] not in arrays:
        raise Malformed("an array is missing")
    array = arrays[value["array"]]
    if array.dtype != dtype:
        raise Malformed(f"an array is of {array.dtype}, not {dtype}")
    if array.dtype.kind == "f" and not (np.abs(array) <= MAX_NUMBER).all():
        raise Malformed("an array holds values that are too large or not numbers")
    return array


def _pair(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise Malformed("a pair is expected")
    return value[0], value[1]


def _expect(value: Any, kind: Any) -> Any:
    if type(value) is not kind:
        raise Malformed(f"{kind.__name__} is expected, not {type(value).__name__}")
    return value


@cache
def _needed(kind: Any) -> set[str]:
    """The fields without a default: what came later has one, so that older files open."""
    missing = dataclasses.MISSING
    return {f.name for f in dataclasses.fields(kind) if f.default is missing and f.default_factory is missing}


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
