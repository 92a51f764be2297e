"""How the person of a film or stream normally sounds: given, or the running mean of what has been heard."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.samples.audio import Clip
from mm_core.samples.limits import SAMPLE_RATE

ENOUGH_SECONDS: Final = 30.0
"""Seconds of speech from which on the mean of a film stands for its speaker's normal voice. The mean of a shorter one
would be what is judged itself."""

KEPT_SECONDS: Final = 30.0
"""Seconds of speech whose mean is taken, the newest."""

FRESH_SECONDS: Final = 10.0
"""Seconds of new speech after which the mean is taken anew."""

_PIECE_SECONDS: Final = 0.5
_VOICED_SHARE: Final = 0.5
"""A piece counts as speech from this share of voice on."""


class Reference:
    """The normal voice that windows are judged against. clip: None as long as there is none. kind: ``given``,
    ``running`` or ``none``, as the record says it."""

    def __init__(
        self,
        given: Clip | None = None,
        *,
        running: bool = True,
        enough: float = ENOUGH_SECONDS,
        fresh: float = FRESH_SECONDS,
    ) -> None:
        """enough: seconds of speech from which on its mean is taken. fresh: seconds of new speech after which it is
        taken anew."""
        self.clip = given
        self.kind = "none" if given is None else "given"
        self._listens = running and given is None
        self._speech: list[NDArray[np.float32]] = []
        self._waiting: NDArray[np.float32] = np.zeros(0, np.float32)
        self._fresh, self._enough, self._again = 0.0, enough, fresh

    def hear(self, sound: NDArray[np.float32]) -> None:
        """Take in the next piece of sound (T,)."""
        if not self._listens:
            return
        self._waiting = np.concatenate((self._waiting, sound))
        size = int(_PIECE_SECONDS * SAMPLE_RATE)
        while len(self._waiting) >= size:
            piece, self._waiting = self._waiting[:size], self._waiting[size:]
            if _is_speech(piece):
                self._speech.append(piece)
                self._fresh += _PIECE_SECONDS
        most = int(KEPT_SECONDS / _PIECE_SECONDS)
        self._speech = self._speech[-most:]
        due = self._again if self.clip is not None else self._enough
        if self._fresh >= due:
            self.take()

    def take(self) -> bool:
        """Take the mean of the speech heard so far as the normal voice; whether there was any."""
        if not self._speech:
            return False
        wave = np.concatenate(self._speech)
        self.clip = Clip(wave, 0.0, len(wave) / SAMPLE_RATE)
        self.kind, self._fresh = "running", 0.0
        return True

    @property
    def speech_seconds(self) -> float:
        """Seconds of speech that are held."""
        return len(self._speech) * _PIECE_SECONDS


def _is_speech(piece: NDArray[np.float32]) -> bool:
    if float(np.abs(piece).max(initial=0.0)) < 1e-3:
        return False
    from mm_core.samples.voice import voiced_seconds  # loads torch

    return voiced_seconds(piece) >= _VOICED_SHARE * _PIECE_SECONDS
