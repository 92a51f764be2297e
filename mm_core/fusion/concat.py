"""Concatenation, the plainest fusion: mean tokens of each modality side by side, then a small network."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import Fused, Fusion, ResidualMLP, mean_tokens
from mm_core.labels import MODALITIES
from mm_core.presets.configs import FusionConfig


class Concat(Fusion):
    """Baseline: no modality sees another before the last layers."""

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.join = nn.Linear(len(MODALITIES) * config.width, config.width)
        self.refine = ResidualMLP(config.width, config.dropout)

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        pooled = mean_tokens(placed).flatten(1)  # (B, 3 D)
        return Fused(self.refine(self.join(pooled)))
