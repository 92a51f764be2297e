"""Guards around the page's own app, as ASGI middleware: bodies are bounded, and nothing is fetched from elsewhere."""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_EVENT_BYTES: Final = 16 * 1024**2
"""Of a page event: texts and references to files; the files themselves are uploaded before."""

_PAGE: Final = "/gradio_api/"
_RELAYS: Final = ("/file=http:", "/file=https:", "/proxy=")
"""Routes of the page's library that fetch an address for whoever asks."""


class BoundedBody:
    """ASGI middleware: a request whose body is larger than ``most`` bytes is refused, on every route of the app."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if declared.isdigit() and (len(declared) > 15 or int(declared) > self.most):
            await _refuse(send, 413, "too_large", "The request is too large. Send smaller files.")
            return
        read, started = 0, False

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            # To the app it looks as if the sender had left in the middle, so it drops what it has.
            return message if read <= self.most else {"type": "http.disconnect"}

        async def answering(message: Message) -> None:
            nonlocal started
            if started or read <= self.most:
                started = True
                await send(message)

        try:
            await self.app(scope, bounded, answering)
        except Exception:
            if read <= self.most or started:
                raise
        if read > self.most and not started:
            await _refuse(send, 413, "too_large", "The request is too large. Send smaller files.")


class NothingFromElsewhere:
    """ASGI middleware: a request that names an address in place of a file is refused.

    The page's library would fetch it: left alone, it is an open relay to public hosts, and it asks a public name
    server about private ones.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _PAGE not in scope["path"]:
            await self.app(scope, receive, send)
        elif any(relay in scope["path"].lower() for relay in _RELAYS):
            await _refuse(send, 403, "not_here", "Only files of this app are served.")
        elif scope["method"] == "POST" and not _is_form(scope):
            await self._event(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _event(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MAX_EVENT_BYTES:
                await _refuse(send, 413, "too_large", "The request is too large. Upload files on their own.")
                return
        if _names_an_address(bytes(body)):
            await _refuse(send, 403, "not_here", "Upload the file itself; addresses are not fetched.")
            return
        read = False

        async def replay() -> Message:
            nonlocal read
            if read:
                return await receive()
            read = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self.app(scope, replay, send)


def _is_form(scope: Scope) -> bool:
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return kind.lower().startswith(b"multipart/form-data")


def _names_an_address(body: bytes) -> bool:
    """Whether any object in this JSON has an address as its ``path``, which is where a file of the page stands."""
    found = False

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        for name, value in pairs:
            if name == "path" and isinstance(value, str) and value.strip().lower().startswith(("http:", "https:")):
                found = True
        return dict(pairs)

    try:
        json.loads(body, object_pairs_hook=look)
    except ValueError:
        return False  # the app refuses it as no JSON
    except RecursionError:
        return True  # too deep for the app as well
    return found


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
