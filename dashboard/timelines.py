"""Slices of a timeline: where it is unsure, where its inputs disagree, where it has no answer."""

from __future__ import annotations

from typing import Final

from mm_core.timeline import Window

SLICES: Final = ("all", "unsure", "disagree", "silent")


def inside(chosen: str, window: Window) -> bool:
    """Whether a window belongs to a slice."""
    if chosen == "unsure":
        return window.prediction is not None and not window.prediction.emotion.sure
    if chosen == "disagree":
        return bool(window.disagreeing)
    return chosen == "all" or window.prediction is None
