"""Task heads: emotion and sentiment on the fused vector, agreement on the tokens and on what each modality
says alone.

Shapes: B samples, D fused width, C emotion classes, A classes that agreement compares by, W a tower's width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional

from mm_core.agreement import AGREEMENT_HEADS
from mm_core.encoders.tokens import Tokens
from mm_core.fusion import Fused
from mm_core.labels import MODALITIES, SENTIMENTS


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
    """All heads of a model. agreement: a name of AGREEMENT_HEADS."""

    def __init__(
        self, widths: Mapping[str, int], width: int, classes: int, compared: int, agreement: str = "matching"
    ) -> None:
        super().__init__()
        self.emotion = nn.Linear(width, classes)
        self.sentiment = nn.Linear(width, len(SENTIMENTS))
        self.multilabel = nn.Linear(width, classes)
        self.single = nn.ModuleDict({m: nn.Linear(widths[m], compared) for m in MODALITIES})
        self.agreement = AGREEMENT_HEADS[agreement](widths, compared)

    def forward(self, fused: Fused, tokens: Mapping[str, Tokens]) -> Logits:
        single = {m: self.single[m](tokens[m].mean().float()) for m in MODALITIES if m in tokens}
        return Logits(
            emotion=class_logits(self.emotion, fused),
            sentiment=class_logits(self.sentiment, fused),
            agreement=self.agreement(single, tokens, len(fused.vector)),
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
