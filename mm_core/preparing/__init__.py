"""Data sets as people have them, the public originals or a CSV of one's own, into the tables of ``mm_core.data``."""

from typing import Final

PUBLIC: Final = {
    "fer2013": "mm_core.preparing.faces:fer2013",
    "muxspace": "mm_core.preparing.faces:muxspace",
    "ravdess": "mm_core.preparing.voices:ravdess",
    "emodb": "mm_core.preparing.voices:emodb",
    "goemotions": "mm_core.preparing.texts:goemotions",
    "meld": "mm_core.preparing.texts:meld",
}
"""The public sources whose originals are read, each with its reader, which is imported when it is used."""

KINDS: Final = ("csv", *PUBLIC)
