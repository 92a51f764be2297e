"""Encoders: one modality each, preprocessing beside its tower, all returning Tokens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import nn

from mm_core.encoders.audio import AudioEncoder
from mm_core.encoders.image import ImageEncoder
from mm_core.encoders.text import TextEncoder
from mm_core.encoders.waveform import WaveformEncoder
from mm_core.presets.configs import ModelConfig

MEL_TOWER = "mel"


def fresh_encoders(config: ModelConfig) -> dict[str, nn.Module]:
    """Encoders with the base weights that the configuration names (hub names or folders in the hub's format)."""
    audio: nn.Module = (
        AudioEncoder(config.audio)
        if config.audio.tower == MEL_TOWER
        else WaveformEncoder.from_pretrained(config.audio)
    )
    return {
        "text": TextEncoder.from_pretrained(config.text),
        "image": ImageEncoder.build(config.image, pretrained=True),
        "audio": audio,
    }


def restored_encoders(config: ModelConfig, folder: Path) -> dict[str, nn.Module]:
    """The encoders' structure from a saved model's folder, without weights."""
    audio: nn.Module = (
        AudioEncoder(config.audio)
        if config.audio.tower == MEL_TOWER
        else WaveformEncoder.from_folder(config.audio, folder / "audio")
    )
    return {
        "text": TextEncoder.from_folder(config.text, folder / "text"),
        "image": ImageEncoder.from_folder(config.image, folder / "image"),
        "audio": audio,
    }


def save_structures(encoders: Mapping[str, nn.Module], folder: Path) -> None:
    """Write what ``restored_encoders`` needs."""
    for modality, encoder in encoders.items():
        encoder.save_structure(folder / modality)  # type: ignore[operator]


__all__ = [
    "AudioEncoder",
    "ImageEncoder",
    "TextEncoder",
    "WaveformEncoder",
    "fresh_encoders",
    "restored_encoders",
    "save_structures",
]
