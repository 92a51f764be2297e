"""Fusion strategies behind one registry: ``build(widths, config)`` makes the one that the config names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mm_core.fusion.attention_pooling import AttentionPooling
from mm_core.fusion.base import Attention, Experts, Fused, Fusion
from mm_core.fusion.concat import Concat
from mm_core.fusion.cross_attention import CrossAttention
from mm_core.fusion.gated import Gated
from mm_core.fusion.late import LateMean, LateProduct
from mm_core.fusion.mean import Mean
from mm_core.fusion.outer_product import OuterProduct
from mm_core.fusion.product import Product
from mm_core.fusion.sum import Sum
from mm_core.fusion.transformer import Transformer
from mm_core.presets.configs import FusionConfig

STRATEGIES: Final[dict[str, type[Fusion]]] = {
    "late_mean": LateMean,
    "late_product": LateProduct,
    "concat": Concat,
    "sum": Sum,
    "mean": Mean,
    "product": Product,
    "attention_pooling": AttentionPooling,
    "gated": Gated,
    "outer_product": OuterProduct,
    "transformer": Transformer,
    "cross_attention": CrossAttention,
}
"""From the simplest to the costliest."""


def build(widths: Mapping[str, int], config: FusionConfig) -> Fusion:
    """The strategy named by ``config.name``, for encoders of these widths; ValueError names the known ones."""
    if config.name not in STRATEGIES:
        raise ValueError(f"there is no fusion called {config.name!r}; known are {', '.join(STRATEGIES)}")
    return STRATEGIES[config.name](widths, config)


__all__ = ["STRATEGIES", "Attention", "Experts", "Fused", "Fusion", "build"]
