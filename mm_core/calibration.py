"""What is fitted on validation rows after training: temperatures, thresholds, and when to say "not sure".

Temperature scaling: Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017), here with one
temperature for each task and presence pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from mm_core.labels import COALITIONS, MODALITIES, PAIRS, coalition_name, pair_name
from mm_core.prediction import EVEN_CHANCE, Bounds

if TYPE_CHECKING:  # pages that ask another app read thresholds without torch
    from torch import Tensor

PATTERNS = tuple(coalition_name(members) for members in COALITIONS)
TASKS = ("emotion", "sentiment", "agreement")


def _ones() -> dict[str, dict[str, float]]:
    return {task: dict.fromkeys(PATTERNS, 1.0) for task in TASKS}


def _even_chances() -> dict[str, Bounds]:
    return {pair_name(pair): EVEN_CHANCE for pair in PAIRS}


@dataclass(frozen=True)
class Calibration:
    """temperatures[task][pattern] > 0. multilabel: probability of each emotion from which a text carries that
    label. unsure_below[task]: calibrated confidence under which the answer is "not sure". said_outside[pair]: between
    which two probabilities nothing is said about a pair's agreement (see ``prediction.verdict``); an even chance
    where a saved model has none."""

    temperatures: dict[str, dict[str, float]] = field(default_factory=_ones)
    multilabel: dict[str, float] = field(default_factory=dict)
    unsure_below: dict[str, float] = field(default_factory=lambda: {"emotion": 0.0, "sentiment": 0.0})
    said_outside: dict[str, Bounds] = field(default_factory=_even_chances)

    def __post_init__(self) -> None:
        for task in TASKS:
            if set(self.temperatures.get(task, {})) != set(PATTERNS):
                raise ValueError(f"{task} needs one temperature for each of {', '.join(PATTERNS)}")
            if min(self.temperatures[task].values()) <= 0:
                raise ValueError("temperatures must be above 0")
        object.__setattr__(
            self, "said_outside", {pair: (low, high) for pair, (low, high) in self.said_outside.items()}
        )
        if set(self.said_outside) != set(_even_chances()):
            raise ValueError(f"bounds are needed for each of {', '.join(_even_chances())}")
        if not all(0 <= low <= high <= 1 for low, high in self.said_outside.values()):
            raise ValueError("bounds of agreement are two rising probabilities")

    def scale(self, task: str, logits: Tensor, presence: Tensor) -> Tensor:
        """Divide logits (B, C) by the temperature of each row's presence (B, 3)."""
        return logits / self._table(task, logits)[pattern_index(presence)].unsqueeze(1)

    def _table(self, task: str, like: Tensor) -> Tensor:
        import torch

        return torch.tensor(
            [self.temperatures[task][name] for name in _BY_BITS], dtype=like.dtype, device=like.device
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**data)


_BY_BITS = tuple(
    coalition_name(m for bit, m in enumerate(MODALITIES) if number >> bit & 1)
    for number in range(2 ** len(MODALITIES))
)


def pattern_index(presence: Tensor) -> Tensor:
    """(B, 3) bool to (B,) int64: text counts 1, image 2, audio 4."""
    import torch

    return (presence.long() * torch.tensor([1, 2, 4], device=presence.device)).sum(1)
