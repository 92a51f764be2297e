"""Mutated uploads: no 500, no hang, no path or traceback, and JSON every time.

They go through the whole application in this process, from the form to the answer, without a socket.
TRIAD_FUZZ_UPLOADS sets their number; 10,000 take about two minutes.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import threading
import time
from collections.abc import Iterator
from functools import cache

import pytest
import soundfile
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from starlette.types import ASGIApp, Message

from mm_core.serving.limits import Limits
from mm_core.serving.service import Service
from tests.faults.conftest import LEAKS
from tests.serving import uploads
from tests.serving.conftest import rest_app
from tests.toys import toy_clip, toy_model

UPLOADS = int(os.environ.get("TRIAD_FUZZ_UPLOADS", "3000"))
EXPECTED = (200, 400, 413, 415, 422)
MOST_SECONDS_EACH = 30.0
"""Wall-clock seconds after which one upload counts as hanging; decoding alone may take ten."""

BOUNDARY = b"triad-fuzz"


@cache
def base_files() -> dict[str, bytes]:
    """Small good files of each format, to be mutated."""
    made = {}
    for kind in ("PNG", "JPEG", "WEBP"):
        file = io.BytesIO()
        Image.open(io.BytesIO(uploads.png(1, (24, 24)))).save(file, kind)
        made[kind.lower()] = file.getvalue()
    for kind in ("WAV", "FLAC", "OGG", "MP3"):
        file = io.BytesIO()
        soundfile.write(file, toy_clip(1, 0.15).waveform, 16_000, format=kind)
        made[kind.lower()] = file.getvalue()
    return made


@st.composite
def mutated(draw: st.DrawFn, kinds: tuple[str, ...]) -> bytes:
    """A file with bytes changed, cut out, repeated, or with the head of another format."""
    content = bytearray(base_files()[draw(st.sampled_from(kinds))])
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, max(0, len(content) - 1)))
        # Headers decide most, so half of the changes fall there.
        place = place % 64 if draw(st.booleans()) else place
        how = draw(st.sampled_from(("byte", "bytes", "cut", "drop", "repeat", "head")))
        if how == "byte" and content:
            content[min(place, len(content) - 1)] = draw(st.integers(0, 255))
        elif how == "bytes":
            content[place : place + 4] = draw(
                st.sampled_from((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\x80\0\0\0"))
            )
        elif how == "cut":
            del content[place:]
        elif how == "drop":
            del content[place : place + draw(st.integers(1, 32))]
        elif how == "repeat":
            content[place:place] = content[place : place + 64]
        else:
            other = base_files()[draw(st.sampled_from(sorted(base_files())))]
            content[:12] = other[:12]
    return bytes(content)


def part(name: str, content: bytes, file_name: str | None) -> bytes:
    """One part of a form, written out by hand so that names may be wrong."""
    given_name = b"" if file_name is None else b'; filename="' + file_name.encode("utf-8", "replace") + b'"'
    head = b'Content-Disposition: form-data; name="' + name.encode("utf-8", "replace") + b'"' + given_name
    return b"--" + BOUNDARY + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


@st.composite
def forms(draw: st.DrawFn) -> bytes:
    """A form with mutated files, odd texts and names; now and then damaged as a whole."""
    parts = []
    if draw(st.booleans()):
        parts.append(
            part("image", draw(mutated(("png", "jpeg", "webp"))), draw(st.sampled_from(("a.png", "../a", ""))))
        )
    if draw(st.booleans()):
        parts.append(
            part("audio", draw(mutated(("wav", "flac", "ogg", "mp3"))), draw(st.sampled_from(("a.wav", "-i"))))
        )
    if draw(st.booleans()):
        parts.append(part("text", draw(st.binary(max_size=40) | st.text(max_size=40).map(utf8)), None))
    if draw(st.integers(0, 4)):
        parts.append(part("insist", b"image,audio,text", None))
    if not draw(st.integers(0, 9)):
        odd_name = draw(st.sampled_from(("text", "image", "insist", "noise_reduction", "x", "")))
        parts.append(part(odd_name, draw(st.binary(max_size=20)), draw(st.sampled_from((None, "a")))))
    body = b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"
    if not draw(st.integers(0, 9)):
        place = draw(st.integers(0, len(body)))
        body = body[:place] + draw(st.binary(max_size=8)) + body[place + draw(st.integers(0, 8)) :]
    return body


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


class Direct:
    """Requests straight into an ASGI app."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.loop = asyncio.new_event_loop()
        # One task runs as long as the loop, as in a server: to it belong the threads that decode.
        self.end = asyncio.Event()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.end.wait(),), daemon=True)
        self.thread.start()

    def post(self, path: str, body: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        asked = asyncio.run_coroutine_threadsafe(self._post(path, body), self.loop)
        return asked.result(MOST_SECONDS_EACH)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.end.set)
        self.thread.join(10)
        self.loop.close()

    async def _post(self, path: str, body: bytes) -> tuple[int, dict[bytes, bytes], bytes]:
        kind = b"multipart/form-data; boundary=" + BOUNDARY
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode(),
            "query_string": b"", "root_path": "", "scheme": "http", "headers": headers,
            "server": ("test", 80), "client": ("test", 1),
        }  # fmt: skip
        incoming = [{"type": "http.request", "body": body, "more_body": False}]
        stays = asyncio.Event()
        sent: list[Message] = []

        async def receive() -> Message:
            if incoming:
                return incoming.pop()
            await stays.wait()  # the client waits for its answer
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        answer = b"".join(message.get("body", b"") for message in sent[1:])
        return sent[0]["status"], dict(sent[0]["headers"]), answer


@pytest.fixture(scope="module")
def direct() -> Iterator[Direct]:
    service = Service(toy_model(), Limits(patience=600.0))
    opened = Direct(rest_app(service))
    yield opened
    opened.close()
    service.close()


@pytest.mark.timeout(3600)
def test_mutated_uploads(direct: Direct) -> None:
    seen: dict[int, int] = dict.fromkeys(EXPECTED, 0)

    @settings(
        max_examples=UPLOADS,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(forms())
    def upload(body: bytes) -> None:
        status, headers, answer = direct.post("/predict", body)
        assert status in EXPECTED, answer
        seen[status] += 1
        assert headers[b"content-type"] == b"application/json"
        assert not [leak for leak in LEAKS if leak.encode() in answer], answer
        parsed = json.loads(answer, parse_constant=lambda name: pytest.fail(f"{name} in an answer"))
        assert ("emotion" in parsed) == (status == 200)
        assert ("error" in parsed) == (status != 200)

    started = time.perf_counter()
    upload()
    print(f"{sum(seen.values())} uploads in {time.perf_counter() - started:.0f} s: {seen}")
    # The mutations are neither all harmless nor all hopeless.
    assert min(seen[200], seen[422], seen[400]) > UPLOADS // 100
    status, _, _ = direct.post("/predict", part("text", b"so happy", None) + b"--" + BOUNDARY + b"--\r\n")
    assert status == 200
