"""Percents, lists, modalities and classes as people read them, in the language in use."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from mm_core.labels import MODALITIES
from mm_core.locale.catalogues import LANGUAGES, current_language, say
from mm_core.locale.formats import KNOWN_LABELS, enumeration, whole_percent


def percent(share: float, sign: bool = True) -> str:
    """A share (0..1) as a whole percent, e.g. ``87%``, or ``87`` without its sign; one that is not finite is said to
    be unknown. Only what is certain is called 100%: 0.997 is ``99%``."""
    return whole_percent(share, _locale(), sign) if math.isfinite(share) else say("unknown-share")


def decimal(value: float, digits: int = 2) -> str:
    """A number with a true minus below 0 and, where it rounds to nothing, none."""
    words = f"{abs(value):.{digits}f}"
    return f"−{words}" if value < 0 and float(words) else words


def points(gap: float) -> str:
    """A difference of two shares in whole points of a hundred, with its sign, e.g. ``+12 points``."""
    rounded = round(100 * gap)
    return say("points", points=abs(rounded), sign="+" if rounded > 0 else "−" if rounded < 0 else "±")


def listed(words: Sequence[str]) -> str:
    """Words as people list them: ``a``, ``a and b``, ``a, b and c``."""
    return enumeration(words, _locale())


def modality_word(modality: str) -> str:
    """What people call a modality: ``words``, ``face`` or ``voice``."""
    return say("modality", modality=modality)


def the_modality(modality: str) -> str:
    """A modality within a sentence: ``the words``, ``the face`` or ``the voice``."""
    return say("the-modality", modality=modality)


def the_modalities(modalities: Iterable[str]) -> str:
    """Modalities within a sentence, e.g. ``the words and the voice``, in the order of MODALITIES."""
    chosen = set(modalities)
    return listed([the_modality(modality) for modality in MODALITIES if modality in chosen])


def label_word(label: str) -> str:
    """What people call a class; one of another model keeps its name."""
    return say("label", label=label) if label in KNOWN_LABELS else label


def task_kind(task: str, labels: Iterable[str]) -> str:
    """What messages choose between: ``emotion`` or ``sentiment``, or ``own`` where the classes are neither but labels
    of somebody's own."""
    return task if KNOWN_LABELS.issuperset(labels) else "own"


def _locale() -> str:
    return LANGUAGES[current_language()].cldr
