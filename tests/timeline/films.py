"""Short films made with PyAV: a portrait that stays or moves, a tone or a shipped voice, any container."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

import av
import numpy as np
import soundfile
from PIL import Image

from mm_core.resources import EXAMPLES
from tests.samples.sounds import tone

RATE = 16_000


@cache
def portrait(width: int = 320, height: int = 240, name: str = "hopper.jpg") -> np.ndarray:
    """A shipped portrait (H, W, 3) uint8 on grey."""
    with Image.open(EXAMPLES / name) as opened:
        picture = Image.new("RGB", (width, height), (110, 120, 130))
        side = min(width, height)
        picture.paste(opened.convert("RGB").resize((side, side)), ((width - side) // 2, (height - side) // 2))
        return np.asarray(picture)


def voice(seconds: float, name: str = "voice-joyful.flac") -> np.ndarray:
    """A shipped voice, repeated until it is as long: (T,) float at 16 kHz."""
    wave, rate = soundfile.read(EXAMPLES / name, dtype="float32")
    assert rate == RATE
    return np.resize(wave, round(seconds * RATE))


def film(
    seconds: float = 3.0,
    pictures: Sequence[np.ndarray] | None = None,
    sounds: Sequence[np.ndarray] | None = None,
    rate: int = 10,
    container: str = "mp4",
    times: Sequence[float] | None = None,
    codecs: tuple[str, str] = ("libx264", "aac"),
    metadata: dict[str, str] | None = None,
) -> bytes:
    """A film. pictures: shown in turn over its time (default a portrait; empty: none). sounds: one track each
    (default a tone; empty: none). times: when each picture comes up, where not at an even rate."""
    pictures = [portrait()] if pictures is None else pictures
    sounds = [tone(seconds, level=0.3)] if sounds is None else sounds
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as out:
        out.metadata.update(metadata or {})
        video = None
        if len(pictures):
            video = out.add_stream(codecs[0], rate=rate)
            video.height, video.width = pictures[0].shape[:2]
            video.pix_fmt = "yuv420p"
            video.codec_context.time_base = Fraction(1, 1000)
            if codecs[0] == "libx264":
                video.options = {"preset": "ultrafast"}
        tracks = [
            out.add_stream(codecs[1], rate=RATE if codecs[1] != "libopus" else 48_000, layout="mono") for _ in sounds
        ]
        if video is not None:
            stamps = list(times) if times is not None else [n / rate for n in range(round(seconds * rate))]
            for number, stamp in enumerate(stamps):
                frame = av.VideoFrame.from_ndarray(pictures[number * len(pictures) // len(stamps)], "rgb24")
                frame.pts, frame.time_base = round(stamp * 1000), Fraction(1, 1000)
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
        for track, wave in zip(tracks, sounds, strict=True):
            frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None], "flt", "mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
            out.mux(track.encode(frame))
            out.mux(track.encode(None))
    return buffer.getvalue()


def turned(content: bytes) -> bytes:
    """The same MP4, its header saying that its pictures are to be turned by 90 degrees clockwise, as phones do."""
    place = content.index(b"tkhd") + 4 + 40  # version 0: the matrix stands 40 bytes after the name
    matrix = b"".join(int(v).to_bytes(4, "big", signed=True) for v in (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30))
    return content[:place] + matrix + content[place + 36 :]


def plain(colour: tuple[int, int, int], width: int = 160, height: int = 120) -> np.ndarray:
    """A picture of one colour."""
    return np.full((height, width, 3), colour, np.uint8)
