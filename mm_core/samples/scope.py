"""Out of scope is said, not guessed: what a picture, a clip or a text must hold to be judged."""

from __future__ import annotations

from .audio import Clip
from .errors import Notice
from .image import Picture

SILENCE_RMS = 10 ** (-60 / 20)
"""Root mean square, of full scale, under which a clip counts as silence (-60 dB)."""


def check_picture(picture: Picture) -> Notice | None:
    """Return why a picture can't be judged: no face was found in it."""
    if picture.face is not None:
        return None
    return Notice("image", "no-face", "No face was found in the picture.")


def check_clip(clip: Clip) -> Notice | None:
    """Return why a clip can't be judged: silence."""
    import numpy as np

    if len(clip.waveform) and float(np.sqrt(np.square(clip.waveform).mean())) >= SILENCE_RMS:
        return None
    return Notice("audio", "silence", "The sound is silent.")


def check_text(text: str) -> Notice | None:
    """Return why a text can't be judged: it holds no letter."""
    if any(character.isalpha() for character in text):
        return None
    return Notice("text", "no-known-word", "The text has no word that is known.")
