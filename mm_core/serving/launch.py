"""The REST routes on the page's own app and port.

A Gradio page on ZeroGPU must be started by its own ``launch()``, so the routes ride on the app that it makes.
"""

from __future__ import annotations

from typing import Any, Final

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mm_core.samples.limits import MAX_FILE_BYTES
from mm_core.serving.rest import router
from mm_core.serving.service import Service

QUEUED_EVENTS: Final = 64
"""Page events that wait at most; the next one is told to come back."""


def launch_options(service: Service, max_upload_bytes: int = MAX_FILE_BYTES) -> dict[str, Any]:
    """Keyword arguments for ``demo.launch(...)``: the routes, their documentation, and limits on what is uploaded.

    max_upload_bytes: of one file handed to the page; the page's batches may need more than one picture does.
    """
    return {
        "app_kwargs": {
            "title": "Triad",
            "routes": list(router(service).routes),
            "docs_url": "/docs",
            "middleware": [Middleware(BoundedBody, most=4 * max_upload_bytes)],
        },
        "max_file_size": max_upload_bytes,
        "show_error": False,
        "allowed_paths": [],
    }


def serve(demo: Any, service: Service, host: str = "127.0.0.1", port: int | None = None, **options: Any) -> Any:
    """Start a Gradio page (``gradio.Blocks``) with the routes beside it; further ``options`` go to ``launch``.

    Returns what ``launch`` returns (it blocks unless ``prevent_thread_lock`` is given).
    """
    demo.queue(max_size=QUEUED_EVENTS)
    return demo.launch(server_name=host, server_port=port, **{**launch_options(service), **options})


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
        if declared.isdigit() and int(declared) > self.most:
            await _refuse(send)
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
            await _refuse(send)


async def _refuse(send: Send) -> None:
    body = b'{"error": {"code": "too_large", "message": "The request is too large. Send smaller files."}}'
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
