"""A case as it was handed in, before anything is decoded."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from .audio import Clip
from .decoding import IN_PROCESS, Decoder
from .limits import MAX_DECODED_SECONDS, SAMPLE_RATE
from .sample import Sample

File: TypeAlias = str | os.PathLike[str] | bytes
"""A path or the bytes of a file."""


@dataclass(frozen=True)
class RawInputs:
    """Text, picture and voice as handed in, any of them; for the model in this process and for one over HTTP.

    force: modalities to use even where the checks say they can't be judged.
    """

    text: str | None = None
    image: File | None = None
    audio: File | None = None
    force: tuple[str, ...] = ()
    noise_reduction: bool = False

    @classmethod
    def of(cls, sample: Sample) -> RawInputs:
        """A sample as files without loss, which ``read`` makes the same sample of."""
        return cls(
            text=sample.text,
            image=None if sample.image is None else png(sample.image.pixels),
            audio=None if sample.audio is None else wav(_as_given(sample.audio)),
            force=sample.present,
        )

    def read(self, decoder: Decoder = IN_PROCESS) -> Sample:
        """Decode and check; InvalidInput says what is wrong."""
        return Sample.read(
            self.text,
            self.image,
            self.audio,
            force=self.force,
            noise_reduction=self.noise_reduction,
            decoder=decoder,
        )


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
