"""Out of scope is said, not guessed: what a picture, a clip or a text must hold to be judged.

The thresholds were chosen on the data and on generated counter-examples; benchmarks/scope.py measures them.
"""

from __future__ import annotations

from typing import Final

from .audio import SILENCE_DB, Clip, loudness
from .errors import Notice
from .image import Picture
from .language import (
    NO_LANGUAGE,
    english_candidate,
    is_code,
    known_share,
    language_of,
    language_probabilities,
    words_of,
)

SEVERAL_FACES: Final = "several-faces"
"""Code of the notice that says which of several faces is judged."""

MIN_VOICED_SECONDS: Final = 0.16
"""A clip with less voice than this holds none: five windows of the voice detector."""

SURE_ENGLISH_SHARE: Final = 0.85
"""A text with this share of known English words is English; below, the language identifier is asked."""

MIN_ENGLISH_PROBABILITY: Final = 0.05
"""Under this probability, a text that also has few known words is not English."""

MIN_LANGUAGE_PROBABILITY: Final = 0.3
"""From here on, a text without any known word is said to be in another language rather than in none."""


def check_picture(picture: Picture) -> Notice | None:
    """Return why a picture can't be judged: no face was found in it."""
    if picture.face is not None:
        return None
    return Notice("image", "no-face", "No face was found in the picture.")


def said_of_faces(picture: Picture, asked: bool = False) -> list[Notice]:
    """Return what is to be said where a picture shows several faces: which of them is judged. ``asked``: it was
    chosen, else it is the largest."""
    count = len(picture.faces)
    if count < 2:
        return []
    which = f"face {picture.number} is judged, as asked" if asked else "the largest, face 1, is judged"
    return [Notice("image", SEVERAL_FACES, f"{count} faces were found in the picture; {which}.")]


def check_clip(clip: Clip) -> Notice | None:
    """Return why a clip can't be judged: it is silent, or holds no voice."""
    if is_silent(clip):
        return Notice("audio", "silence", "The sound is silent.")
    from .voice import voiced_seconds  # loads torch

    if voiced_seconds(clip.waveform) < MIN_VOICED_SECONDS:
        return Notice("audio", "no-voice", "No voice was heard in the sound.")
    return None


def is_silent(clip: Clip) -> bool:
    """Whether a clip holds nothing but silence."""
    return bool(loudness(clip.waveform - clip.waveform.mean()) < SILENCE_DB)


def check_text(text: str) -> Notice | None:
    """Return why a text can't be judged: it is code, has no known word or is neither English nor Chinese."""
    words = words_of(text)
    if is_code(text):
        return Notice("text", "code", "The text looks like program code.")
    if not words:
        return Notice("text", "no-known-word", "The text has no words, only emoji, digits or signs.")
    if language_of(text) == "zh":
        return None
    judged = english_candidate(words)
    share = known_share(judged)
    if share >= SURE_ENGLISH_SHARE:
        return None
    languages = language_probabilities(text if judged == words else " ".join(judged))
    foreign = languages.get("en", 0.0) < MIN_ENGLISH_PROBABILITY
    best = max(languages, key=languages.__getitem__)
    named = best != NO_LANGUAGE and languages[best] >= MIN_LANGUAGE_PROBABILITY
    if foreign and (share > 0 or named):
        return Notice("text", "other-language", "The text seems to be neither English nor Chinese.")
    if share == 0:
        return Notice("text", "no-known-word", "The text has no word that is known in English.")
    return None
