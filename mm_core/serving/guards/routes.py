"""What may be asked for: the paths and methods that the page, its clients and the dashboard use. All else is 404.

The page's library brings some eighty routes, among them ones that fetch an address for whoever asks. A list of what
is allowed also holds for routes that a later version brings.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from mm_core.serving.guards.refusal import refuse

_ID: Final = r"[A-Za-z0-9_-]{1,80}"
_ASSET: Final = r"[A-Za-z0-9_.@~/+-]{1,300}"

ALLOWED: Final[dict[str, tuple[str, ...]]] = {
    "GET": (
        r"/",
        r"/(?:health|metrics|docs|openapi\.json)",
        r"/(?:config|theme\.css|favicon\.ico|manifest\.json|robots\.txt|card\.png)",
        rf"/(?:assets|static|svelte)/{_ASSET}",
        r"/gradio_api/(?:info|startup-events|app_id|theme\.css|queue/data|upload_progress)",
        rf"/gradio_api/heartbeat/{_ID}",
        rf"/gradio_api/call/{_ID}/{_ID}",
    ),
    "HEAD": (r"/",),
    "POST": (
        r"/(?:predict|check|explain|what-if|faithfulness|timeline|cases|cases/open)",
        r"/gradio_api/(?:queue/join|upload|cancel|reset)",
        rf"/gradio_api/(?:run|call)/{_ID}",
        rf"/gradio_api/stream/{_ID}(?:/close)?",
    ),
}
"""Paths by method, as regular expressions for the whole path."""

_FILE: Final = "/gradio_api/file="


class AllowedRoutes:
    """ASGI middleware: lets ``ALLOWED`` through, and GET of files under ``folder``, where the page's own lie."""

    def __init__(self, app: ASGIApp, folder: str) -> None:
        self.app = app
        self.folder = PurePosixPath(folder)
        self._patterns = {method: re.compile("|".join(paths)) for method, paths in ALLOWED.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and self.allows(scope["method"], scope["path"])):
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await refuse(send, 404, "not_here", "There is nothing at this address.")
        else:
            await send({"type": "websocket.close", "code": 1000})

    def allows(self, method: str, path: str) -> bool:
        """Whether this is passed on. path: with escapes already resolved."""
        if ".." in path or "\\" in path or "//" in path or not path.isprintable():
            return False
        if method in ("GET", "HEAD") and path.startswith(_FILE):
            return self.folder in PurePosixPath(path.removeprefix(_FILE)).parents
        pattern = self._patterns.get(method)
        return pattern is not None and pattern.fullmatch(path) is not None
