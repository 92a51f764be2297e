"""A case as it was handed in, before anything is decoded."""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from .audio import Clip
from .decoding import IN_PROCESS, Decoder
from .errors import InvalidInput
from .image import Box, Face
from .limits import MAX_DECODED_SECONDS, SAMPLE_RATE
from .sample import Sample

_NUMBER: Final = re.compile(r"[0-9]{1,3}")
_PLACE: Final = re.compile(r"(\d{1,5}),(\d{1,5}),(\d{1,5}),(\d{1,5})(?:,(-?\d{1,3}(?:\.\d{1,2})?))?", re.ASCII)

File: TypeAlias = str | os.PathLike[str] | bytes
"""A path or the bytes of a file."""


@dataclass(frozen=True)
class RawInputs:
    """Text, picture and voice as handed in, any of them; for the model in this process and for one over HTTP.

    force: modalities to use even where the checks say they can't be judged. face, reference: see
    ``Sample.read``.
    """

    text: str | None = None
    image: File | None = None
    audio: File | None = None
    force: tuple[str, ...] = ()
    noise_reduction: bool = False
    face: int | Face | None = None
    reference: File | None = None

    @classmethod
    def of(cls, sample: Sample) -> RawInputs:
        """A sample as files without loss, which ``read`` makes the same sample of."""
        picture = sample.image
        return cls(
            text=sample.text,
            image=None if picture is None else png(picture.pixels),
            audio=None if sample.audio is None else wav(_as_given(sample.audio)),
            force=sample.present,
            face=None if picture is None or picture.face is None else Face(picture.face, picture.turn),
            reference=None if sample.reference is None else wav(_as_given(sample.reference)),
        )

    def read(self, decoder: Decoder = IN_PROCESS) -> Sample:
        """Decode and check; InvalidInput says what is wrong."""
        return Sample.read(
            self.text,
            self.image,
            self.audio,
            reference=self.reference,
            force=self.force,
            noise_reduction=self.noise_reduction,
            face=self.face,
            decoder=decoder,
        )


def face_in_words(face: int | Face) -> str:
    """``RawInputs.face`` as one word, which ``face_from_words`` reads."""
    return str(face) if isinstance(face, int) else f"{','.join(map(str, face.box))},{face.turn:.2f}"


def face_from_words(words: str | None) -> int | Face | None:
    """The face that is named by its number, or by left, top, right, bottom and turn; None where nothing is said."""
    said = (words or "").strip()
    if not said:
        return None
    if _NUMBER.fullmatch(said):
        return int(said)
    place = _PLACE.fullmatch(said)
    if place is None:
        raise InvalidInput(
            "A face is named by its number, 1 for the largest, or by its box: left, top, right and bottom in pixels "
            "and the degrees by which it is turned, separated by commas."
        )
    left, top, right, bottom, turn = place.groups()
    return Face(Box(int(left), int(top), int(right), int(bottom)), float(turn or 0))


def png(pixels: np.ndarray) -> bytes:
    """(H, W, 3) uint8 RGB as a PNG file."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "PNG")
    return out.getvalue()


def wav(waveform: np.ndarray) -> bytes:
    """A waveform (T,) at 16 kHz as a WAV file of floats."""
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, waveform, SAMPLE_RATE, format="WAV", subtype="FLOAT")
    return out.getvalue()


def _as_given(clip: Clip) -> np.ndarray:
    """The waveform with the silence back that was trimmed from its ends, so that its times stay what they were."""
    before = round(clip.start * SAMPLE_RATE)
    whole = round(min(clip.given_seconds, MAX_DECODED_SECONDS) * SAMPLE_RATE)
    return np.pad(clip.waveform, (before, max(0, whole - before - len(clip.waveform))))
