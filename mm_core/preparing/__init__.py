"""Data sets as people have them, the public originals or a CSV of one's own, into the tables of ``mm_core.data``."""

from typing import Final

PUBLIC_KINDS: Final = ("fer2013", "muxspace", "ravdess", "emodb", "goemotions", "meld")
"""The public sources whose originals are read."""

KINDS: Final = ("csv", *PUBLIC_KINDS)
