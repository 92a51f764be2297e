"""Named model configurations: frozen dataclasses, checked once when they are made."""

from mm_core.presets.configs import (
    AudioConfig,
    FusionConfig,
    ImageConfig,
    ModelConfig,
    TextConfig,
)
from mm_core.presets.named import PRESETS, preset

__all__ = [
    "PRESETS",
    "AudioConfig",
    "FusionConfig",
    "ImageConfig",
    "ModelConfig",
    "TextConfig",
    "preset",
]
