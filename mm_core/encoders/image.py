"""Image encoder: an open_clip vision tower over a face crop.

Shapes: B pictures, C channels, S side in pixels, L patches, D width.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from open_clip.timm_model import TimmModel
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from mm_core.encoders import facenet, mobilenet  # noqa: F401  register their trunks with timm
from mm_core.encoders.augment import faces, mixed
from mm_core.encoders.base import Batch, Encoder, TowerConfig, random_seed
from mm_core.encoders.checks import require
from mm_core.encoders.tokens import Span, Tokens
from mm_core.samples import InvalidInput

TIMM_PREFIX = "timm:"
_LOCAL_PREFIX = "local-dir:"
_OPEN_CLIP_CONFIG = "open_clip_config.json"


@dataclass(frozen=True)
class ImageConfig(TowerConfig):
    """An open_clip vision tower.

    tower: ``timm:NAME`` for a timm trunk inside open_clip's adapter, otherwise a name that
    ``open_clip.create_model`` takes (``ViT-B-32``, ``hf-hub:...``, ``local-dir:...``). pretrained: open_clip's
    tag or a file of weights; for a timm trunk a safetensors file, or a folder with ``model.safetensors``. image_size:
    side of the square input in pixels.
    """

    tower: str = "timm:triad_facenet"
    pretrained: str = ""
    image_size: int = 48
    grayscale: bool = True
    mean: tuple[float, ...] = (0.5,)
    std: tuple[float, ...] = (0.25,)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean", tuple(self.mean))
        object.__setattr__(self, "std", tuple(self.std))
        channels = 1 if self.grayscale else 3
        require(self.image_size >= 8, f"image_size must be at least 8 pixels, not {self.image_size}")
        require(len(self.mean) == len(self.std) == channels, f"mean and std need {channels} values")

    def based_on(self, source: str) -> Self:
        return replace(self, pretrained=source)


@dataclass(frozen=True, eq=False)
class ImageBatch(Batch):
    """pixels (B, C, S, S) float, normalised."""

    pixels: Tensor


class ImageEncoder(Encoder[ImageConfig, ImageBatch]):
    """Face crops in, one token a patch out, row by row from the top left: Tokens (B, L, D)."""

    modality = "image"
    kind = "open_clip"
    config_type = ImageConfig
    memory_format = torch.channels_last

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
        self.width = patches.shape[2]
        self.grid: tuple[int, int] = _square(patches.shape[1])

    @classmethod
    def from_pretrained(cls, config: ImageConfig) -> Self:
        """Load ``config.pretrained``; a timm trunk without any starts from random weights."""
        return cls.build(config, pretrained=True)

    @classmethod
    def build(cls, config: ImageConfig, pretrained: bool) -> Self:
        """Build the tower; ``pretrained`` loads ``config.pretrained`` from a hub, a folder or a file."""
        if config.tower.startswith(TIMM_PREFIX):
            name = config.tower.removeprefix(TIMM_PREFIX)
            tower = TimmModel(name, embed_dim=0, image_size=config.image_size, pool="", proj="none")
            if pretrained and config.pretrained:
                _load_trunk(tower.trunk, Path(config.pretrained))
            return cls(config, tower)
        weights = (config.pretrained or None) if pretrained else None
        model = open_clip.create_model(config.tower, pretrained=weights, load_weights=pretrained)
        visual: Any = model.visual
        visual.output_tokens = True  # patches beside the pooled vector
        return cls(config, visual)

    @classmethod
    def from_folder(cls, config: ImageConfig, folder: Path) -> Self:
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

    def prepare(self, inputs: Sequence[NDArray[np.uint8]]) -> ImageBatch:
        """(h, w, 3) uint8 RGB crops of any size, resized to a square of S pixels and normalised."""
        return ImageBatch(self.normalise(np.stack([self.resize(crop) for crop in inputs])))

    def resize(self, crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """One crop to (S, S, C) uint8; area averaging when shrinking avoids moire."""
        side = self.config.image_size
        crop = np.ascontiguousarray(crop)
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
        """Each patch's box, as fractions of the crop."""
        rows, columns = self.grid
        return [
            (c / columns, r / rows, (c + 1) / columns, (r + 1) / rows) for r in range(rows) for c in range(columns)
        ]

    def feature_mask(self, batch: ImageBatch, features: Tensor) -> Tensor:
        """The patch that each pixel lies in: (1, S, S)."""
        rows, columns = self.grid
        pixels = features.shape[-1]
        side = (torch.arange(pixels, device=features.device, dtype=torch.float64) + 0.5) / pixels  # 0..1
        return ((side * rows).long()[:, None] * columns + (side * columns).long())[None]

    def baseline(self, batch: ImageBatch, features: Tensor) -> Tensor:
        """The crop's mean colour."""
        return features.mean((2, 3), keepdim=True).expand_as(features)

    def keep(self, given: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The crop in the tower's size."""
        small = self.resize(given)
        return np.broadcast_to(small, (*small.shape[:2], 3))  # grey is seen three times, stored once

    def augmented(
        self, inputs: Sequence[NDArray[np.uint8]], random: np.random.Generator, *, crop: bool = False
    ) -> ImageBatch:
        """Faces flipped, turned, moved, lit otherwise, blurred or partly covered."""
        return ImageBatch(faces(self.prepare(inputs).pixels, random_seed(random)))

    def mixed(self, batch: ImageBatch, weight: float, order: Tensor) -> ImageBatch:
        """One picture laid over the other."""
        return ImageBatch(mixed(batch.pixels, weight, order))


def _load_trunk(trunk: nn.Module, source: Path) -> None:
    """Base weights of a timm trunk from a file or folder; InvalidInput where they are missing or do not fit."""
    path = source / "model.safetensors" if source.is_dir() else source
    try:
        state = load_file(path)
        trunk.load_state_dict(trunk.from_base(state) if isinstance(trunk, mobilenet.MobileNet) else state)
    except (OSError, SafetensorError) as error:
        raise InvalidInput(
            "The image tower's base weights can't be read: a safetensors file is needed, or a folder with one."
        ) from error
    except (KeyError, RuntimeError) as error:
        raise InvalidInput("The image tower's base weights are of another network than its configuration.") from error


def _square(patches: int) -> tuple[int, int]:
    side = round(patches**0.5)
    if side * side != patches:
        raise ValueError(f"the tower gives {patches} patches, which is not a square grid")
    return side, side
