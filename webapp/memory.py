"""What the page holds of a visitor's case while it is looked at: in memory only, briefly, and bounded."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

KEPT_SECONDS: Final = 900
"""Seconds after which a case is forgotten, and an uploaded file deleted, if the page stays open."""

MOST_CASES: Final = 200
"""Cases held at once, of all visitors; the oldest goes first. One is at most about 10 MB."""


class Memory:
    """Cases by (visit, place): a visit is one open page, a place one of its forms. Safe between threads."""

    def __init__(
        self, kept_seconds: float = KEPT_SECONDS, most: int = MOST_CASES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._kept_seconds = kept_seconds
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._cases: OrderedDict[tuple[str, str], tuple[float, Any]] = OrderedDict()

    def put(self, visit: str, place: str, case: Any) -> None:
        """Hold a case; the one that was in this place is forgotten."""
        with self._lock:
            self._cases.pop((visit, place), None)
            self._cases[(visit, place)] = (self._clock(), case)
            self._sweep()

    def replace(self, visit: str, place: str, before: Any, after: Any) -> bool:
        """Hold ``after`` if the place still holds ``before``, the very same object; whether it did."""
        with self._lock:
            self._sweep()
            held = self._cases.get((visit, place))
            if held is None or held[1] is not before:
                return False
            del self._cases[(visit, place)]
            self._cases[(visit, place)] = (self._clock(), after)
        return True

    def get(self, visit: str, place: str) -> Any | None:
        """The case, or None if there is none or it has been forgotten."""
        with self._lock:
            self._sweep()
            held = self._cases.get((visit, place))
        return None if held is None else held[1]

    def forget(self, visit: str, place: str | None = None) -> None:
        """Forget one place of a visit, or all of them."""
        with self._lock:
            for key in [k for k in self._cases if k[0] == visit and place in (None, k[1])]:
                del self._cases[key]

    def sweep(self) -> None:
        """Forget what is too old."""
        with self._lock:
            self._sweep()

    def __len__(self) -> int:
        with self._lock:
            return len(self._cases)

    def _sweep(self) -> None:
        oldest = self._clock() - self._kept_seconds
        while self._cases:
            put_at, _ = next(iter(self._cases.values()))
            if put_at > oldest and len(self._cases) <= self._most:
                break
            self._cases.popitem(last=False)
