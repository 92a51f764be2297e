"""A window as a case of its own, from the film again: nothing of a film is held while it is looked at."""

from __future__ import annotations

from contextlib import closing
from typing import Final

import numpy as np

from mm_core.locale import say
from mm_core.samples.errors import InvalidInput
from mm_core.samples.image import Box, Face
from mm_core.samples.limits import MIN_AUDIO_SECONDS, SAMPLE_RATE
from mm_core.samples.raw_inputs import File, RawInputs, png, wav
from mm_core.timeline.film import Film
from mm_core.timeline.record import Window

REACH: Final = 0.3
"""Seconds before a picture from which on it is looked for."""


def moment_inputs(film: Film, window: Window, reference: File | None = None) -> RawInputs:
    """What a window was answered from: its picture with the face that was read, its sound, its words. Closes the
    film, which is to be read from ``search_from(window)`` on."""
    with closing(film):
        picture = None if window.shown_at is None else _picture(film, window.shown_at)
        sound = _sound(film, window)
    face = None if window.box is None else Face(Box(*window.box), window.turn)
    return RawInputs(
        text=window.text,
        image=None if picture is None else png(picture),
        audio=None if sound is None else wav(sound),
        face=face if picture is not None else None,
        reference=reference if sound is not None else None,
    )


def search_from(window: Window) -> float:
    """Seconds of the film from which on its pictures are wanted."""
    return 0.0 if window.shown_at is None else max(0.0, window.shown_at - REACH)


def _picture(film: Film, shown_at: float) -> np.ndarray:
    for frame in film.frames():
        if frame.shown_at >= shown_at - 1e-3:
            return frame.pixels
    raise InvalidInput(say("film-changed"))


def _sound(film: Film, window: Window) -> np.ndarray | None:
    """The samples (T,) of the window; None where the film has no sound there."""
    first, last = round(window.start * SAMPLE_RATE), round(window.end * SAMPLE_RATE)
    kept, count = [np.zeros(0, np.float32)], 0
    for piece in film.sound():
        kept.append(piece[max(0, first - count) : max(0, last - count)])
        count += len(piece)
        if count >= last:
            break
    wave = np.concatenate(kept)
    return wave if len(wave) >= MIN_AUDIO_SECONDS * SAMPLE_RATE else None
