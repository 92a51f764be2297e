"""Element-wise product of bounded projections: Kim et al., "Hadamard product for low-rank bilinear pooling"
(ICLR 2017)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import Fused, Fusion, ResidualMLP
from mm_core.labels import MODALITIES
from mm_core.presets.configs import FusionConfig


class Product(Fusion):
    """Each modality scales what the others say. The factors are 1 + tanh, in 0..2: one that has nothing to say
    leaves the product as it is, where a bare tanh near 0 would wipe it out."""

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.factors = nn.ModuleDict({m: nn.Linear(config.width, config.width) for m in MODALITIES})
        self.refine = ResidualMLP(config.width, config.dropout)

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        factors = [1.0 + torch.tanh(self.factors[m](placed[m].mean())) for m in MODALITIES]
        return Fused(self.refine(torch.stack(factors).prod(0)))
