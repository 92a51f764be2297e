"""Mutated uploads: no 500, no hang, no path or traceback, and JSON every time.

They go through the whole application in this process, from the form to the answer, without a socket.
TRIAD_FUZZ_UPLOADS sets their number; 10,000 take about two minutes. The smallest body that breaks something is put
into ``corpus/``, to be named and kept.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
from collections.abc import Iterator
from functools import cache

import pytest
import soundfile
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image

from mm_core.serving.limits import Limits
from mm_core.serving.service import Service
from tests.faults.conftest import LEAKS
from tests.faults.test_corpus import CORPUS
from tests.serving import uploads
from tests.serving.conftest import rest_app
from tests.serving.direct import Direct
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
        Image.open(io.BytesIO(uploads.png(1, (16, 16)))).save(file, kind)
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
        parts.append(part("force", b"image,audio,text", None))
    if not draw(st.integers(0, 9)):
        odd_name = draw(st.sampled_from(("text", "image", "force", "noise_reduction", "x", "")))
        parts.append(part(odd_name, draw(st.binary(max_size=20)), draw(st.sampled_from((None, "a")))))
    body = b"".join(parts) + b"--" + BOUNDARY + b"--\r\n"
    if not draw(st.integers(0, 9)):
        place = draw(st.integers(0, len(body)))
        body = body[:place] + draw(st.binary(max_size=8)) + body[place + draw(st.integers(0, 8)) :]
    return body


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


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
    last: list[bytes] = []

    @settings(
        max_examples=UPLOADS,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(forms())
    def upload(body: bytes) -> None:
        last[:] = [body]
        status, headers, answer = direct.post("/predict", body, BOUNDARY, MOST_SECONDS_EACH)
        assert status in EXPECTED, answer
        seen[status] += 1
        assert headers[b"content-type"] == b"application/json"
        assert not [leak for leak in LEAKS if leak.encode() in answer], answer
        parsed = json.loads(answer, parse_constant=lambda name: pytest.fail(f"{name} in an answer"))
        assert ("emotion" in parsed) == (status == 200)
        assert ("error" in parsed) == (status != 200)

    started = time.perf_counter()
    try:
        upload()
    except (Exception, pytest.fail.Exception):  # Hypothesis ends with the smallest one
        (CORPUS / f"found-{hashlib.sha256(last[0]).hexdigest()[:8]}.form").write_bytes(last[0])
        raise
    print(f"{sum(seen.values())} uploads in {time.perf_counter() - started:.0f} s: {seen}")
    # The mutations are neither all harmless nor all hopeless.
    assert min(seen[200], seen[422], seen[400]) > UPLOADS // 100
    good = part("text", b"so happy", None) + b"--" + BOUNDARY + b"--\r\n"
    status, _, _ = direct.post("/predict", good, BOUNDARY, MOST_SECONDS_EACH)
    assert status == 200
