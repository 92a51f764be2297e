"""Closed-loop clients: each sends its next request when it has its answer. Plain sockets, so that they cost little of
the machine that they share with the server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

CONNECTION_ERRORS: Final = (OSError, asyncio.IncompleteReadError, ValueError)
SAME: Final = 1e-3
"""Probabilities further apart than this are different answers."""


@dataclass
class Tally:
    """What clients saw. seconds: one for each answer with status 200. busy: answers with status 503."""

    seconds: list[float] = field(default_factory=list)
    busy: int = 0
    errors: int = 0
    wrong: int = 0
    lasted: float = 0.0

    def add(self, other: Tally) -> None:
        """Put another round of the same clients in."""
        self.seconds += other.seconds
        self.busy += other.busy
        self.errors += other.errors
        self.wrong += other.wrong
        self.lasted += other.lasted


class Connection:
    """One client's connection, opened again where the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send a whole request; status, headers and body of the answer."""
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.streams
        writer.write(request)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.close()
        return int(first.split()[1]), headers, body

    def close(self) -> None:
        """Close it; the next question opens another."""
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


def emotions(body: bytes) -> dict[str, float]:
    """The probabilities of an answer, of the one that an explanation is about, or of the one after a change."""
    answer = json.loads(body)
    return (answer.get("prediction") or answer.get("after") or answer)["emotion"]["probabilities"]


def expected_answers(port: int, requests: Sequence[bytes]) -> list[dict[str, float]]:
    """What each request is answered when it is alone."""

    async def ask() -> list[dict[str, float]]:
        connection = Connection(port)
        found = []
        for request in requests:
            status, _, body = await connection.ask(request)
            if status != 200:
                raise RuntimeError(f"status {status}: {body[:300]!r}")
            found.append(emotions(body))
        connection.close()
        return found

    return asyncio.run(ask())


def load(
    port: int, clients: int, seconds: float, requests: Sequence[bytes], expected: Sequence[dict[str, float]]
) -> Tally:
    """Keep that many clients asking for that long; what had begun is waited for and counted."""
    tally = Tally()

    async def client(number: int, end: float) -> None:
        connection = Connection(port)
        turn = number
        while time.perf_counter() < end:
            turn += 1
            which = turn % len(requests)
            started = time.perf_counter()
            try:
                status, headers, body = await connection.ask(requests[which])
            except CONNECTION_ERRORS:
                tally.errors += 1
                connection.close()
                continue
            if status == 200:
                tally.seconds.append(time.perf_counter() - started)
                tally.wrong += not same(emotions(body), expected[which])
            elif status == 503:
                tally.busy += 1
                await asyncio.sleep(min(float(headers.get("retry-after", "1")), max(0.0, end - time.perf_counter())))
            else:
                tally.errors += 1
        connection.close()

    async def all_of_them() -> None:
        started = time.perf_counter()
        await asyncio.gather(*(client(number, started + seconds) for number in range(clients)))
        tally.lasted = time.perf_counter() - started

    asyncio.run(all_of_them())
    return tally


def same(got: dict[str, float], expected: dict[str, float]) -> bool:
    """Whether two answers have the same probabilities."""
    return got.keys() == expected.keys() and all(abs(got[name] - expected[name]) < SAME for name in got)
