"""Attention over modalities: Hori et al., "Attention-based multimodal fusion for video description" (ICCV 2017).

Tokens are pooled by attention within their modality first, then the modalities by attention over the three.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import AttentionPool, Fused, Fusion, ResidualMLP
from mm_core.labels import MODALITIES
from mm_core.presets.configs import FusionConfig


class AttentionPooling(Fusion):
    """A convex mix of the modalities whose weights depend on what they say."""

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.pools = nn.ModuleDict({m: AttentionPool(config.width) for m in MODALITIES})
        self.scores = nn.ModuleDict(
            {
                m: nn.Sequential(nn.Linear(config.width, config.width), nn.Tanh(), nn.Linear(config.width, 1))
                for m in MODALITIES
            }
        )
        self.refine = ResidualMLP(config.width, config.dropout)

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        pooled, weights = zip(*(self.pools[m](placed[m]) for m in MODALITIES), strict=True)
        scores = torch.cat([self.scores[m](x) for m, x in zip(MODALITIES, pooled, strict=True)], 1)  # (B, 3)
        mixed = (scores.softmax(1).unsqueeze(2) * torch.stack(pooled, 1)).sum(1)  # (B, D)
        return Fused(self.refine(mixed), pooling=dict(zip(MODALITIES, weights, strict=True)) if attention else None)
