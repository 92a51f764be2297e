"""Who may ask: pages of the app's own origin and of those named at the start, under host names that are the app's.

A foreign page in a visitor's browser can reach whatever the browser can. A request that carries a foreign Origin is
refused, so neither an answer nor an act is to be had; a foreign Host is refused too, for with DNS rebinding a foreign
page becomes its own origin. An address of digits can't be rebound and passes.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Final
from urllib.parse import SplitResult, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mm_core.serving.guards.refusal import header, refuse

_LOCAL: Final = frozenset({"localhost"})
_CORS: Final = b"access-control-"
_EXPOSED: Final = b"X-Triad-Change, Retry-After"


class KnownOrigins:
    """ASGI middleware. hosts: host names beside local ones and addresses of digits. origins: such as
    ``https://example.org``, whose pages may read answers; cookies are not theirs to send."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] = (), origins: Collection[str] = ()) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts) | _LOCAL
        self.origins = frozenset(origin.lower().rstrip("/") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        host, origin = header(scope, b"host").lower(), header(scope, b"origin").lower()
        if not self._is_ours(host):
            await refuse(send, 421, "foreign_host", "This app does not answer under that name. See --allow-host.")
            return
        allowed = origin in self.origins
        if origin and not allowed and _split(origin).netloc != host:
            await refuse(send, 403, "foreign_origin", "Pages of other sites may not ask here. See --allow-origin.")
            return
        if allowed and scope["method"] == "OPTIONS":
            await _preflight(send, origin)
            return

        async def answering(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(k, v) for k, v in message["headers"] if not k.lower().startswith(_CORS)]
                message = {**message, "headers": headers + (_allowing(origin) if allowed else [])}
            await send(message)

        # What stands behind sees no Origin: the page's library would reflect it, with credentials.
        inner = {**scope, "headers": [(k, v) for k, v in scope["headers"] if k != b"origin"]}
        await self.app(inner, receive, answering)

    def _is_ours(self, host: str) -> bool:
        name = _split(f"//{host}").hostname or ""
        return name in self.hosts or _is_address(name)


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # brackets that do not close
        return urlsplit("")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _allowing(origin: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"access-control-allow-origin", origin.encode()),
        (b"access-control-expose-headers", _EXPOSED),
        (b"vary", b"Origin"),
    ]


async def _preflight(send: Send, origin: str) -> None:
    headers = [
        *_allowing(origin),
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"Accept, Content-Type"),
        (b"access-control-max-age", b"600"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
