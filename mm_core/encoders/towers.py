"""The registry of towers: which kinds there are for each modality, and encoders made by their configurations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from mm_core.encoders.base import Encoder, TowerConfig
from mm_core.encoders.image import ImageEncoder
from mm_core.encoders.mel import MelEncoder
from mm_core.encoders.text import TextEncoder
from mm_core.encoders.waveform import WaveformEncoder
from mm_core.encoders.whisper import WhisperEncoder

TOWERS: Final[tuple[type[Encoder], ...]] = (
    TextEncoder,
    ImageEncoder,
    MelEncoder,
    WaveformEncoder,
    WhisperEncoder,
)
"""All towers; the first of a modality is what a configuration without a kind means."""


def kinds(modality: str) -> dict[str, type[Encoder]]:
    """The towers of one modality by kind."""
    return {tower.kind: tower for tower in TOWERS if tower.modality == modality}


def tower_of(modality: str, config: TowerConfig) -> type[Encoder]:
    """The tower that this configuration is of; ValueError where it reads another modality."""
    for tower in kinds(modality).values():
        if tower.config_type is type(config):
            return tower
    raise ValueError(f"no {modality} tower is configured by {type(config).__name__}")


def config_to_json(modality: str, config: TowerConfig) -> dict[str, Any]:
    """A tower's configuration with its kind, as plain values."""
    return {"kind": tower_of(modality, config).kind, **asdict(config)}


def config_from_json(modality: str, data: Mapping[str, Any]) -> TowerConfig:
    """Undo ``config_to_json``; ValueError names the known kinds, TypeError an unknown key."""
    values, known = dict(data), kinds(modality)
    # Before towers had kinds, the mel tower was named under ``tower`` and the others were the only ones.
    kind = values.pop("kind", None) or (values.pop("tower") if values.get("tower") in known else next(iter(known)))
    if kind not in known:
        raise ValueError(f"there is no {modality} tower of the kind {kind!r}; known are {', '.join(known)}")
    return known[kind].config_type(**values)


def base_encoder(modality: str, config: TowerConfig) -> Encoder:
    """An encoder with the base weights that its configuration names (hub names or folders in the hub's format)."""
    return tower_of(modality, config).from_pretrained(config)


def restored_encoder(modality: str, config: TowerConfig, folder: Path) -> Encoder:
    """An encoder's structure as ``save_structure`` wrote it, without weights."""
    return tower_of(modality, config).from_folder(config, folder)
