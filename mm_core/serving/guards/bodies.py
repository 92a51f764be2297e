"""Bodies are bounded in size, and a body that drips in is not waited for."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mm_core.serving.guards.refusal import header, refuse

MAX_BODY_SECONDS: Final = 120.0
"""Wall-clock seconds in which the whole body of any request must have arrived; 200 MB need 14 Mbit/s."""


class BoundedBody:
    """ASGI middleware: a request whose body is larger than ``most`` bytes, or not there after ``seconds``, is
    refused, on every route of the app."""

    def __init__(self, app: ASGIApp, most: int, seconds: float = MAX_BODY_SECONDS) -> None:
        self.app = app
        self.most = most
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = header(scope, b"content-length")
        if declared.isdigit() and (len(declared) > 15 or int(declared) > self.most):
            await _too_large(send)
            return
        end = time.monotonic() + self.seconds
        read, started, complete, late = 0, False, False, False

        async def bounded() -> Message:
            nonlocal read, complete, late
            if complete:
                return await receive()
            try:
                async with asyncio.timeout(max(0.0, end - time.monotonic())):
                    message = await receive()
            except TimeoutError:
                late = True
                return {"type": "http.disconnect"}
            read += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            # To the app it looks as if the sender had left in the middle, so it drops what it has.
            return message if read <= self.most else {"type": "http.disconnect"}

        async def answering(message: Message) -> None:
            nonlocal started
            if started or not (late or read > self.most):
                started = True
                await send(message)

        try:
            await self.app(scope, bounded, answering)
        except Exception:
            if started or not (late or read > self.most):
                raise
        if started:
            return
        if read > self.most:
            await _too_large(send)
        elif late:
            await refuse(send, 408, "too_slow", "The request took too long to arrive. Send it again.")


async def _too_large(send: Send) -> None:
    await refuse(send, 413, "too_large", "The request is too large. Send smaller files.")
