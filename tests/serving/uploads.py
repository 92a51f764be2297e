"""Files as people upload them, made in memory."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import soundfile
from PIL import Image

from mm_core.samples import Sample
from tests.toys import toy_clip

INSIST = "image,audio"
"""Noise holds no face and a tone no voice; the tests force their use."""


def png(seed: int = 0, size: tuple[int, int] = (60, 50)) -> bytes:
    """A small picture of noise, different for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def jpeg(seed: int = 0) -> bytes:
    """The same as a JPEG."""
    file = io.BytesIO()
    Image.open(io.BytesIO(png(seed))).save(file, "JPEG")
    return file.getvalue()


def wav(seed: int = 0, seconds: float = 1.0) -> bytes:
    """A wavering tone, different for each seed."""
    file = io.BytesIO()
    soundfile.write(file, toy_clip(seed, seconds).waveform, 16_000, format="WAV")
    return file.getvalue()


def case(seed: int = 0, text: str = "i am so happy today") -> dict[str, Any]:
    """A whole case as keyword arguments of an HTTP client's ``post``."""
    files = {"image": ("face.png", png(seed), "image/png"), "audio": ("voice.wav", wav(seed), "audio/wav")}
    return {"data": {"text": text, "force": INSIST}, "files": files}


def sample(seed: int = 0, text: str = "i am so happy today") -> Sample:
    """What ``case`` is decoded to."""
    return Sample.read(text, png(seed), wav(seed), force=INSIST.split(","))


def form_only(**fields: str) -> dict[str, Any]:
    """Plain fields alone, as multipart/form-data."""
    return {"files": {name: (None, value) for name, value in fields.items()}}
