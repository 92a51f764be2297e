"""Words and numbers as people read them, the same wherever an answer is shown."""

from __future__ import annotations

from typing import Final

from mm_core.locale import percent

__all__ = ["MODALITY_WORDS", "decimal", "percent"]

MODALITY_WORDS: Final = {"text": "words", "image": "face", "audio": "voice"}
"""What people call the modalities."""


def decimal(value: float, digits: int = 2) -> str:
    """A number with a true minus below 0 and, where it rounds to nothing, none."""
    words = f"{abs(value):.{digits}f}"
    return f"−{words}" if value < 0 and float(words) else words
