"""Image encoder: an open_clip vision tower over a face crop.

Letters: B pictures, C channels, S side in pixels, L patches, D width.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from open_clip.timm_model import TimmModel
from torch import Tensor, nn

from mm_core.encoders import facenet  # noqa: F401  registers triad_facenet with timm
from mm_core.encoders.tokens import Span, Tokens
from mm_core.presets.configs import ImageConfig

TIMM_PREFIX = "timm:"
_LOCAL_PREFIX = "local-dir:"
_OPEN_CLIP_CONFIG = "open_clip_config.json"


@dataclass(frozen=True, eq=False)
class ImageBatch:
    """pixels (B, C, S, S) float, normalised."""

    pixels: Tensor

    def to(self, device: torch.device | str) -> ImageBatch:
        return ImageBatch(self.pixels.to(device))


class ImageEncoder(nn.Module):
    """Face crops in, one token a patch out, row by row from the top left: Tokens (B, L, D)."""

    def __init__(self, config: ImageConfig, tower: nn.Module) -> None:
        super().__init__()
        self.config = config
        self.tower = tower
        with torch.inference_mode():
            was_training = tower.training
            tower.eval()
            probe = torch.zeros(1, 1 if config.grayscale else 3, config.image_size, config.image_size)
            patches = self._patches(probe)  # (1, L, D)
            tower.train(was_training)
        self.width: int = patches.shape[2]
        self.grid = _square(patches.shape[1])

    @classmethod
    def build(cls, config: ImageConfig, pretrained: bool) -> ImageEncoder:
        """Build the tower; ``pretrained`` loads ``config.pretrained`` from a hub, a folder or a file."""
        if config.tower.startswith(TIMM_PREFIX):
            name = config.tower.removeprefix(TIMM_PREFIX)
            tower = TimmModel(name, embed_dim=0, image_size=config.image_size, pool="", proj="none")
            return cls(config, tower)
        weights = (config.pretrained or None) if pretrained else None
        model = open_clip.create_model(config.tower, pretrained=weights, load_weights=pretrained)
        visual: Any = model.visual
        visual.output_tokens = True  # patches beside the pooled vector
        return cls(config, visual)

    @classmethod
    def from_folder(cls, config: ImageConfig, folder: Path) -> ImageEncoder:
        """Rebuild the structure that ``save_structure`` wrote; weights are loaded by the caller."""
        if config.tower.startswith(TIMM_PREFIX):
            return cls.build(config, pretrained=False)
        return cls.build(replace(config, tower=f"{_LOCAL_PREFIX}{folder}"), pretrained=False)

    def save_structure(self, folder: Path) -> None:
        """Write the tower's open_clip configuration in the hub's format; a timm trunk needs only its name."""
        if self.config.tower.startswith(TIMM_PREFIX):
            return
        folder.mkdir(parents=True, exist_ok=True)
        if self.config.tower.startswith(_LOCAL_PREFIX):
            source = Path(self.config.tower.removeprefix(_LOCAL_PREFIX)) / _OPEN_CLIP_CONFIG
            text = source.read_text()
        else:
            text = json.dumps({"model_cfg": open_clip.get_model_config(self.config.tower), "preprocess_cfg": {}})
        (folder / _OPEN_CLIP_CONFIG).write_text(text)

    def prepare(self, crops: Sequence[NDArray[np.uint8]]) -> ImageBatch:
        """(h, w, 3) uint8 RGB crops of any size, resized to a square of S pixels and normalised."""
        return ImageBatch(self.normalise(np.stack([self.resize(crop) for crop in crops])))

    def resize(self, crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """One crop to (S, S, C) uint8; area averaging when shrinking avoids moire."""
        side = self.config.image_size
        if self.config.grayscale:
            crop = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8)
        shrinking = min(crop.shape[:2]) >= side
        scaled = cv2.resize(crop, (side, side), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR)
        return scaled.reshape(side, side, -1).astype(np.uint8, copy=False)

    def normalise(self, pixels: NDArray[np.uint8]) -> Tensor:
        """(B, S, S, C) uint8 to (B, C, S, S) float."""
        scaled = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255.0
        mean = torch.tensor(self.config.mean).view(1, -1, 1, 1)
        std = torch.tensor(self.config.std).view(1, -1, 1, 1)
        return (scaled - mean) / std

    def features(self, batch: ImageBatch) -> Tensor:
        """The normalised pixels (B, C, S, S)."""
        return batch.pixels

    def forward(self, batch: ImageBatch, features: Tensor | None = None) -> Tokens:
        values = self._patches(batch.pixels if features is None else features)
        return Tokens(values, torch.ones(values.shape[:2], dtype=torch.bool, device=values.device))

    def _patches(self, pixels: Tensor) -> Tensor:
        out = self.tower(pixels)
        if isinstance(out, tuple):  # open_clip transformers: (pooled, patches)
            return out[1]  # (B, L, D)
        return out.flatten(2).transpose(1, 2)  # (B, D, rows, columns) -> (B, L, D)

    def spans(self, batch: ImageBatch, index: int) -> list[Span | None]:
        rows, columns = self.grid
        return [
            (c / columns, r / rows, (c + 1) / columns, (r + 1) / rows) for r in range(rows) for c in range(columns)
        ]


def _square(patches: int) -> tuple[int, int]:
    side = round(patches**0.5)
    if side * side != patches:
        raise ValueError(f"the tower gives {patches} patches, which is not a square grid")
    return side, side
