"""Fusion strategies behind one registry: ``build(widths, config)`` makes the one that the config names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from mm_core.fusion.base import Attention, Experts, Fused, Fusion
from mm_core.presets.configs import FusionConfig
from mm_core.strategies import FUSIONS

STRATEGIES: Final[dict[str, type[Fusion]]] = {name: entry.load() for name, entry in FUSIONS.items()}
"""The classes of ``mm_core.strategies.FUSIONS``, in its order."""


def build(widths: Mapping[str, int], config: FusionConfig) -> Fusion:
    """The strategy named by ``config.name``, for encoders of these widths; ValueError names the known ones."""
    if config.name not in STRATEGIES:
        raise ValueError(f"there is no fusion called {config.name!r}; known are {', '.join(STRATEGIES)}")
    return STRATEGIES[config.name](widths, config)


__all__ = ["STRATEGIES", "Attention", "Experts", "Fused", "Fusion", "build"]
