"""Given: a case as it was handed in, before anything is decoded."""

from __future__ import annotations

import os
from dataclasses import dataclass

from mm_core.samples import InvalidInput, Sample
from mm_core.samples.limits import MAX_AUDIO_SECONDS, MAX_PICTURE_SIDE, MAX_TEXT_CHARACTERS

File = str | os.PathLike[str] | bytes
"""A path or the bytes of a file."""


@dataclass(frozen=True)
class Given:
    """Text, picture and voice as handed in, any of them; for the model in this process and for one over HTTP.

    insist: modalities to use even where the checks say they can't be judged.
    """

    text: str | None = None
    image: File | None = None
    audio: File | None = None
    insist: tuple[str, ...] = ()
    noise_reduction: bool = False

    def read(self) -> Sample:
        """Decode and check; InvalidInput says what is wrong."""
        return Sample.read(
            self.text, self.image, self.audio, insist=self.insist, noise_reduction=self.noise_reduction
        )


def check_size(sample: Sample) -> None:
    """InvalidInput where a sample that came from a record that somebody sends is larger than what ``Sample.read``
    gives, or holds no numbers."""
    import numpy as np

    sides = (0,) if sample.image is None else sample.image.pixels.shape[:2]
    crop = 1 if sample.image is None else sample.image.crop().size
    sound = np.zeros(1, np.float32) if sample.audio is None else sample.audio.waveform
    seconds = 0.0 if sample.audio is None else sample.audio.seconds
    fits = len(sample.text or "") <= MAX_TEXT_CHARACTERS and max(sides) <= MAX_PICTURE_SIDE and crop > 0
    if not fits or seconds > MAX_AUDIO_SECONDS or not len(sound) or not np.isfinite(sound).all():
        raise InvalidInput("The inputs in this record are larger than this app reads, or damaged. Give them anew.")
