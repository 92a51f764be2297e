"""Prediction: what a model answers for one Sample, ready to be shown and to be sent as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mm_core.labels import PAIRS
from mm_core.wording import MODALITY_WORDS, percent

AGREES_FROM: Final = 0.5
"""Calibrated probability of expressing the same emotion from which a pair is said to agree."""

_DISAGREE: Final = {"text": "the words disagree", "image": "the face disagrees", "audio": "the voice disagrees"}


@dataclass(frozen=True)
class Answer:
    """One task's answer: calibrated probabilities that sum to 1, the largest and its name; ``sure`` is False
    where the confidence lies under the threshold that validation rows set."""

    label: str
    confidence: float
    probabilities: dict[str, float]
    sure: bool

    def to_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "confidence": self.confidence,
            "probabilities": dict(self.probabilities),
            "sure": self.sure,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answer:
        return cls(data["label"], data["confidence"], dict(data["probabilities"]), data["sure"])


@dataclass(frozen=True)
class Prediction:
    """The answers to one case.

    agreement: for each pair of present modalities, as ``text+audio``, the probability that the two express the
    same emotion. present: the modalities used, in house order. warnings: plain sentences. model: name and hash.
    """

    emotion: Answer
    sentiment: Answer
    agreement: dict[str, float]
    present: tuple[str, ...]
    warnings: tuple[str, ...]
    model: dict[str, str]
    milliseconds: float

    def to_json(self) -> dict[str, Any]:
        """The JSON that the command line prints and REST answers."""
        return {
            "emotion": self.emotion.to_json(),
            "sentiment": self.sentiment.to_json(),
            "agreement": dict(self.agreement),
            "present": list(self.present),
            "warnings": list(self.warnings),
            "model": dict(self.model),
            "milliseconds": round(self.milliseconds, 1),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Prediction:
        """The inverse of ``to_json``."""
        return cls(
            emotion=Answer.from_json(data["emotion"]),
            sentiment=Answer.from_json(data["sentiment"]),
            agreement=dict(data["agreement"]),
            present=tuple(data["present"]),
            warnings=tuple(data["warnings"]),
            model=dict(data["model"]),
            milliseconds=data["milliseconds"],
        )

    def sentence(self) -> str:
        """The answer in words, e.g. "Mostly joy, 87 % sure; the voice disagrees." """
        if not self.present:
            return "Nothing to judge: no text, face or voice could be used."
        if not self.emotion.sure:
            head = f"Not sure: {self.emotion.label} is likeliest, at only {percent(self.emotion.confidence)}"
        else:
            head = f"Mostly {self.emotion.label}, {percent(self.emotion.confidence)} sure"
        tail = self.agreement_in_words()
        return f"{head}; {tail}." if tail else f"{head}."

    def agreement_in_words(self) -> str:
        """Who disagrees with whom; empty where there is only one modality."""
        if not self.agreement:
            return ""
        clashes = [pair for pair in PAIRS if self.agreement.get("+".join(pair), 1.0) < AGREES_FROM]
        if not clashes:
            words = " and the ".join(MODALITY_WORDS[m] for m in self.present)
            return f"the {words} agree" if len(self.present) == 2 else "all three agree"
        if len(self.present) == 2:
            first, second = clashes[0]
            return f"{_DISAGREE[second]} with the {MODALITY_WORDS[first]}"
        odd = [m for m in self.present if sum(m in pair for pair in clashes) == 2]
        if len(clashes) == 2 and len(odd) == 1:
            return _DISAGREE[odd[0]]
        if len(clashes) == 3:
            return "words, face and voice all disagree"
        first, second = clashes[0]
        return f"{_DISAGREE[second]} with the {MODALITY_WORDS[first]}"
