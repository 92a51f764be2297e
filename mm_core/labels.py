"""The words of the field that every room shares: modalities, emotions, sentiments and the map between them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Final

MODALITIES: Final = ("text", "image", "audio")
EMOTIONS: Final = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
SENTIMENTS: Final = ("negative", "neutral", "positive")

PAIRS: Final = tuple(combinations(MODALITIES, 2))
"""The unordered pairs of modalities, in the order of the agreement head's three outputs."""

COALITIONS: Final = tuple(
    tuple(members) for size in range(len(MODALITIES) + 1) for members in combinations(MODALITIES, size)
)
"""All eight subsets of the modalities, the empty one first and all three last."""

SENTIMENT_OF_EMOTION: Final[dict[str, str | None]] = {
    "anger": "negative",
    "disgust": "negative",
    "fear": "negative",
    "joy": "positive",
    "neutral": "neutral",
    "sadness": "negative",
    "surprise": None,
}
"""An emotion's usual sign; surprise has none, so it is masked in the sentiment loss."""


def coalition_name(members: Iterable[str]) -> str:
    """Name a set of modalities, e.g. ``text+audio``; the empty set is ``none``."""
    chosen = set(members)
    return "+".join(m for m in MODALITIES if m in chosen) or "none"


def pair_name(pair: tuple[str, str]) -> str:
    """Name a pair of modalities, e.g. ``text+audio``, as agreement is keyed by."""
    return "+".join(pair)
