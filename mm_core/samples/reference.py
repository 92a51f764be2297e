"""What a tower reads of a voice when it is told how that person normally sounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class VoiceInput:
    """A waveform (T,) float32 at 16 kHz to be judged, and waveforms of the same person's normal voice that are only
    compared with; none where it is not known."""

    waveform: NDArray[np.float32]
    references: tuple[NDArray[np.float32], ...] = ()

    def __len__(self) -> int:
        """Samples of the waveform."""
        return len(self.waveform)
