"""Words and numbers as people read them, the same wherever an answer is shown."""

from __future__ import annotations

import math
from typing import Final

MODALITY_WORDS: Final = {"text": "words", "image": "face", "audio": "voice"}
"""What people call the modalities."""


def percent(share: float) -> str:
    """A share (0..1) as a whole percent, e.g. ``87 %``; what is not a number is said to be unknown.

    Only what is certain is called 100 %: 0.997 is ``99 %``.
    """
    if not math.isfinite(share):
        return "unknown"
    whole = round(100 * share)
    return f"{min(whole, 99) if share < 1 else whole} %"
