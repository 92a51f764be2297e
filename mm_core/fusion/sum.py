"""Sum: modalities added in one space, the additive fusion of Kiela et al., "Efficient large-scale multi-modal
classification" (AAAI 2018)."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import Fused, Fusion, ResidualMLP, mean_tokens
from mm_core.presets.configs import FusionConfig


class Sum(Fusion):
    """Agreeing evidence adds up; an absent modality adds its learned token."""

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.refine = ResidualMLP(config.width, config.dropout)

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        return Fused(self.refine(mean_tokens(placed).sum(1)))
