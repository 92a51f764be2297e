"""Tensor fusion: Zadeh et al., "Tensor fusion network for multimodal sentiment analysis" (EMNLP 2017); with a rank,
the low-rank form of Liu et al., "Efficient low-rank multimodal fusion with modality-specific factors" (ACL 2018)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import Fused, Fusion, ResidualMLP, mean_tokens
from mm_core.labels import MODALITIES
from mm_core.presets.configs import FusionConfig

_SIDE: Final = 11
"""Values a modality keeps in the full tensor, which has (this + 1) cubed entries."""


class OuterProduct(Fusion):
    """All products of one value of each modality, a 1 beside them keeping the single and paired terms.

    ``config.rank`` 0 builds the tensor (B, S + 1, S + 1, S + 1) of values squeezed to S; a rank R never builds it but
    sums R products of linear maps. Values are bounded by tanh first, so products stay finite.
    """

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        outputs = config.rank * config.width or _SIDE
        self.factors = nn.ModuleDict({m: nn.Linear(config.width, outputs) for m in MODALITIES})
        self.join = nn.Linear(config.rank or (_SIDE + 1) ** len(MODALITIES), 1 if config.rank else config.width)
        self.refine = ResidualMLP(config.width, config.dropout)

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        pooled = dict(zip(MODALITIES, mean_tokens(placed).unbind(1), strict=True))
        if self.config.rank:
            # The bias of each map stands for the 1 beside the values.
            maps = [self.factors[m](pooled[m].tanh()).unflatten(1, (-1, self.config.rank)) for m in MODALITIES]
            return Fused(self.refine(self.join(torch.stack(maps).prod(0)).squeeze(2)))  # (B, D, R) to (B, D)
        text, image, audio = (
            functional.pad(self.factors[m](pooled[m]).tanh(), (0, 1), value=1.0) for m in MODALITIES
        )
        tensor = torch.einsum("bi,bj,bk->bijk", text, image, audio)
        return Fused(self.refine(self.join(tensor.flatten(1))))
