"""Pictures and voices as the tables hold them: face crops as JPEG or PNG, voices as FLAC, mono, 16 kHz, 16 bit."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import soundfile
from numpy.typing import NDArray

from mm_core.samples import InvalidInput
from mm_core.samples.audio import read_clip
from mm_core.samples.faces import locate
from mm_core.samples.image import Picture, read_picture
from mm_core.samples.limits import SAMPLE_RATE
from mm_core.samples.scope import check_clip, check_picture

FACE_SIDE: Final = 224
"""Pixels of a crop's longest side: what the largest preset's image tower sees."""

_JPEG_QUALITY: Final = 95


def face_crop(path: Path, *, whole: bool) -> bytes:
    """The face in a picture as JPEG; with ``whole`` the picture is the face. InvalidInput where none is found."""
    pixels = read_picture(path)
    picture = Picture.whole(pixels) if whole else locate(pixels)
    notice = None if whole else check_picture(picture)
    if notice is not None:
        raise InvalidInput(f"{notice.message} If all pictures are face crops already, say --whole-pictures.")
    return jpeg(reduced(picture.crop(), FACE_SIDE))


def voice(path: Path, *, judge: bool = True) -> bytes:
    """A sound file as FLAC, silence at its ends cut. With ``judge``, InvalidInput where no voice is heard."""
    clip, _ = read_clip(path)
    notice = check_clip(clip) if judge else None
    if notice is not None:
        raise InvalidInput(notice.message)
    buffer = io.BytesIO()
    soundfile.write(buffer, clip.waveform, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def reduced(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Pixels (h, w) or (h, w, 3) with the longest side at most ``side``."""
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    height, width = (max(1, round(length * scale)) for length in pixels.shape[:2])
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels (h, w) grey or (h, w, 3) RGB as JPEG."""
    ordered = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", ordered, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Grey pixels (h, w) as PNG, without loss."""
    return cv2.imencode(".png", pixels)[1].tobytes()
