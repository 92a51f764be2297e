"""Named model configurations: frozen dataclasses, checked once when they are made."""

from mm_core.presets.configs import FusionConfig, ModelConfig
from mm_core.presets.named import PRESETS, preset

__all__ = ["PRESETS", "FusionConfig", "ModelConfig", "preset"]
