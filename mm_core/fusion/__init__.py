"""Fusion strategies behind one registry: ``build(widths, config)`` makes the one that the config names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mm_core.fusion.base import Attention, Fused, Fusion
from mm_core.fusion.concat import Concat
from mm_core.fusion.cross_attention import CrossAttention
from mm_core.presets.configs import FusionConfig

STRATEGIES: Final[dict[str, type[Fusion]]] = {
    "concat": Concat,
    "cross_attention": CrossAttention,
}


def build(widths: Mapping[str, int], config: FusionConfig) -> Fusion:
    """The strategy named by ``config.name``, for encoders of these widths; ValueError names the known ones."""
    if config.name not in STRATEGIES:
        raise ValueError(f"there is no fusion called {config.name!r}; known are {', '.join(STRATEGIES)}")
    return STRATEGIES[config.name](widths, config)


__all__ = ["STRATEGIES", "Attention", "Fused", "Fusion", "build"]
