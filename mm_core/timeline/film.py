"""Films: pictures and sound of a file, decoded piece by piece with PyAV and never held as a whole.

Pictures and sound are read through two readers of their own, so that a file with all its pictures before all its
sound takes no more memory than any other. Nothing but pixels and samples leaves: no title, no place, no time.

Shapes: H, W pixels; T samples at 16 kHz.
"""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mm_core.locale import say
from mm_core.samples.errors import InvalidInput
from mm_core.samples.limits import (
    FILM_PICTURE_SIDE,
    FILM_PICTURES_A_SECOND,
    MAX_AUDIO_CHANNELS,
    MAX_AUDIO_RATE,
    MAX_FILM_BYTES,
    MAX_FILM_PIXELS,
    MAX_FILM_RATE,
    MAX_FILM_SECONDS,
    MAX_FILM_TRACKS,
    MIN_AUDIO_RATE,
    SAMPLE_RATE,
)

if TYPE_CHECKING:
    import av
    from av.container import InputContainer

Given: TypeAlias = str | os.PathLike[str] | bytes | int
"""A path, the bytes of a film, or an open file descriptor, which stays the caller's."""

ENDINGS: Final = (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".wav", ".flac")
"""Names of films that a file dialogue offers; what is read is decided by the content."""

PICTURE_CODECS: Final = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mjpeg"})
SOUND_CODECS: Final = frozenset({"aac", "mp3", "opus", "vorbis", "flac", "alac", "ac3", "eac3"})
"""What cameras, phones and browsers write, and any PCM. None of the hundreds of others in FFmpeg is opened."""

TICK: Final = 1.0 / FILM_PICTURES_A_SECOND
"""Seconds between two pictures that are looked at."""

BLOCK_SECONDS: Final = 0.5
"""Length of a piece of sound."""

_MOST_DAMAGED: Final = 50
"""Damaged packets in a row after which a track counts as ended."""

_LARGEST_GAP: Final = 0.05
"""Seconds by which the time of a piece of sound may be off before silence is put in or sound left out."""

_PIXEL_SLACK: Final = 1.02
"""Decoders count in blocks of 16: a picture of 1080 rows is 1088 inside."""

_PROBE_BYTES: Final = 2 * 1024**2


@dataclass(frozen=True)
class Facts:
    """What a film says of itself. seconds: as declared, None where it is not. size: width and height upright, None
    without a picture. sound_tracks: how many it has."""

    seconds: float | None
    size: tuple[int, int] | None
    sound_tracks: int


@dataclass(frozen=True, eq=False)
class Frame:
    """A picture of a film. time: seconds at which it is looked at. shown_at: seconds at which it came up. pixels:
    (H, W, 3) uint8 RGB, upright, longest side at most ``FILM_PICTURE_SIDE``; the very same array while the picture
    stays."""

    time: float
    shown_at: float
    pixels: NDArray[np.uint8]


class Film(Protocol):
    """A film that can be read from the start, pictures and sound apart, each once and as far as one likes.

    InvalidInput, from anything here, for what can't be read.
    """

    facts: Facts

    def frames(self) -> Iterator[Frame]:
        """The picture shown at every ``TICK``."""

    def sound(self) -> Iterator[NDArray[np.float32]]:
        """The sound (T,) mono 16 kHz, gapless from 0 on, in pieces of ``BLOCK_SECONDS``."""

    def close(self) -> None:
        """Let go of the file."""


class FilmFile:
    """A film read in this process. track: which sound track is heard, from 1. start: seconds from which on pictures
    are wanted."""

    def __init__(self, given: Given, track: int = 1, start: float = 0.0) -> None:
        self._content = _Content(given)
        self._start = start
        self._opened: list[InputContainer] = []
        try:
            container = self._container()
            self.facts = _facts(container)
            if track != 1 and not 1 <= track <= self.facts.sound_tracks:
                raise InvalidInput(say("film-no-such-track", track=track, count=self.facts.sound_tracks))
            self._track = track - 1
        except BaseException:
            self.close()
            raise

    def frames(self) -> Iterator[Frame]:
        """See ``Film``."""
        if self.facts.size is None:
            return
        tick, last, shown = math.ceil(self._start / TICK - 1e-6), None, None
        for picture in self._pictures():
            if picture[0] > MAX_FILM_SECONDS:
                break
            while last is not None and tick * TICK < picture[0] - 1e-6:
                shown = _shown(tick, last, shown)
                yield shown
                tick += 1
            last = picture
            tick = max(tick, math.ceil(last[0] / TICK - 1e-6))
        if last is not None and (shown is None or tick * TICK < last[0] + TICK):
            yield _shown(tick, last, shown)

    def sound(self) -> Iterator[NDArray[np.float32]]:
        """See ``Film``."""
        if not self.facts.sound_tracks:
            return
        size, most = int(BLOCK_SECONDS * SAMPLE_RATE), int(MAX_FILM_SECONDS * SAMPLE_RATE)
        waiting, count = np.zeros(0, np.float32), 0
        for time, piece in self._sounds():
            late = round(time * SAMPLE_RATE) - count - len(waiting)
            if late > _LARGEST_GAP * SAMPLE_RATE:
                late = min(late, most)
                while late > 0:  # in pieces: a lie about the time is no reason for a large array
                    silence = min(late, size)
                    waiting, late = np.concatenate((waiting, np.zeros(silence, np.float32))), late - silence
                    while len(waiting) >= size and count < most:
                        yield waiting[:size]
                        waiting, count = waiting[size:], count + size
                    if count >= most:
                        return
            elif late < -_LARGEST_GAP * SAMPLE_RATE:
                piece = piece[-late:]
            waiting = np.concatenate((waiting, piece))
            while len(waiting) >= size:
                yield waiting[:size]
                waiting, count = waiting[size:], count + size
                if count >= most:
                    return
        if len(waiting):
            yield waiting

    def close(self) -> None:
        """See ``Film``."""
        for container in self._opened:
            container.close()
        self._opened.clear()
        self._content.close()

    def _pictures(self) -> Iterator[tuple[float, av.VideoFrame]]:
        """Time of each picture of the film, rising, and the picture."""
        container = self._container()
        stream = _moving(container)[0]
        context = stream.codec_context
        context.thread_count = 1
        context.options = {"max_pixels": str(int(MAX_FILM_PIXELS * _PIXEL_SLACK))}
        origin, last = _origin(container), -math.inf
        if self._start > 0:
            with suppress(OSError, ValueError):  # a film without an index is read from its beginning
                container.seek(int((self._start + origin) * 1_000_000), backward=True)
        for frame in _decoded(container, stream):
            time = None if frame.time is None else float(frame.time) - origin
            if time is None or not math.isfinite(time) or time <= last:
                continue
            last = time
            if time < self._start - 1e-3 or time < 0:
                continue
            if frame.width * frame.height > MAX_FILM_PIXELS * _PIXEL_SLACK:
                raise _too_large()
            yield time, frame

    def _sounds(self) -> Iterator[tuple[float, NDArray[np.float32]]]:
        """Time of each piece of sound and its samples."""
        import av

        container = self._container()
        stream = container.streams.audio[self._track]
        origin = _origin(container)
        resampler, kind = None, None
        for frame in _decoded(container, stream):
            if frame.time is None or not math.isfinite(float(frame.time)) or not frame.samples:
                continue
            time = float(frame.time) - origin
            if time > MAX_FILM_SECONDS:
                return
            new = (frame.format.name, frame.layout.name, frame.sample_rate)
            if new != kind:
                _check_sound(frame.sample_rate, len(frame.layout.channels))
                resampler, kind = av.AudioResampler("flt", "mono", SAMPLE_RATE), new
            assert resampler is not None
            frame.pts = None  # the resampler would keep its own time
            pieces = [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
            wave = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
            if time < 0:
                wave = wave[min(len(wave), round(-time * SAMPLE_RATE)) :]
            yield max(0.0, time), np.nan_to_num(wave.astype(np.float32), posinf=1.0, neginf=-1.0).clip(-1, 1)

    def _container(self) -> InputContainer:
        import av

        with _readable():
            try:
                container = av.open(
                    self._content.reader(),
                    "r",
                    format=self._content.container,
                    metadata_errors="replace",
                    options={"max_streams": str(MAX_FILM_TRACKS), "probesize": str(_PROBE_BYTES)},
                )
            except av.error.MemoryError:  # what FFmpeg says of more tracks than ``max_streams``
                raise InvalidInput(say("film-too-many-tracks", most=MAX_FILM_TRACKS)) from None
        self._opened.append(container)
        return container


class _Content:
    """The bytes of a film, for several readers at once, each with a place of its own."""

    def __init__(self, given: Given) -> None:
        self._bytes = given if isinstance(given, bytes) else None
        self._fd = -1
        if not isinstance(given, bytes):
            self._fd = open_film(given)
        self.size = os.fstat(self._fd).st_size if self._bytes is None else len(self._bytes)
        try:
            if self.size > MAX_FILM_BYTES:
                raise InvalidInput(say("film-too-many-bytes", megabytes=MAX_FILM_BYTES // 1024**2))
            self.container = _container_of(self.reader().read(32) or b"")
        except BaseException:
            self.close()
            raise

    def reader(self) -> io.RawIOBase | io.BytesIO:
        """A reader that begins at the start."""
        return io.BytesIO(self._bytes) if self._bytes is not None else _Reader(self._fd, self.size)

    def close(self) -> None:
        """Close the file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class _Reader(io.RawIOBase):
    """Reads an open file at a place of its own, whatever others of the same file do."""

    def __init__(self, fd: int, size: int) -> None:
        self._fd, self._size, self._place = fd, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        content = os.pread(self._fd, self._size if size < 0 else size, self._place)
        self._place += len(content)
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def tell(self) -> int:
        return self._place


def open_film(path: str | os.PathLike[str] | int) -> int:
    """A file descriptor of a film, which the caller closes; InvalidInput where there is no such file."""
    try:
        if isinstance(path, int):
            return os.dup(path)
        if not Path(path).is_file():
            raise OSError
        return os.open(path, os.O_RDONLY)
    except (OSError, ValueError):
        raise InvalidInput(say("film-no-file")) from None


def _container_of(head: bytes) -> str:
    """FFmpeg's name of the only container that this content is opened as: no playlist, no list of other files."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    if head[:4] == b"\x1aE\xdf\xa3":
        return "matroska"
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"fLaC":
        return "flac"
    raise InvalidInput(say("film-unreadable"))


def _facts(container: InputContainer) -> Facts:
    """Checked against the limits."""
    seconds = None if container.duration is None else container.duration / 1_000_000
    if seconds is not None and not 0 < seconds < math.inf:
        seconds = None
    if seconds is not None and seconds > MAX_FILM_SECONDS + 1:
        raise InvalidInput(say("film-too-long", minutes=round(seconds / 60, 1), most=round(MAX_FILM_SECONDS / 60)))
    size = None
    pictures = _moving(container)
    if pictures:
        context = pictures[0].codec_context
        _check_codec(context, PICTURE_CODECS)
        if context.width * context.height > MAX_FILM_PIXELS:
            raise _too_large()
        rate = pictures[0].average_rate
        if rate is not None and float(rate) > MAX_FILM_RATE:
            raise InvalidInput(say("film-too-fast", most=round(MAX_FILM_RATE)))
        size = (context.width, context.height)
    for stream in container.streams.audio:
        _check_codec(stream.codec_context, SOUND_CODECS)
    if size is None and not container.streams.audio:
        raise InvalidInput(say("film-empty"))
    return Facts(seconds, size, len(container.streams.audio))


def _moving(container: InputContainer) -> list[Any]:
    """The tracks of moving pictures; the cover of a record is none."""
    from av.stream import Disposition

    return [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]


def _check_codec(context: Any, known: frozenset[str]) -> None:
    """context: None where FFmpeg has no decoder for a track."""
    name = "" if context is None else context.codec.canonical_name
    if name not in known and not name.startswith("pcm_"):
        raise InvalidInput(say("film-codec"))


def _check_sound(rate: int, channels: int) -> None:
    if not MIN_AUDIO_RATE <= rate <= MAX_AUDIO_RATE or channels > MAX_AUDIO_CHANNELS:
        raise InvalidInput(say("film-sound", most=MAX_AUDIO_CHANNELS))


def _decoded(container: InputContainer, stream: Any) -> Iterator[Any]:
    """The frames of one track; damaged packets are passed over, as players do."""
    import av

    damaged = 0
    with _readable():
        packets = container.demux(stream)
        while damaged < _MOST_DAMAGED:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.error.EOFError, av.error.InvalidDataError):
                return
            try:
                found = packet.decode()
                damaged = 0
            except av.error.InvalidDataError:
                damaged += 1
                continue
            yield from found


def _origin(container: InputContainer) -> float:
    """Seconds at which the film's own clock begins."""
    return 0.0 if container.start_time is None else container.start_time / 1_000_000


def _shown(tick: int, picture: tuple[float, av.VideoFrame], before: Frame | None) -> Frame:
    """The picture as it is looked at; one that has stayed is not converted again."""
    time, frame = picture
    same = before is not None and before.shown_at == time
    return Frame(tick * TICK, time, before.pixels if before is not None and same else _pixels(frame))


def _pixels(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB, upright, reduced."""
    scale = min(1.0, FILM_PICTURE_SIDE / max(frame.width, frame.height))
    width, height = (max(1, round(length * scale)) for length in (frame.width, frame.height))
    with _readable():
        pixels = frame.to_ndarray(format="rgb24", width=width, height=height)
    # The matrix says how the picture is turned counter-clockwise to be seen upright.
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90) % 4))


@contextmanager
def _readable() -> Iterator[None]:
    """FFmpeg's errors in words for people."""
    import av

    try:
        yield
    except InvalidInput:
        raise
    # Too many tracks are an error of memory to FFmpeg; Python's own is no fault of the film's.
    except (av.error.FFmpegError, OSError, ValueError, IndexError, RuntimeError):
        raise InvalidInput(say("film-damaged")) from None


def _too_large() -> InvalidInput:
    return InvalidInput(say("film-too-large"))
