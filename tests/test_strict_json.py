"""JSON from strangers."""

from __future__ import annotations

import json

import pytest

from mm_core.strict_json import MAX_INTEGER, loads


@pytest.mark.parametrize(
    "text",
    [
        "NaN", "-Infinity", "1e999", "[-1e999]", "9" * 400, "-" + "9" * 400, "9" * 5000, str(MAX_INTEGER + 1),
        '{"a": 1, "a": 1}', '{"b": {"a": 1, "a": 2}}', "[" * 100_000, '{"a":' * 100_000, "", "{", "[1,]",
        b"\xff\xfe\xfd",
    ],
)  # fmt: skip
def test_what_readers_take_differently_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - Python's reader has no narrower one
        loads(text)


@pytest.mark.parametrize(
    "value", [None, True, 0, -MAX_INTEGER, MAX_INTEGER, 1.5e300, 5e-324, "é\u2028", [[], {}], {"a": {"b": [1, None]}}]
)
def test_all_else_is_read_as_ever(value: object) -> None:
    assert loads(json.dumps(value)) == value
