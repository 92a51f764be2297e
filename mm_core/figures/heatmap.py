"""Heatmap: one number for each word, patch or moment, and how it may be shown.

A map that the deletion test found no better than chance is greyed, with the words; so is nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.evidence import Evidence
from mm_core.explain.records import Segments
from mm_core.figures.figure import Row
from mm_core.figures.palette import AMOUNT_SCALE, GREYED_SCALE, SIGNED_SCALE, Scale, colour_at
from mm_core.figures.theme import symmetric
from mm_core.locale import say

UNIT: Final = {"text": "word", "image": "patch", "audio": "moment"}
"""What a person points at in each modality, one and several."""


@dataclass(frozen=True, eq=False)
class Heatmap:
    """values: (U,), one a unit. quantity: what they are, e.g. ``effect on joy``. signed: whether below 0 means
    against. greyed: no better than chance. verdict: the words that must stand beside the map, empty if none.
    chosen: index of a unit to be framed, None if none is.
    """

    values: NDArray[np.float64]
    quantity: str
    signed: bool
    greyed: bool = False
    verdict: str = ""
    chosen: int | None = None

    @property
    def scale(self) -> Scale:
        """The colour scale; it runs over ``bounds``."""
        if self.greyed:
            return GREYED_SCALE
        return SIGNED_SCALE if self.signed else AMOUNT_SCALE

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest value of the scale: centred on 0 if signed or greyed, else from 0."""
        low, high = symmetric(self.values.tolist())
        return (low, high) if self.signed or self.greyed else (0.0, high)

    @property
    def shaded(self) -> bool:
        """Whether any unit has a value at all."""
        return bool(self.values.any())

    def strength(self, index: int) -> float:
        """How far a unit's value reaches towards the end of the scale, -1..1."""
        return float(self.values[index]) / self.bounds[1]

    def colour(self, index: int) -> str:
        """A unit's colour on the scale."""
        low, high = self.bounds
        return colour_at(self.scale, (float(self.values[index]) - low) / (high - low))

    def strongest(self, count: int) -> list[int]:
        """The ``count`` units that matter most, the first the most; units without any effect are left out."""
        order = np.argsort(-np.abs(self.values), kind="stable")[:count]
        return [int(index) for index in order if self.values[index] != 0]


def relevance_heatmap(evidence: Evidence, modality: str, method: str | None = None) -> Heatmap | None:
    """The relevance of one modality's units for the explained class; None if that map was not made."""
    found = evidence.relevance_of(modality, method)
    if found is None:
        return None
    test = evidence.faithfulness_of(modality, method) or evidence.faithfulness_of(modality, method, alone=False)
    verdict = "not tested yet" if test is None else test.verdict
    quantity = f"effect on {found.label}" if found.signed else f"weight for {found.label}"
    # A record from elsewhere may hold anything; what is no number has no effect.
    values = np.nan_to_num(found.values.astype(np.float64), posinf=0.0, neginf=0.0)
    greyed = verdict == "no better than chance"
    return Heatmap(values, quantity, found.signed, greyed, verdict)


def attention_heatmap(
    evidence: Evidence, query: str, unit: int, key: str, layer: int | None = None, head: int | None = None
) -> Heatmap | None:
    """How much one unit of ``query`` attends to each unit of ``key``; None where there is no such attention."""
    between = evidence.attention_between(query, key, layer, head)
    return None if between is None else Heatmap(between[unit], "attention", signed=False)


def attended_heatmap(
    evidence: Evidence, key: str, unit: int, query: str, layer: int | None = None, head: int | None = None
) -> Heatmap | None:
    """How much each unit of ``query`` attends to one unit of ``key``; None where there is no such attention."""
    between = evidence.attention_between(query, key, layer, head)
    return None if between is None else Heatmap(between[:, unit], "attention", signed=False)


def unit_table(units: Segments, heatmap: Heatmap) -> tuple[Row, ...]:
    """One row a unit: where it lies and its value."""
    names = {"text": ("start", "end"), "image": ("left", "top", "right", "bottom"), "audio": ("from_s", "to_s")}
    rows: list[Row] = []
    for index, label in enumerate(units.labels):
        place = dict(zip(names[units.modality], map(float, units.spans[index]), strict=True))
        value = float(heatmap.values[index])
        rows.append({UNIT[units.modality]: label, **place, heatmap.quantity: value})
    return tuple(rows)


def reading_of(heatmap: Heatmap, modality: str) -> str:
    """The sentence that explains a map of this kind, with the verdict on it."""
    if heatmap.quantity == "attention":
        return say("map-attention-reading", modality=modality)
    if heatmap.greyed:
        return say("map-greyed-reading", modality=modality)
    verdict = say("map-verdict", verdict=heatmap.verdict.replace(" ", "-"))
    if heatmap.signed:
        return say("map-signed-reading", modality=modality, verdict=verdict)
    return say("map-amount-reading", modality=modality, verdict=verdict)


def verdict_word(verdict: str) -> str:
    """A verdict of a record, or ``not tested yet``, as people read it."""
    return say("verdict", verdict=verdict.replace(" ", "-"))
