"""Mean over the present modalities, read as a set: Zaheer et al., "Deep sets" (NeurIPS 2017)."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import Fused, Fusion, ResidualMLP, mean_tokens, shares_of_present
from mm_core.presets.configs import FusionConfig


class Mean(Fusion):
    """The vector keeps its length however many modalities there are; absent ones don't count."""

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.refine = ResidualMLP(config.width, config.dropout)

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        weights = shares_of_present(presence).unsqueeze(2)  # (B, 3, 1)
        return Fused(self.refine((weights * mean_tokens(placed)).sum(1)))
