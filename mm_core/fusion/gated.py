"""Gated multimodal unit: Arevalo et al., "Gated multimodal units for information fusion" (ICLR workshop 2017)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import Fused, Fusion, ResidualMLP, mean_tokens
from mm_core.labels import MODALITIES
from mm_core.presets.configs import FusionConfig


class Gated(Fusion):
    """Gates that see all modalities decide, value by value, how much of each gets through."""

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.values = nn.ModuleDict({m: nn.Linear(config.width, config.width) for m in MODALITIES})
        self.gates = nn.Linear(len(MODALITIES) * config.width, len(MODALITIES) * config.width)
        self.refine = ResidualMLP(config.width, config.dropout)

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        pooled = mean_tokens(placed)  # (B, 3, D)
        gates = torch.sigmoid(self.gates(pooled.flatten(1))).view_as(pooled)
        values = [torch.tanh(self.values[m](pooled[:, i])) for i, m in enumerate(MODALITIES)]
        return Fused(self.refine((gates * torch.stack(values, 1)).sum(1)))
