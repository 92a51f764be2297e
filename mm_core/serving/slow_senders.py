"""Connections whose request never comes: uvicorn waits for headers without a limit, so somebody else has to look."""

from __future__ import annotations

import threading
import time
from typing import Any, Final

MAX_HEADER_SECONDS: Final = 15.0
"""Wall-clock seconds in which the headers of a connection's first request must have arrived."""

_LOOK_SECONDS: Final = 2.0


def close_slow_senders(server: Any, most: float = MAX_HEADER_SECONDS, pause: float = _LOOK_SECONDS) -> None:
    """Watch a ``uvicorn.Server`` from a thread of its own and close connections without a request for ``most``
    seconds. Idle ones that had a request are closed by uvicorn itself."""

    def watch() -> None:
        first_seen: dict[int, float] = {}
        while not server.should_exit:
            time.sleep(pause)
            now = time.monotonic()
            waiting = [c for c in list(server.server_state.connections) if getattr(c, "cycle", True) is None]
            first_seen = {id(c): first_seen.get(id(c), now) for c in waiting}
            for connection in waiting:
                if now - first_seen[id(connection)] > most:
                    connection.loop.call_soon_threadsafe(connection.transport.abort)

    threading.Thread(target=watch, name="slow senders", daemon=True).start()
