"""Decoding: the one seam where bytes that somebody sends become arrays.

``Decoder`` says what can be decoded; ``InProcess`` does it here, under the bounds of ``limits``. Servers decode in
worker processes that can be killed (``mm_core.serving.decoders``), which offer the same.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from .audio import decode_sound
from .image import decode_picture


class Decoder(Protocol):
    """Bytes to arrays. Every method raises InvalidInput, in words for people, for what it can't decode."""

    def picture(self, content: bytes) -> np.ndarray:
        """Decode a JPEG, PNG or WebP to (H, W, 3) uint8 RGB, upright, longest side at most ``MAX_PICTURE_SIDE``."""

    def sound(self, content: bytes) -> tuple[np.ndarray, float]:
        """Decode a WAV, FLAC, OGG or MP3 to a waveform (T,) float32, mono, 16 kHz, and the file's own seconds."""


class InProcess:
    """Decodes in this process and thread: for scripts, notebooks and data sets, whose files are one's own."""

    def picture(self, content: bytes) -> np.ndarray:
        """See ``Decoder``."""
        return decode_picture(content)

    def sound(self, content: bytes) -> tuple[np.ndarray, float]:
        """See ``Decoder``."""
        return decode_sound(content)


IN_PROCESS: Final[Decoder] = InProcess()
