"""Learning from teachers: what an ensemble answers to the train rows stands beside the rows' own labels.

Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network" (2015). Teachers of the student's own size
already help (Furlanello et al., "Born again neural networks", ICML 2018), here because emotion labels are noisy and
each teacher knows another mix of sources.

Shapes: N rows, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from mm_core.training.objectives import soft_cross_entropy, soft_multilabel_cross_entropy

HEADS = ("emotion", "sentiment", "multilabel")


@dataclass(frozen=True, eq=False)
class SoftTargets:
    """Probabilities of a table's rows: emotion (N, C), sentiment (N, 3), multilabel (N, C)."""

    emotion: Tensor
    sentiment: Tensor
    multilabel: Tensor

    def take(self, rows: NDArray[np.int64]) -> SoftTargets:
        """The targets of these rows, in their order."""
        return SoftTargets(self.emotion[rows], self.sentiment[rows], self.multilabel[rows])

    def to(self, device: torch.device | str) -> SoftTargets:
        return SoftTargets(self.emotion.to(device), self.sentiment.to(device), self.multilabel.to(device))

    @classmethod
    def of_logits(cls, logits: tuple[Tensor, Tensor, Tensor]) -> SoftTargets:
        """One model's answers: emotion (N, C), sentiment (N, 3) and multilabel (N, C) logits."""
        emotion, sentiment, multilabel = logits
        return cls(emotion.softmax(1), sentiment.softmax(1), multilabel.sigmoid())

    def save(self, path: Path) -> None:
        save_file({head: getattr(self, head).contiguous() for head in HEADS}, path)

    @classmethod
    def load(cls, path: Path) -> SoftTargets:
        return cls(**load_file(path))


Shares = Mapping[str, Mapping[str, float]]
"""How much a teacher's word counts: by source, then by head."""


def ensemble(
    answers: Sequence[tuple[SoftTargets, Shares]], source: NDArray[np.str_], labels: SoftTargets
) -> SoftTargets:
    """The teachers' mean for each row, weighted by the share that each teacher has for the row's source; the row's
    own ``labels`` where no teacher has a share, as in a language that none of them reads.

    ValueError where the shares of a source and head do not add up to one.
    """
    joined: dict[str, Tensor] = {}
    for head in HEADS:
        weights = torch.stack(
            [
                torch.tensor([shares.get(str(s), {}).get(head, 0.0) for s in source], dtype=torch.float32)
                for _, shares in answers
            ]
        )  # (teachers, N)
        taught = weights.sum(0)
        if not torch.allclose(taught, (taught > 0).float(), atol=1e-4):
            raise ValueError(f"the teachers' shares for {head} do not add up to one for every source")
        mean = torch.stack(
            [w[:, None] * getattr(soft, head) for w, (soft, _) in zip(weights, answers, strict=True)]
        ).sum(0)
        joined[head] = torch.where(taught[:, None] > 0, mean, getattr(labels, head))
    return SoftTargets(**joined)


def distillation_loss(
    logits: tuple[Tensor, Tensor, Tensor],
    soft: SoftTargets,
    emotion_weight: float,
    sentiment_weight: float,
    sentiment_share: Tensor,
) -> Tensor:
    """The student's emotion, sentiment and multilabel logits against the teachers', weighed as the labels' own losses
    are; sentiment_share (B, 1) scales a row's part in the sentiment loss."""
    emotion, sentiment, multilabel = logits
    return (
        soft_multilabel_cross_entropy(multilabel, soft.multilabel)
        + emotion_weight * soft_cross_entropy(emotion, soft.emotion)
        + sentiment_weight * soft_cross_entropy(sentiment, soft.sentiment * sentiment_share)
    )
