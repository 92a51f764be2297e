"""Task heads: emotion and sentiment on the fused vector, agreement on what each modality says alone.

Shapes: B samples, D fused width, C emotion classes, A classes that agreement compares by, W a tower's width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from mm_core.encoders.tokens import Tokens
from mm_core.fusion import Fused
from mm_core.labels import MODALITIES, PAIRS, SENTIMENTS


@dataclass(frozen=True, eq=False)
class Logits:
    """emotion (B, C), one of C; sentiment (B, 3); agreement (B, 3) in the order of PAIRS; multilabel (B, C), each
    label on its own; single: (B, A) of each modality that has tokens, read on its own (meaningless where it is
    absent); fused: what the heads were given."""

    emotion: Tensor
    sentiment: Tensor
    agreement: Tensor
    multilabel: Tensor
    single: dict[str, Tensor]
    fused: Fused


class Heads(nn.Module):
    """All heads of a model."""

    def __init__(self, widths: Mapping[str, int], width: int, classes: int, compared: int) -> None:
        super().__init__()
        self.emotion = nn.Linear(width, classes)
        self.sentiment = nn.Linear(width, len(SENTIMENTS))
        self.multilabel = nn.Linear(width, classes)
        self.single = nn.ModuleDict({m: nn.Linear(widths[m], compared) for m in MODALITIES})
        self.agreement = nn.ModuleDict({f"{a}+{b}": _Agreement(compared) for a, b in PAIRS})

    def forward(self, fused: Fused, tokens: Mapping[str, Tokens]) -> Logits:
        single = {m: self.single[m](tokens[m].mean().float()) for m in MODALITIES if m in tokens}
        undecided = fused.vector.new_zeros(len(fused.vector))
        agreement = [
            self.agreement[f"{a}+{b}"](single[a], single[b]) if a in single and b in single else undecided
            for a, b in PAIRS
        ]
        return Logits(
            emotion=class_logits(self.emotion, fused),
            sentiment=class_logits(self.sentiment, fused),
            agreement=torch.stack(agreement, 1),
            multilabel=label_logits(self.multilabel, fused),
            single=single,
            fused=fused,
        )


def class_logits(head: nn.Module, fused: Fused) -> Tensor:
    """A head's logits (B, C) over classes; of experts, the log of the mean of their probabilities."""
    if fused.experts is None:
        return head(fused.vector)
    each = head(fused.experts.vectors).log_softmax(2)  # (B, M, C)
    return (fused.experts.weights.log().unsqueeze(2) + each).logsumexp(1)


def label_logits(head: nn.Module, fused: Fused) -> Tensor:
    """A head's logits (B, C) of labels that stand alone; of experts, those of their mean probabilities."""
    if fused.experts is None:
        return head(fused.vector)
    each, weights = head(fused.experts.vectors), fused.experts.weights.log().unsqueeze(2)  # (B, M, C), (B, M, 1)
    yes, no = (weights + functional.logsigmoid(each)), (weights + functional.logsigmoid(-each))
    return yes.logsumexp(1) - no.logsumexp(1)


class _Agreement(nn.Module):
    """Do two modalities express the same emotion? From their two distributions (B, A): a logit (B,)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3 * classes + 1, 32), nn.GELU(), nn.Linear(32, 1))

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        p, q = first.softmax(1), second.softmax(1)
        product = p * q
        features = torch.cat((p, q, product, product.sum(1, keepdim=True)), 1)
        return self.layers(features).squeeze(1)
