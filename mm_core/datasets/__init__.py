"""Data sets: originals and CSVs as people have them -> tables on disk -> token banks -> compositions."""

from typing import Final

PUBLIC: Final = {
    "fer2013": "mm_core.datasets.faces:fer2013",
    "muxspace": "mm_core.datasets.faces:muxspace",
    "ravdess": "mm_core.datasets.voices:ravdess",
    "emodb": "mm_core.datasets.voices:emodb",
    "goemotions": "mm_core.datasets.texts:goemotions",
    "meld": "mm_core.datasets.texts:meld",
}
"""The public sources whose originals are read, each with its reader, which is imported when it is used."""

KINDS: Final = ("csv", *PUBLIC)
