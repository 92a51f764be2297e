"""Prediction: what a model answers for one Sample, ready to be shown and to be sent as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from mm_core.labels import MODALITIES, PAIRS, pair_name
from mm_core.locale import say, the_modalities

Bounds = tuple[float, float]
"""Two calibrated probabilities that a pair expresses the same emotion: under the first the two are said to disagree,
from the second to agree."""

EVEN_CHANCE: Final[Bounds] = (0.5, 0.5)
"""Bounds of a model that has none of its own."""

VERDICTS: Final = ("agree", "disagree", "nothing")
"""What can be said of a pair."""


def verdict(probability: float, bounds: Bounds = EVEN_CHANCE) -> str:
    """One of VERDICTS about a pair, from the probability that it expresses the same emotion."""
    low, high = bounds
    return "disagree" if probability < low else "agree" if probability >= high else "nothing"


@dataclass(frozen=True)
class Answer:
    """One task's answer: calibrated probabilities that sum to 1, the largest and its name; ``sure`` is False
    where the confidence lies under the threshold that validation rows set."""

    label: str
    confidence: float
    probabilities: dict[str, float]
    sure: bool

    @classmethod
    def of(cls, labels: Sequence[str], probabilities: Sequence[float], unsure_below: float) -> Answer:
        """From calibrated probabilities (C,) in the order of ``labels``; of equals the first."""
        top = max(range(len(probabilities)), key=probabilities.__getitem__)
        return cls(
            label=labels[top],
            confidence=probabilities[top],
            probabilities=dict(zip(labels, probabilities, strict=True)),
            sure=probabilities[top] >= unsure_below,
        )

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

    sentiment: None from a model that does not answer it. agreement: for each pair of present modalities, as
    ``text+audio``, the probability that the two express the same emotion; empty from a model that does not answer it.
    said: what is said about each of them, one of VERDICTS; where it is left out, what an even chance says. present:
    the modalities used, in MODALITIES order. warnings: plain sentences. model: name and hash. referenced: the present
    modalities that were judged against how the same person normally is.
    """

    emotion: Answer
    sentiment: Answer | None
    agreement: dict[str, float]
    present: tuple[str, ...]
    warnings: tuple[str, ...]
    model: dict[str, str]
    milliseconds: float
    said: dict[str, str] = field(default_factory=dict)
    referenced: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.said:
            object.__setattr__(self, "said", {pair: verdict(p) for pair, p in self.agreement.items()})

    @property
    def answers(self) -> dict[str, Answer]:
        """The answer to each task of classes that the model answers, emotion first."""
        return {"emotion": self.emotion} | ({} if self.sentiment is None else {"sentiment": self.sentiment})

    def to_json(self) -> dict[str, Any]:
        """The JSON that the command line prints and REST answers."""
        return {
            "emotion": self.emotion.to_json(),
            "sentiment": None if self.sentiment is None else self.sentiment.to_json(),
            "agreement": dict(self.agreement),
            "said": dict(self.said),
            "present": list(self.present),
            "referenced": list(self.referenced),
            "warnings": list(self.warnings),
            "model": dict(self.model),
            "milliseconds": round(self.milliseconds, 1),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Prediction:
        """The inverse of ``to_json``."""
        return cls(
            emotion=Answer.from_json(data["emotion"]),
            sentiment=None if data["sentiment"] is None else Answer.from_json(data["sentiment"]),
            agreement=dict(data["agreement"]),
            present=tuple(data["present"]),
            warnings=tuple(data["warnings"]),
            model=dict(data["model"]),
            milliseconds=data["milliseconds"],
            said=dict(data.get("said", {})),
            referenced=tuple(data.get("referenced", ())),  # apps of version 0.2 do not say
        )

    def sentence(self) -> str:
        """The answer in words, e.g. "Mostly joy, 87% sure; the voice disagrees." """
        if not self.present:
            return say("answer-nothing")
        answer = self.emotion
        sure = "yes" if answer.sure else "no"
        agreement = self.agreement_in_words()
        if not agreement:
            return say("answer", sure=sure, label=answer.label, confidence=answer.confidence)
        return say(
            "answer-and-agreement",
            sure=sure,
            label=answer.label,
            confidence=answer.confidence,
            agreement=agreement,
        )

    def reference_in_words(self, whose: str = "speaker") -> str:
        """What was judged against how the same person normally is; empty where nothing was. whose: ``speaker``, or
        ``own`` for those who gave it."""
        if not self.referenced:
            return ""
        return say("judged-against-reference", inputs=the_modalities(self.referenced), whose=whose)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from mm_core.notebook import prediction_html  # templates are loaded where somebody looks

        return prediction_html(self)

    def agreement_in_words(self) -> str:
        """Who disagrees with whom, or that all agree; empty where neither can be said with enough certainty."""
        clashes = [pair for pair in PAIRS if self.said.get(pair_name(pair)) == "disagree"]
        if not clashes:
            if not self.said or set(self.said.values()) != {"agree"}:
                return ""
            if len(self.present) == len(MODALITIES):
                return say("agreement-all-three")
            first, second = self.present
            return say("agreement-of-pair", first=first, second=second)
        odd = [m for m in self.present if sum(m in pair for pair in clashes) == 2]
        if len(clashes) == 2 and len(odd) == 1:
            return say("disagreement-of-one", modality=odd[0])
        if len(clashes) == len(PAIRS):
            return say("disagreement-all-three")
        first, second = clashes[0]
        return say("disagreement-of-pair", first=first, second=second)
