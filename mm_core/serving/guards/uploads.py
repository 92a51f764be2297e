"""How much is kept of what visitors upload: a cap for one, a cap for all, the oldest unused files first to go."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mm_core.serving.guards.refusal import header, refuse
from mm_core.serving.logs import log

MAX_KEPT_BYTES: Final = 1024**3
"""Of all files that the page keeps at once, everybody's."""

MAX_VISIT_BYTES: Final = 440 * 1024**2
"""Of one visitor's uploads within ``VISIT_SECONDS``: two of the largest films, or twenty large cases."""

VISIT_SECONDS: Final = 900.0
"""Seconds for which an upload counts, the time that files are kept."""

UNUSED_SECONDS: Final = 60.0
"""Seconds since its arrival after which a file may go early; an event that uses it has come by then."""

MOST_VISITS: Final = 10_000

_UPLOAD: Final = "/gradio_api/upload"
_BEGINNINGS: Final = ("/", "/config")
_COOKIE: Final = "triad_visit"


class BoundedUploads:
    """ASGI middleware around the page's uploads into ``folder``.

    A visit begins with the page or its configuration; a browser is known by a cookie, a program by its address. An
    upload without a visit is refused, so is one over the visit's cap (413) and one for which there is no room (507).
    """

    def __init__(
        self,
        app: ASGIApp,
        folder: str,
        most: int = MAX_KEPT_BYTES,
        most_a_visit: int = MAX_VISIT_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app = app
        self.folder = Path(folder)
        self.most = most
        self.most_a_visit = most_a_visit
        self._clock = clock
        self._visits: OrderedDict[str, deque[tuple[float, int]]] = OrderedDict()
        self._arriving = 0
        self._room = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"] == _UPLOAD and scope["method"] == "POST":
            await self._upload(scope, receive, send)
        elif scope["path"] in _BEGINNINGS and scope["method"] == "GET":
            await self.app(scope, receive, self._begin(scope, send))
        else:
            await self.app(scope, receive, send)

    def _begin(self, scope: Scope, send: Send) -> Send:
        known = _cookie(scope)
        visit = known if known in self._visits else secrets.token_urlsafe(18)
        for name in (visit, _address(scope)):
            self._visits.setdefault(name, deque())
            self._visits.move_to_end(name)
        while len(self._visits) > MOST_VISITS:
            self._visits.popitem(last=False)
        # Not Secure: the app itself speaks plain HTTP. Lax: in another site's frame the address counts.
        cookie = f"{_COOKIE}={visit}; Path=/; HttpOnly; SameSite=Lax; Max-Age={int(4 * VISIT_SECONDS)}".encode()

        async def beginning(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"set-cookie", cookie)]}
            await send(message)

        return beginning

    async def _upload(self, scope: Scope, receive: Receive, send: Send) -> None:
        uploads = self._visits.get(_cookie(scope), self._visits.get(_address(scope)))
        if uploads is None:
            await refuse(send, 403, "no_visit", "Open the page first, then upload.")
            return
        declared = header(scope, b"content-length")
        if not declared.isdigit():
            await refuse(send, 411, "no_length", "Say how large the upload is (Content-Length).")
            return
        size, now = int(declared[:15]), self._clock()
        while uploads and uploads[0][0] < now - VISIT_SECONDS:
            uploads.popleft()
        if sum(bytes_ for _, bytes_ in uploads) + size > self.most_a_visit:
            allowed, minutes = self.most_a_visit // 1024**2, round(VISIT_SECONDS / 60)
            words = f"You have uploaded a lot: at most {allowed} MB in {minutes} minutes. Try again later."
            await refuse(send, 413, "too_much", words, retry_after=int(VISIT_SECONDS))
            return
        async with self._room:
            room = await asyncio.to_thread(self._make_room, size)
            if room:
                self._arriving += size
        if not room:
            words = "There is no room for more files at the moment. Try again in a few minutes."
            await refuse(send, 507, "no_room", words, retry_after=int(UNUSED_SECONDS))
            return
        uploads.append((now, size))
        try:
            await self.app(scope, receive, send)
        finally:
            self._arriving -= size

    def _make_room(self, size: int) -> bool:
        """Whether that many bytes fit, after the oldest files that nobody uses have gone."""
        files = sorted((stat.st_mtime, stat.st_size, path) for path, stat in _files(self.folder))
        over = sum(bytes_ for _, bytes_, _ in files) + self._arriving + size - self.most
        for made, bytes_, path in files:
            if over <= 0 or made > time.time() - UNUSED_SECONDS:
                break
            path.unlink(missing_ok=True)
            over -= bytes_
        if over > 0:
            log("no room for uploads", files=len(files))
        return over <= 0


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                yield path, path.stat()
        except OSError:  # gone meanwhile
            continue


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return f"address {client[0] if client else ''}"


def _cookie(scope: Scope) -> str:
    try:
        found = SimpleCookie(header(scope, b"cookie")).get(_COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
