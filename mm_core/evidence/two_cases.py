"""Two cases side by side: what differs between their answers, and which input makes the difference.

With one model the answer to nothing is the same for both cases, so the gap between two probabilities is exactly the
sum of the gaps between the inputs' Shapley values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mm_core.evidence.record import Evidence
from mm_core.labels import MODALITIES
from mm_core.locale import say

LEAST_GAP: Final = 0.02
"""Difference of two probabilities under which they count as the same."""


@dataclass(frozen=True, eq=False)
class TwoCases:
    """Two records of one model, looked at for one class. ValueError where they come from different models or do not
    know the class."""

    first: Evidence
    second: Evidence
    task: str
    label: str

    def __post_init__(self) -> None:
        if self.first.prediction.model["hash"] != self.second.prediction.model["hash"]:
            raise ValueError("two cases can be compared where one model answered both")
        if self.label not in self.first.coalitions.labels[self.task]:
            raise ValueError("the class that cases are compared for must be known to the model")

    @classmethod
    def of(cls, first: Evidence, second: Evidence) -> TwoCases:
        """The two cases, looked at for the first one's likeliest emotion."""
        return cls(first, second, "emotion", first.prediction.emotion.label)

    @property
    def probabilities(self) -> tuple[float, float]:
        """Of the class, in the first and the second case."""
        first, second = (case.prediction.answers[self.task].probabilities for case in (self.first, self.second))
        return first[self.label], second[self.label]

    def gaps(self) -> dict[str, float]:
        """How much more each input adds to the class's probability in the second case, in MODALITIES order; an input
        that a case lacks adds nothing to it."""
        first, second = (
            case.contributions(self.label, "probability", self.task).shapley for case in (self.first, self.second)
        )
        return {m: second.get(m, 0.0) - first.get(m, 0.0) for m in MODALITIES if m in first or m in second}

    def reach(self) -> float:
        """The largest Shapley value of either case: both charts take it as the end of their axis."""
        games = (case.contributions(self.label, "probability", self.task) for case in (self.first, self.second))
        return max(abs(value) for game in games for value in game.shapley.values())

    def verdict(self) -> str:
        """What differs, in two sentences."""
        lean, other = (case.prediction.answers[self.task].label for case in (self.first, self.second))
        leaning = say("compare-leaning", same="yes" if lean == other else "no", first=lean, second=other)
        before, after = self.probabilities
        gap = after - before
        if abs(gap) < LEAST_GAP:
            return f"{leaning} {say('compare-alike', label=self.label, first=before, second=after)}"
        gaps = self.gaps()
        most = max(gaps, key=lambda modality: gaps[modality] * gap)
        return f"{leaning} {say('compare-differs', label=self.label, first=before, second=after, modality=most)}"
