"""What a shared link of the page shows in a chat or a post: title, description and picture, in the HTML itself.

Gradio's own tags name Gradio, and a crawler runs no JavaScript, so this changes the page on its way out.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mm_core.locale import say

CARD: Final = Path(__file__).with_name("card.png")
"""The picture; docs/screenshots/card.py draws it."""

CARD_PATH: Final = "/card.png"

CARD_SIZE: Final = (1200, 630)
"""Pixels, the shape in which sites show it uncut."""

_HEAD: Final = re.compile(rb"<head>")
_GRADIOS: Final = re.compile(
    rb'<meta\s+(?:property="og:[^"]*"|name="(?:twitter:[^"]*|description)")\s+content="[^"]*"\s*/?>\s*'
)


def tags(origin: str) -> str:
    """The tags for a page at ``origin``, such as ``https://example.org``; a picture needs its whole address."""
    title, description = say("page-title"), say("page-description")
    width, height = CARD_SIZE
    named = {"description": description, "twitter:card": "summary_large_image"}
    properties = {
        "og:type": "website",
        "og:site_name": say("page-name"),
        "og:title": title,
        "og:description": description,
        "og:url": f"{origin}/",
        "og:image": f"{origin}{CARD_PATH}",
        "og:image:type": "image/png",
        "og:image:width": str(width),
        "og:image:height": str(height),
        "og:image:alt": say("page-card"),
    }
    lines = [f'<meta name="{name}" content="{escape(content)}">' for name, content in named.items()]
    lines += [f'<meta property="{name}" content="{escape(content)}">' for name, content in properties.items()]
    return "\n".join(lines)


class LinkPreview:
    """ASGI middleware around the page: its own tags in place of Gradio's, and the picture that they name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in ("/", CARD_PATH):
            await self.app(scope, receive, send)
        elif scope["path"] == CARD_PATH:
            headers = {"Cache-Control": "public, max-age=86400"}
            await Response(CARD.read_bytes(), media_type="image/png", headers=headers)(scope, receive, send)
        else:
            await self.app(scope, receive, _Tagging(send, tags(_origin(Request(scope)))))


class _Tagging:
    """Holds an HTML page back until it is whole, and sends it with the tags."""

    def __init__(self, send: Send, tags: str) -> None:
        self._send = send
        self._tags = tags.encode()
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(Headers(raw=message["headers"])):
            self._start = message
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = _HEAD.sub(lambda head: head[0] + b"\n" + self._tags, _GRADIOS.sub(b"", self._body), count=1)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["content-length"] = str(len(body))
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(headers: Headers) -> bool:
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers


def _origin(request: Request) -> str:
    """As a visitor's browser sees it: a proxy tells its scheme; the guards let only hosts pass that are the app's."""
    scheme = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return f"{scheme if scheme in ('http', 'https') else request.url.scheme}://{request.url.netloc}"
