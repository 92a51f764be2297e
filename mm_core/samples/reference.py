"""How a person normally sounds: read and checked as a voice is, compared with, and never judged itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.locale import say

from .audio import Clip, Sound, read_clip
from .errors import InvalidInput, Notice
from .scope import MIN_VOICED_SECONDS, is_silent

MIN_REFERENCE_SECONDS: Final = 1.0
"""A reference with less voice than this says too little about how somebody sounds."""

_CODES: Final = "reference-"
"""Begins the codes of notices about references."""


@dataclass(frozen=True, eq=False)
class VoiceInput:
    """A waveform (T,) float32 at 16 kHz to be judged, and waveforms of the same person's normal voice that are only
    compared with; none where it is not known."""

    waveform: NDArray[np.float32]
    references: tuple[NDArray[np.float32], ...] = ()

    def __len__(self) -> int:
        """Samples of the waveform."""
        return len(self.waveform)


def read_reference(
    given: Sound,
    *,
    noise_reduction: bool = False,
    decode: Callable[[bytes], tuple[np.ndarray, float]] | None = None,
) -> tuple[Clip | None, tuple[Notice, ...]]:
    """Decode a normal voice, as ``read_clip`` does; None, with a notice, where it can't be compared with.

    Raises InvalidInput for what can't be decoded.
    """
    try:
        clip, cut = read_clip(given, noise_reduction=noise_reduction, decode=decode)
    except InvalidInput as error:
        raise InvalidInput(say("reference-unreadable", why=str(error))) from None
    unfit = _unfit(clip)
    if unfit is not None:
        return None, (reference_notice(unfit),)
    return clip, tuple(Notice(n.modality, f"{_CODES}{n.code}", say("reference-noted", what=n.message)) for n in cut)


def reference_notice(reason: str) -> Notice:
    """Why a reference is not used: ``silence``, ``no-voice`` and ``short`` for what it holds, ``alone`` where
    there is no voice to judge, ``unused`` where the model compares with none."""
    message = say("reference-not-used", reason=reason, seconds=MIN_REFERENCE_SECONDS)
    return Notice("audio", f"{_CODES}{reason}", message)


def is_about_reference(notice: Notice) -> bool:
    """Whether a notice speaks about a reference."""
    return notice.code.startswith(_CODES)


def _unfit(clip: Clip) -> str | None:
    if is_silent(clip):
        return "silence"
    from .voice import voiced_seconds  # loads torch

    voiced = voiced_seconds(clip.waveform)
    if voiced < MIN_VOICED_SECONDS:
        return "no-voice"
    return "short" if voiced < MIN_REFERENCE_SECONDS else None
