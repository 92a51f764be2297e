"""A map over one modality, whatever it shows: words, picture or sound; and the relevance map of each."""

from __future__ import annotations

from dataclasses import replace

from mm_core.evidence import Evidence
from mm_core.figures.figure import Figure
from mm_core.figures.heatmap import Heatmap, relevance_heatmap
from mm_core.figures.pictures import picture_figure
from mm_core.figures.sound import sound_figure
from mm_core.figures.theme import empty
from mm_core.figures.words import words_figure
from mm_core.locale import say

_DRAW = {"text": words_figure, "image": picture_figure, "audio": sound_figure}


def map_figure(evidence: Evidence, modality: str, heatmap: Heatmap, title: str, selectable: bool = False) -> Figure:
    """Draw one number a unit over the words, the picture or the sound."""
    return _DRAW[modality](evidence, heatmap, title, selectable)


def relevance(
    evidence: Evidence, modality: str, method: str | None = None, selectable: bool = False, chosen: int | None = None
) -> Figure:
    """What in one modality speaks for or against the explained class, by the default method if none is named;
    greyed where the deletion test found it no better than chance. ``chosen`` frames one unit."""
    title = say("relevance-title", modality=modality, label=evidence.label)
    heatmap = relevance_heatmap(evidence, modality, method)
    if heatmap is None:
        words = say("relevance-none", method=method or "default", modality=modality)
        return Figure(title, empty(), words, ())
    return map_figure(evidence, modality, replace(heatmap, chosen=chosen), title, selectable)
