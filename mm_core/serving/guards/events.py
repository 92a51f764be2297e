"""The page's own messages: small, shallow JSON that names no address and is never told back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mm_core import strict_json
from mm_core.serving.guards.refusal import header, refuse

MAX_EVENT_BYTES: Final = 256 * 1024
"""Of one event: texts and references to files, which are uploaded before; the page's largest is under 5 KB and a text
of the most characters that its boxes take under 250 KB."""

MAX_EVENT_ITEMS: Final = 5_000
"""Objects, lists and values in one event; the page's largest has some sixty."""

MAX_EVENT_DEPTH: Final = 16

_PAGE: Final = "/gradio_api/"
_UPLOAD: Final = "/gradio_api/upload"
_ADDRESSES: Final = ("http:", "https:")


class BoundedEvents:
    """ASGI middleware: an event over the bounds, or one that names an address in place of a file, is refused.

    The page's library parses events on the loop that answers everybody, and fetches a file's address for whoever
    asks.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        event = scope["type"] == "http" and scope["method"] == "POST" and scope["path"].startswith(_PAGE)
        if not event or scope["path"] == _UPLOAD:
            await self.app(scope, receive, send)
            return
        declared = header(scope, b"content-length")
        body = bytearray()
        more = not (declared.isdigit() and int(declared[:15]) > MAX_EVENT_BYTES)
        if not more:
            await _too_large(send)
            return
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MAX_EVENT_BYTES:
                await _too_large(send)
                return
        problem = _problem(bytes(body))
        if problem is not None:
            await refuse(send, *problem)
            return
        await self.app(scope, _replayed(bytes(body), receive), send)


def _replayed(body: bytes, receive: Receive) -> Receive:
    read = False

    async def replay() -> Message:
        nonlocal read
        if read:
            return await receive()
        read = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _problem(body: bytes) -> tuple[int, str, str] | None:
    """Status, code and words for an event that is not passed on."""
    if not body:
        return None
    try:
        event = strict_json.loads(body)
    except ValueError:
        return 400, "bad_event", "The message is no JSON that this page sends. Reload the page."
    if not isinstance(event, dict):
        return 400, "bad_event", "The message is not one that this page sends. Reload the page."
    for items, (depth, name, value) in enumerate(_walk(event), start=1):
        if depth > MAX_EVENT_DEPTH or items > MAX_EVENT_ITEMS:
            return 413, "too_large", "The message has too many parts. Reload the page."
        if name == "path" and isinstance(value, str) and value.strip().lower().startswith(_ADDRESSES):
            return 403, "not_here", "Upload the file itself; addresses are not fetched."
    return None


def _walk(event: Any) -> Iterator[tuple[int, str, Any]]:
    """Depth, name and value of everything in it."""
    todo: list[tuple[int, str, Any]] = [(0, "", event)]
    while todo:
        depth, name, value = todo.pop()
        yield depth, name, value
        if isinstance(value, dict):
            todo += [(depth + 1, key, item) for key, item in value.items()]
        elif isinstance(value, list):
            todo += [(depth + 1, "", item) for item in value]


async def _too_large(send: Send) -> None:
    allowed = MAX_EVENT_BYTES // 1024
    await refuse(
        send, 413, "too_large", f"The message is too large: at most {allowed} KB. Upload files on their own."
    )
