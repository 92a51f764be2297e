"""Late fusion: each modality answers alone, and the answers are combined. No modality ever sees another, so these two
are what every other strategy must justify itself against.

The rules are the sum and the product rule of Kittler et al., "On combining classifiers" (IEEE TPAMI 1998). Each
modality's own network gives a vector h_m that the model's linear heads (W, b) read, so its own answer is
softmax(s_m W h_m + b): b is the answer to nothing at all, the prior, and s_m an inverse temperature (Guo et al.,
ICML 2017), learned, and to be fitted again on validation rows.

Product: given the class the modalities are independent, so by Bayes log p(y | all) is the log prior plus each
modality's log p(y | m) - log p(y), up to a constant. With linear heads that is b + sum of s_m W h_m: the vector is
the sum of the present modalities' vectors, and the prior is divided out because it stands in b once. This is exact
for every head, whatever its classes.

Mean: an average of probabilities is no linear function of one vector, so the vectors are handed on as ``Experts`` and
the heads read them one by one (``mm_core.heads.class_logits``); the fused vector, their mean, is for display.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import Experts, Fused, Fusion, ResidualMLP, mean_tokens, shares_of_present
from mm_core.labels import MODALITIES
from mm_core.presets.configs import FusionConfig


class Late(Fusion):
    """One network a modality and the inverse temperatures of their answers."""

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.refine = nn.ModuleDict({m: ResidualMLP(config.width, config.dropout) for m in MODALITIES})
        self.log_scales = nn.Parameter(torch.zeros(len(MODALITIES)))

    def experts(self, placed: Mapping[str, Tokens]) -> Tensor:
        """Each modality's scaled vector, (B, 3, D)."""
        pooled = mean_tokens(placed)
        vectors = torch.stack([self.refine[m](pooled[:, i]) for i, m in enumerate(MODALITIES)], 1)
        return vectors * self.log_scales.exp()[:, None]


class LateProduct(Late):
    """Product of the modalities' answers, the prior divided out; nothing present answers the prior."""

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        return Fused(torch.where(presence.unsqueeze(2), self.experts(placed), 0.0).sum(1))


class LateMean(Late):
    """Mean of the modalities' answers; with nothing present, of what their absent tokens say."""

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        vectors, weights = self.experts(placed), shares_of_present(presence)
        return Fused((weights.unsqueeze(2) * vectors).sum(1), experts=Experts(vectors, weights))
