"""Objectives between modalities: those of one case should find each other, and be told from those of another.

Shapes: B cases, D width, M modalities.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from mm_core.encoders.tokens import Tokens
from mm_core.fusion import Fused
from mm_core.labels import MODALITIES, PAIRS
from mm_core.training.objectives import info_nce

LARGEST_SCALE: Final = 100.0
"""Of the similarities, as in CLIP: beyond it training is unstable."""


class Contrast(nn.Module):
    """InfoNCE between every two modalities, each projected from its mean token, with a learned temperature."""

    def __init__(self, widths: Mapping[str, int], width: int = 64) -> None:
        super().__init__()
        self.projections = nn.ModuleDict({m: nn.Linear(widths[m], width) for m in MODALITIES})
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, tokens: Mapping[str, Tokens], presence: Tensor) -> Tensor:
        """Mean loss of the pairs that at least two cases have; zero where there is none."""
        scale = self.log_scale.exp().clamp(max=LARGEST_SCALE)
        losses = []
        for a, b in PAIRS:
            both = presence[:, MODALITIES.index(a)] & presence[:, MODALITIES.index(b)]  # (B,)
            if int(both.sum()) < 2:
                continue
            first, second = (self.projections[m](tokens[m].mean()[both].float()) for m in (a, b))
            losses.append(info_nce(first, second, scale))
        return torch.stack(losses).mean() if losses else self.log_scale * 0.0


class Matching(nn.Module):
    """Do these belong together? Half of the cases get one modality from another case, and the fused vector must tell.

    Image-text matching of Lu et al., "ViLBERT" (NeurIPS 2019), for any modalities.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.head = nn.Linear(width, 1)

    def forward(
        self,
        fuse: Callable[[Mapping[str, Tokens], Tensor], Fused],
        tokens: Mapping[str, Tokens],
        presence: Tensor,
        classes: Tensor,
        random: torch.Generator,
    ) -> Tensor:
        """Scalar loss over cases with at least two modalities; zero where there is none.

        classes (B,): a case is only broken up by one of another class, since composed cases of one class belong
        together as much as any.
        """
        mixed, together, known = broken_up(tokens, presence, classes, random)
        if not known.any():
            return self.head.weight.sum() * 0.0
        scores = self.head(fuse(mixed, presence).vector).squeeze(1)[known]
        return functional.binary_cross_entropy_with_logits(scores, together[known].float())


def broken_up(
    tokens: Mapping[str, Tokens], presence: Tensor, classes: Tensor, random: torch.Generator
) -> tuple[dict[str, Tokens], Tensor, Tensor]:
    """Cases of which about half have one present modality swapped for that of a case of another class.

    Returns the tokens, whether each case still belongs together (B,) and which cases can be asked (B,): those with
    two modalities or more.
    """
    size = len(presence)
    known = presence.sum(1) > 1
    partner = torch.randperm(size, generator=random)
    odd = torch.multinomial(presence.float() + 1e-9, 1, generator=random).squeeze(1)  # (B,) one present modality
    has_it = presence[partner].gather(1, odd[:, None]).squeeze(1)
    swap = (torch.rand(size, generator=random) < 0.5) & known & has_it & (classes != classes[partner])
    mixed = {}
    for m, given in tokens.items():
        here = swap & (odd == MODALITIES.index(m))
        source = torch.where(here, partner, torch.arange(size))
        mixed[m] = Tokens(given.values[source], given.mask[source])
    return mixed, ~swap, known
