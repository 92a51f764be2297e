"""Forms whose head is wrong, before a byte of their body is read."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from mm_core.serving.errors import BadForm, NotAForm
from mm_core.serving.forms import read_form

FORM = b"multipart/form-data; boundary=b"


def read(kind: bytes, length: bytes) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "headers": [(b"content-type", kind), (b"content-length", length)]}
    asyncio.run(read_form(Request(scope, receive), ["text"], {"image": 10}))


@pytest.mark.parametrize("length", [b"9" * 5_000, b"-1", b"1e3", b"ten", b""])
def test_a_length_that_is_no_plain_number_is_refused(length: bytes) -> None:
    with pytest.raises(NotAForm):
        read(FORM, length)


@pytest.mark.parametrize("kind", [b"application/json", FORM + b"; charset=utf-16"])
def test_another_kind_of_body_is_refused(kind: bytes) -> None:
    with pytest.raises(NotAForm):
        read(kind, b"10")


def damaged(*parts: bytes) -> int:
    """Read a damaged form that comes in these parts; how many of them were asked for (one too many is an error)."""
    left = list(parts)

    async def receive() -> Message:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    scope = {"type": "http", "headers": [(b"content-type", FORM), (b"content-length", b"40")]}
    with pytest.raises(BadForm):
        asyncio.run(read_form(Request(scope, receive), ["text"], {"image": 10}))
    return len(parts) - len(left)


def test_a_damaged_form_is_answered_without_waiting_for_more() -> None:
    assert damaged(b"no boundary at all") == 1


def test_what_still_comes_of_a_damaged_form_is_read() -> None:
    assert damaged(b"no boundary at all", b"more", b"the end") == 3
