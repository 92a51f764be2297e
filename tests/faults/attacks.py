"""Row 16 to 18 and 22 as attacks on a running app, and how long somebody with a plain text waits meanwhile."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil

from tests.faults import files
from tests.faults.records import HUGE

ATTACKERS = 6
PATIENCE_SECONDS = 120.0
AGAIN_SECONDS = 0.1


@dataclass(frozen=True)
class Attack:
    """path: asked with POST. request: keyword arguments of an HTTP client. status: the right answer."""

    name: str
    path: str
    request: Callable[[], dict[str, Any]]
    status: int


def picture(content: bytes) -> dict[str, Any]:
    return {"files": {"image": ("a", content)}}


def many_objects() -> dict[str, Any]:
    body = b'{"data": [' + b"{}," * 4_999_999 + b"{}]}"
    return {"content": body, "headers": {"content-type": "application/json"}}


def huge_number() -> dict[str, Any]:
    change = f'{{"mask_region": [{HUGE}, 0, 1, 1]}}'
    return {"files": {"text": (None, "so happy"), "change": (None, change)}}


ATTACKS = (
    Attack("12,000 scans in a JPEG", "/predict", lambda: picture(files.jpeg_of_many_scans(12_000)), 422),
    Attack("20 MB of EXIF segments", "/predict", lambda: picture(files.jpeg_of_many_segments(2_000_000)), 422),
    Attack("PNG of 1 x 49,999,999", "/predict", lambda: picture(files.png_that_declares(1, 49_999_999)), 422),
    Attack("WebP of 2 x 7000 x 7000", "/predict", lambda: picture(files.webp_of_huge_frames(7_000, 2)), 422),
    Attack("five million JSON objects", "/gradio_api/queue/join", many_objects, 413),
    Attack("400 digits", "/what-if", huge_number, 422),
)


@dataclass
class Siege:
    """What an attack did. waits: seconds of each visitor with a text. growth: bytes by which the memory of the app
    and its decoders grew at most. statuses: of the attackers; 0 where the connection was closed on a sender."""

    waits: list[float] = field(default_factory=list)
    growth: int = 0
    statuses: Counter[int] = field(default_factory=Counter)


def besiege(url: str, process: int, attack: Attack, visits: int = 10, pause: float = 0.2) -> Siege:
    """Six attackers one request after the other, and meanwhile ``visits`` visitors, ``pause`` seconds apart."""
    siege, request, over = Siege(), attack.request(), threading.Event()
    before = memory(process)

    def attacking() -> None:
        with httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as client:
            while not over.is_set():
                try:
                    siege.statuses[client.post(attack.path, **request).status_code] += 1
                except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
                    siege.statuses[0] += 1

    threads = [threading.Thread(target=attacking, daemon=True) for _ in range(ATTACKERS)]
    for thread in threads:
        thread.start()
    try:
        with httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as visitor:
            while len(siege.waits) < visits or not siege.statuses:
                time.sleep(pause)
                started = time.perf_counter()
                while visitor.post("/predict", files={"text": (None, "so happy")}).status_code == 503:
                    time.sleep(AGAIN_SECONDS)  # turned away on a slow machine; that is part of the wait
                siege.waits.append(time.perf_counter() - started)
                siege.growth = max(siege.growth, memory(process) - before)
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
    return siege


def memory(process: int) -> int:
    """Resident bytes of a process and its children."""
    parent = psutil.Process(process)
    found = 0
    for each in (parent, *parent.children(recursive=True)):
        try:
            found += each.memory_info().rss
        except psutil.NoSuchProcess:  # a decoder that was ended
            continue
    return found
