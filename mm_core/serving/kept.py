"""Records on their way from one user interface to the other: held briefly, in memory, under unguessable names.

The page keeps a record here when a visitor follows its link to the dashboard, and the dashboard when one goes back;
the address carries the name alone (``?kept=NAME``). A name is known to whoever has the address, so it is short-lived.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from mm_core.samples.errors import InvalidInput

KEPT_SECONDS: Final = 900.0
"""As long as the page holds a case that is looked at."""

MOST_RECORDS: Final = 200
MOST_BYTES: Final = 256 * 2**20
"""Of all records together; the oldest go first. One with its inputs takes 1 to 8 MB."""

NAME: Final = re.compile(r"[A-Za-z0-9_-]{22}")
"""128 random bits."""


class KeptRecords:
    """``.triad`` files by name. Safe between threads."""

    def __init__(
        self,
        seconds: float = KEPT_SECONDS,
        most_records: int = MOST_RECORDS,
        most_bytes: int = MOST_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._most_records = most_records
        self._most_bytes = most_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._files: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def put(self, content: bytes) -> str:
        """Hold a file; its name. InvalidInput for one that is larger than all records together may be."""
        if len(content) > self._most_bytes:
            raise InvalidInput("This case is too large to be handed on. Save it as a file instead.")
        name = secrets.token_urlsafe(16)
        with self._lock:
            self._files[name] = (self._clock(), content)
            self._sweep()
        return name

    def get(self, name: str) -> bytes:
        """The file of that name; InvalidInput where there is none (any more)."""
        with self._lock:
            self._sweep()
            found = self._files.get(name)
        if found is None:
            minutes = round(self._seconds / 60)
            raise InvalidInput(
                f"This link no longer leads to a case: one is held for {minutes} minutes. Open it again from where "
                "it was shown, or save it as a file."
            )
        return found[1]

    def sweep(self) -> None:
        """Forget what is too old."""
        with self._lock:
            self._sweep()

    def __len__(self) -> int:
        with self._lock:
            return len(self._files)

    def _sweep(self) -> None:
        oldest = self._clock() - self._seconds
        size = sum(len(content) for _, content in self._files.values())
        while self._files:
            put_at, content = next(iter(self._files.values()))
            if put_at > oldest and len(self._files) <= self._most_records and size <= self._most_bytes:
                break
            self._files.popitem(last=False)
            size -= len(content)
