"""How a guard says no: JSON with a code and a sentence, never a word of the request."""

from __future__ import annotations

import json

from starlette.types import Scope, Send


async def refuse(send: Send, status: int, code: str, message: str, retry_after: int | None = None) -> None:
    """Answer in place of the app, and close the connection: the rest of the request is not read."""
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    headers = [(b"content-type", b"application/json"), (b"connection", b"close"), (b"cache-control", b"no-store")]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def header(scope: Scope, name: bytes) -> str:
    """A header of the request, empty where there is none."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
