"""Stopping: what runs is answered, what waits is told, what comes is turned away."""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from mm_core.serving.guards.refusal import refuse

DRAIN_SECONDS: Final = 20.0
"""Wall-clock seconds in which what runs must be answered once the app is asked to stop."""

RETRY_SECONDS: Final = 30
"""Seconds after which those turned away may ask again: by then another process answers, or nobody."""

_ENDLESS: Final = "/gradio_api/heartbeat/"


class Gate:
    """Counts the requests that are being answered, and lets none in once it is shut. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._shut = False

    @property
    def inside(self) -> int:
        """Requests that are being answered; open pages' heartbeats, which never end, do not count."""
        return self._inside

    @property
    def is_shut(self) -> bool:
        """Whether new requests are turned away."""
        return self._shut

    def shut(self) -> None:
        """Let nobody in any more."""
        self._shut = True

    def wait_until_empty(self, seconds: float) -> bool:
        """Wait for those inside; whether they all left in time."""
        end = time.monotonic() + seconds
        while self._inside and time.monotonic() < end:
            time.sleep(0.02)
        return not self._inside

    def move(self, change: int) -> None:
        """Somebody comes (1) or goes (-1)."""
        with self._lock:
            self._inside += change


class Gated:
    """ASGI middleware: the gate in front of the app."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_ENDLESS):
            await self.app(scope, receive, send)
            return
        if self.gate.is_shut:
            await refuse(send, 503, "closing", "The service is closing. Try again in a minute.", RETRY_SECONDS)
            return
        self.gate.move(1)
        try:
            await self.app(scope, receive, send)
        finally:
            self.gate.move(-1)


def wait_for_signal() -> None:
    """Block the main thread until somebody asks this process to stop (SIGTERM, or SIGINT from Ctrl-C)."""
    asked = threading.Event()

    def ask(*_: Any) -> None:
        asked.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    while not asked.wait(3600):
        pass


def leave_running_threads() -> None:
    """End the process with 0 once it is done, without tearing its libraries down: a thread is still inside of one,
    and C++ would abort under it."""
    atexit.register(os._exit, 0)
