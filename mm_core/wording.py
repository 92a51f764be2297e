"""Words and numbers as people read them, the same wherever an answer is shown."""

from __future__ import annotations

from typing import Final

from mm_core.locale import percent

__all__ = ["MODALITY_WORDS", "percent"]

MODALITY_WORDS: Final = {"text": "words", "image": "face", "audio": "voice"}
"""What people call the modalities."""
