"""Masked-patch reconstruction: the image tower learns faces before it learns labels.

He et al., "Masked autoencoders are scalable vision learners" (CVPR 2022), in the form for towers that need the whole
grid, with a linear decoder and an L1 loss on hidden patches: Xie et al., "SimMIM" (CVPR 2022).

Letters: B pictures, C channels, S side in pixels, L patches, P pixels of a patch (C * side * side).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mm_core.encoders.image import ImageBatch, ImageEncoder
from mm_core.training.loop import Schedule, fit

HIDDEN_SHARE: Final = 0.5
"""Of the patches; SimMIM finds 0.4 to 0.7 alike."""


def patches_of(pixels: Tensor, grid: tuple[int, int]) -> Tensor:
    """(B, C, S, S) cut into a grid of patches, row by row: (B, L, P)."""
    rows, columns = grid
    cut = pixels.unflatten(3, (columns, -1)).unflatten(2, (rows, -1))  # (B, C, rows, h, columns, w)
    return cut.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)


def hide(pixels: Tensor, hidden: Tensor, grid: tuple[int, int]) -> Tensor:
    """Pictures (B, C, S, S) with the patches that ``hidden`` (B, L) marks set to zero, the data's mean grey."""
    rows, columns = grid
    mask = hidden.view(-1, 1, rows, columns)
    mask = mask.repeat_interleave(pixels.shape[2] // rows, 2).repeat_interleave(pixels.shape[3] // columns, 3)
    return pixels.masked_fill(mask, 0.0)


def draw_hidden(size: int, patches: int, share: float, random: torch.Generator) -> Tensor:
    """(B, L) bool: ``share`` of each picture's patches, at least one and never all."""
    count = min(max(1, round(share * patches)), patches - 1)
    return torch.rand(size, patches, generator=random).argsort(1) < count


def reconstruction_loss(predicted: Tensor, wanted: Tensor, hidden: Tensor) -> Tensor:
    """Mean absolute error over the pixels of hidden patches; predicted, wanted (B, L, P), hidden (B, L); a scalar."""
    return (predicted - wanted).abs()[hidden].mean()


class PatchFiller(nn.Module):
    """The encoder with a linear decoder from each token to its patch's pixels."""

    def __init__(self, encoder: ImageEncoder) -> None:
        super().__init__()
        config = encoder.config
        self.encoder = encoder
        channels = 1 if config.grayscale else 3
        side = config.image_size // encoder.grid[0]
        self.decoder = nn.Linear(encoder.width, channels * side * side)

    def forward(self, pixels: Tensor, hidden: Tensor) -> Tensor:
        """Pixels (B, C, S, S), of which ``hidden`` (B, L) are not seen, to patches (B, L, P)."""
        seen = hide(pixels, hidden, self.encoder.grid)
        return self.decoder(self.encoder(ImageBatch(seen)).values.float())


class MaskedPatches:
    """The loop's task: every picture once an epoch, other patches hidden each time."""

    def __init__(self, module: PatchFiller, pixels: NDArray[np.uint8], batch_size: int = 128, seed: int = 0) -> None:
        self.module, self.pixels, self.batch_size, self.seed = module, pixels, batch_size, seed

    def steps(self) -> int:
        return max(1, len(self.pixels) // self.batch_size)

    def batches(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.pixels))
        yield from np.array_split(order, self.steps())

    def loss(self, module: nn.Module, rows: NDArray[np.int64]) -> Tensor:
        random = torch.Generator().manual_seed(int(rows[0]) * 7919 + int(rows[-1]) + self.seed)
        return self._error(module, rows, random)

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Error on the first pictures, always with the same patches hidden."""
        rows = np.arange(min(len(self.pixels), 512))
        return {"error": float(self._error(module, rows, torch.Generator().manual_seed(0)))}

    def _error(self, module: nn.Module, rows: NDArray[np.int64], random: torch.Generator) -> Tensor:
        encoder = self.module.encoder
        pixels = encoder.normalise(self.pixels[rows])
        rows_of_grid, columns = encoder.grid
        hidden = draw_hidden(len(rows), rows_of_grid * columns, HIDDEN_SHARE, random)
        device = next(module.parameters()).device
        predicted = module(pixels.to(device), hidden.to(device))
        return reconstruction_loss(predicted, patches_of(pixels, encoder.grid).to(device), hidden.to(device))


def pretrain_image(
    encoder: ImageEncoder,
    pictures: list[NDArray[np.uint8]],
    schedule: Schedule,
    folder: Path,
    *,
    batch_size: int = 128,
    quiet: bool = False,
) -> dict[str, Any]:
    """Pretrain the encoder in place on pictures without labels, (h, w, 3) uint8 each; returns the loop's history."""
    pixels = np.stack([encoder.resize(picture) for picture in pictures])
    task = MaskedPatches(PatchFiller(encoder), pixels, batch_size, schedule.seed)
    return fit(task, schedule, folder, quiet=quiet)
