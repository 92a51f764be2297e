"""Rows of data sets: content that was checked when the table was made, so it is decoded without searching for a face
or judging what is out of scope."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any, Final

import cv2
import numpy as np
import soundfile
from numpy.typing import NDArray

from .audio import Clip, read_clip
from .image import Picture
from .limits import SAMPLE_RATE
from .sample import Sample


def decode_face(data: bytes) -> NDArray[np.uint8]:
    """Encoded bytes of a data-set row to (h, w, 3) uint8; rows are face crops already, so nothing is searched."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise ValueError("a picture of the data set can't be decoded")
    return np.asarray(image, dtype=np.uint8)


def decode_speech(data: bytes) -> tuple[int, NDArray[np.float32]]:
    """Encoded bytes of a data-set row to (rate, waveform)."""
    waveform, rate = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=False)
    return rate, waveform


_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "text": lambda text: text,
    "image": decode_face,
    "audio": lambda data: read_clip(decode_speech(data))[0].waveform,
}


def read_stored(modality: str, data: Any) -> Any:
    """What an encoder reads of a stored row: text, face pixels (h, w, 3) uint8, or a waveform with trimmed ends."""
    return _READERS[modality](data)


_PARTS: Final[dict[str, Callable[[Any], Any]]] = {
    "text": lambda text: text,
    "image": Picture.whole,
    "audio": lambda waveform: Clip(waveform, 0.0, len(waveform) / SAMPLE_RATE),
}


def sample_of(contents: Mapping[str, Any]) -> Sample:
    """The case that these contents make, each as ``read_stored`` gives it; the whole picture is the face."""
    return Sample(**{modality: _PARTS[modality](content) for modality, content in contents.items()})
