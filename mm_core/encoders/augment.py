"""Augmentation on batches: faces (B, 1, S, S), waveforms (T,), log-mel (T, F), word pieces (B, L)."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from mm_core.encoders.recording import band_limit, noise, reverberation


def faces(pixels: Tensor, random: torch.Generator) -> Tensor:
    """Flip, rotate, scale, shift, darken, blur and cover normalised faces (B, C, S, S), each on its own."""
    size, _, height, width = pixels.shape

    def draw(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(size, generator=random)

    angle = draw(-15.0, 15.0) * math.pi / 180
    scale = draw(0.85, 1.12)
    flip = torch.where(torch.rand(size, generator=random) < 0.5, -1.0, 1.0)
    cosine, sine = angle.cos() * scale, angle.sin() * scale
    rows = torch.stack((cosine * flip, -sine, draw(-0.12, 0.12)), 1)
    columns = torch.stack((sine * flip, cosine, draw(-0.12, 0.12)), 1)
    grid = functional.affine_grid(torch.stack((rows, columns), 1), list(pixels.shape), align_corners=False)
    pixels = functional.grid_sample(pixels, grid, padding_mode="reflection", align_corners=False)

    contrast, lightness = draw(0.7, 1.3), draw(-0.5, 0.5)
    pixels = pixels * contrast.view(-1, 1, 1, 1) + lightness.view(-1, 1, 1, 1)

    blurred = functional.avg_pool2d(functional.pad(pixels, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    amount = torch.where(torch.rand(size, generator=random) < 0.2, draw(0.3, 1.0), 0.0).view(-1, 1, 1, 1)
    pixels = torch.lerp(pixels, blurred, amount)

    covered = torch.rand(size, generator=random) < 0.25
    side, top, left = draw(0.15, 0.4), draw(0.0, 0.85), draw(0.0, 0.85)
    y, x = torch.arange(height) / height, torch.arange(width) / width
    inside_y = (y >= top[:, None]) & (y < (top + side)[:, None])  # (B, S)
    inside_x = (x >= left[:, None]) & (x < (left + side)[:, None])
    box = covered[:, None, None] & inside_y[:, :, None] & inside_x[:, None, :]  # (B, S, S)
    return torch.where(box.unsqueeze(1), 0.0, pixels)


def voice(waveform: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Change speed (and with it pitch) by up to 12 %, cut the front, add noise: (T,) to (T',)."""
    speed = random.uniform(0.88, 1.12)
    positions = np.arange(0, len(waveform) - 1, speed)
    changed = np.interp(positions, np.arange(len(waveform)), waveform)
    if random.random() < 0.5:
        ratio_db = random.uniform(10.0, 35.0)
        level = np.sqrt(np.mean(changed**2) + 1e-12) * 10 ** (-ratio_db / 20)
        noise = random.standard_normal(len(changed))
        if random.random() < 0.5:  # pink-like: most rooms hum more than they hiss
            noise = np.cumsum(noise)
            noise = noise - np.convolve(noise, np.ones(101) / 101, mode="same")
            noise /= noise.std() + 1e-9
        changed = changed + level * noise
    return changed.astype(np.float32)


def recording(waveform: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """The same voice by another speaker's pace, room, noise and microphone: (T,) to (T',).

    Speed (and with it pitch) within 10 %; a room in two of five clips; noise from white to brown at 8 to 35 dB in
    three of five; a telephone's band in one of five, another upper end in one of four. So that acted and everyday
    recordings can't be told apart by how they were made.
    """
    speed = random.uniform(0.9, 1.1)
    positions = np.arange(0, len(waveform) - 1, speed)
    changed = np.interp(positions, np.arange(len(waveform)), waveform).astype(np.float32)
    if random.random() < 0.4:
        changed = reverberation(changed, random.uniform(0.1, 0.6), random, tail=random.uniform(0.1, 0.5))
    if random.random() < 0.6:
        changed = noise(changed, random.uniform(8.0, 35.0), random, slope=float(random.integers(0, 3)))
    band = random.random()
    if band < 0.2:
        return band_limit(changed, random.uniform(2_800.0, 3_800.0), random, low=random.uniform(150.0, 350.0))
    if band < 0.45:
        return band_limit(changed, random.uniform(3_500.0, 7_500.0), random)
    return changed


def mel(spectrum: Tensor, floor: Tensor, random: np.random.Generator) -> Tensor:
    """SpecAugment (Park et al., 2019) on (T, F): two masks of time, two of bands, and a tilt and gain of bands.

    floor: (F,) what a masked cell becomes.
    """
    frames, bands = spectrum.shape
    tilt = torch.linspace(-1.0, 1.0, bands) * random.normal(0.0, 0.5) + random.normal(0.0, 0.5)
    spectrum = spectrum + tilt
    for _ in range(2):
        length = int(random.integers(0, max(2, frames // 6)))
        start = int(random.integers(0, max(1, frames - length)))
        spectrum[start : start + length] = floor
        height = int(random.integers(0, bands // 6))
        low = int(random.integers(0, bands - height))
        spectrum[:, low : low + height] = floor[low : low + height]
    return spectrum


def word_pieces(ids: Tensor, special: Tensor, mask_id: int, share: float, random: torch.Generator) -> Tensor:
    """Replace a share of word pieces (B, L) by the mask piece; special ones stay."""
    chosen = torch.rand(ids.shape, generator=random) < share
    return torch.where(chosen & ~special, mask_id, ids)


def excerpt(length: int, longest: int, random: np.random.Generator) -> slice:
    """Where a random part of at most ``longest`` lies in something of ``length``."""
    start = int(random.integers(0, length - longest + 1)) if length > longest else 0
    return slice(start, start + longest)


def mixed(values: Tensor, weight: float, order: Tensor) -> Tensor:
    """``values`` (B, ...) with each row mixed with the row that ``order`` (B,) names: mixup (Zhang et al., 2018)."""
    return weight * values + (1.0 - weight) * values[order]
