"""Hostile films: each is refused in words that say what is allowed, or read within bounds; nothing hangs or leaks."""

from __future__ import annotations

import io
import os
import struct
import time
from fractions import Fraction

import av
import numpy as np
import psutil
import pytest
from PIL import Image

from mm_core.samples import InvalidInput
from mm_core.samples.limits import FILM_PICTURE_SIDE, MAX_FILM_SECONDS, MAX_FILM_TRACKS
from mm_core.serving.films import FilmProcess
from mm_core.timeline import FilmFile
from tests.timeline.films import film, plain, portrait, voice

MUTATIONS = int(os.environ.get("TRIAD_FILM_MUTATIONS", "60"))
"""Changed copies of good films; the nightly run takes 2,000."""


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def read(film_: FilmFile | FilmProcess) -> tuple[int, float]:
    """Pictures and seconds of sound."""
    try:
        pictures = sum(1 for _ in film_.frames())
        return pictures, sum(map(len, film_.sound())) / 16_000
    finally:
        film_.close()


@pytest.fixture(scope="module")
def good() -> bytes:
    return film(1.5, [portrait(160, 120)], [voice(1.5)])


@pytest.fixture(scope="module")
def web() -> bytes:
    return film(1.5, [portrait(160, 120)], [voice(1.5)], container="webm", codecs=("libvpx", "libopus"))


def lying(content: bytes, seconds: float) -> bytes:
    """The same MP4 whose header says another length."""
    place = content.index(b"mvhd") + 4 + 12
    (scale,) = struct.unpack_from(">I", content, place)
    return content[: place + 4] + struct.pack(">I", round(seconds * scale)) + content[place + 8 :]


HOSTILE = {
    "ten thousand tracks": lambda good, web: (
        box(b"ftyp", b"isom\0\0\2\0isom") + box(b"moov", box(b"trak", b"") * 10_000)
    ),
    "no index": lambda good, web: good[: good.index(b"moov") - 4],
    "an index of zeros": lambda good, web: (
        good[: good.index(b"stco")] + bytes(400) + good[good.index(b"stco") + 400 :]
    ),
    "samples at the end of the world": lambda good, web: good.replace(
        good[good.index(b"stco") + 12 : good.index(b"stco") + 16], b"\xff\xff\xff\xf0", 1
    ),
    "boxes within boxes": lambda good, web: box(b"ftyp", b"isom\0\0\2\0isom") + _nested(b"moov", 5_000),
    "a size of zero": lambda good, web: box(b"ftyp", b"isom") + struct.pack(">I", 0) + b"moov" + bytes(1000),
    "half a header": lambda good, web: web[:40],
    "a playlist with a film's first bytes": lambda good, web: (
        b"\0\0\0\x18ftyp#EXTM3U\nhttp://127.0.0.1:9/x.ts\n" * 20
    ),
    "a cluster cut": lambda good, web: web[: len(web) // 2],
    "a segment of unknown codecs": lambda good, web: web.replace(b"V_VP8", b"V_XXX").replace(b"A_OPUS", b"A_XXXX"),
}


def _nested(name: bytes, depth: int) -> bytes:
    content = b""
    for _ in range(depth):
        content = box(name, content)
    return content


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_film_is_refused_or_bounded(name, good, web):
    started = time.monotonic()
    words, (pictures, seconds) = "", (0, 0.0)
    try:
        pictures, seconds = read(FilmFile(HOSTILE[name](good, web)))
    except InvalidInput as refused:
        words = str(refused)
    assert not any(leak in words for leak in ("/", "Traceback", "av.", "Errno"))
    assert pictures <= 8
    assert seconds <= 2.0
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("seconds", [0.001, 90.0, 599.0, 36_000.0])
def test_a_film_that_lies_about_its_length_is_read_as_long_as_it_is(good, seconds):
    pictures, heard = read(FilmFile(lying(good, seconds)))
    assert pictures <= 8
    assert heard == pytest.approx(1.5, abs=0.2)


def test_a_still_picture_of_ten_minutes_is_bounded():
    """A few kilobytes that hold a picture for ten minutes: every tick is the very same array."""
    held = film(1.0, [plain((9, 9, 9))] * 2, [], times=[0.0, MAX_FILM_SECONDS - 1], rate=1)
    frames = list(FilmFile(held).frames())
    assert len(frames) <= 4 * MAX_FILM_SECONDS + 1
    assert len({id(frame.pixels) for frame in frames}) <= 2


def test_frames_of_another_size_than_declared_are_bounded():
    small, large = (
        film(0.5, [plain((9, 9, 9), w, h)], [], container="matroska") for w, h in ((160, 120), (640, 480))
    )
    assert read(FilmFile(small))[0] == read(FilmFile(large))[0]


def test_changed_copies_never_crash_hang_or_leak(good, web):
    random = np.random.default_rng(13)
    process = psutil.Process()
    files, before = process.num_fds(), process.memory_info().rss
    for number in range(MUTATIONS):
        content = bytearray(good if number % 2 else web)
        for place in random.integers(0, len(content), random.integers(1, 12)):
            content[place] = random.integers(0, 256)
        started = time.monotonic()
        try:
            pictures, seconds = read(FilmFile(bytes(content)))
            assert pictures <= 4 * MAX_FILM_SECONDS + 1
            assert seconds <= MAX_FILM_SECONDS
        except InvalidInput:
            pass
        assert time.monotonic() - started < 20
    assert process.num_fds() <= files + 2
    assert process.memory_info().rss - before < 150 * 1024**2


def test_the_process_that_reads_a_film_ends_with_it(good):
    reader = FilmProcess(good)
    child = reader._process.pid
    assert psutil.pid_exists(child)
    read(reader)
    assert not psutil.pid_exists(child)
    for name in ("no index", "ten thousand tracks"):
        with pytest.raises(InvalidInput):
            FilmProcess(HOSTILE[name](good, good))
    assert not [c for c in psutil.Process().children() if "film_worker" in " ".join(c.cmdline())]


@pytest.mark.parametrize("count", [MAX_FILM_TRACKS + 1, 10_000])
def test_tracks_that_can_each_be_read_are_refused_where_there_are_too_many(count):
    content = film(0.3, [plain((9, 9, 9))], [voice(0.3)])
    assert read(FilmFile(with_tracks(content, 3)))[0] > 0  # the helper makes films that can be read
    with pytest.raises(InvalidInput, match=f"more than {MAX_FILM_TRACKS} tracks"):
        FilmFile(with_tracks(content, count))


def test_frames_of_changing_size_are_each_reduced():
    opened = FilmFile(changing(plain((9, 9, 9)), plain((9, 9, 9), 1280, 960)))
    sizes = {frame.pixels.shape[:2] for frame in opened.frames()}
    opened.close()
    assert sizes == {(120, 160), (480, 640)}
    assert FILM_PICTURE_SIDE == 640


def with_tracks(content: bytes, count: int) -> bytes:
    """An MP4 whose last track's header stands there that many times."""
    moov = content.index(b"moov") - 4
    size = struct.unpack_from(">I", content, moov)[0]
    start = content.rindex(b"trak") - 4
    end = start + struct.unpack_from(">I", content, start)[0]
    extra = content[start:end] * (count - 2)
    changed = content[:end] + extra + content[end:]
    assert moov + size == len(content) or moov > content.index(b"mdat")  # so that no place of a sample moves
    return changed[:moov] + struct.pack(">I", size + len(extra)) + changed[moov + 4 :]


def changing(*pictures: np.ndarray) -> bytes:
    """A Matroska film in MJPEG whose pictures differ in size."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as out:
        stream = out.add_stream("mjpeg", rate=4)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuvj420p"
        for number in range(4 * len(pictures)):
            file = io.BytesIO()
            Image.fromarray(pictures[number // 4]).save(file, "JPEG", quality=80)
            packet = av.Packet(file.getvalue())
            packet.stream, packet.pts, packet.dts = stream, number * 250, number * 250
            packet.time_base, packet.duration = Fraction(1, 1000), 250
            out.mux(packet)
    return buffer.getvalue()
