"""What the audio towers that read spectrograms share: level, noise floor, and windows of long clips.

Shapes: B clips, W windows a clip, T frames a window, F bands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

LEVEL: Final = 0.05
"""Root mean square that a clip is brought to (about -26 dBFS): a microphone's gain says nothing."""

NOISE_FLOOR: Final = 0.10
"""Quantile over a clip's frames that is taken as each band's noise floor."""


def levelled(waveform: Tensor) -> Tensor:
    """A waveform (T,) brought to ``LEVEL``; silence stays silent."""
    return waveform * (LEVEL / waveform.square().mean().sqrt().clamp(min=1e-5))


def noise_floor(features: Tensor, mask: Tensor) -> Tensor:
    """The quiet level (F,) of each band of one clip's windows (W, T, F), over the real frames of ``mask`` (W, T)."""
    return features[mask].quantile(NOISE_FLOOR, dim=0)


def equal_windows(frames: int, longest: int) -> list[tuple[int, int]]:
    """Cut a clip into the fewest equal windows of at most ``longest`` frames: (start, size) in frames."""
    count = math.ceil(frames / longest)
    size = math.ceil(frames / count)
    return [(start, min(size, frames - start)) for start in range(0, frames, size)]


def stack_windows(clips: Sequence[Tensor], longest: int, multiple: int) -> tuple[Tensor, Tensor, Tensor]:
    """Spectrograms (frames, F) of several clips, cut into equal windows, as one padded batch.

    Returns the windows (B, W, T, F), zero beyond their ends, with T a multiple of ``multiple``; the mask (B, W, T) of
    real frames; and each window's first frame in its clip (B, W).
    """
    plans = [equal_windows(clip.shape[0], longest) for clip in clips]
    width = max(len(plan) for plan in plans)
    length = math.ceil(max(size for plan in plans for _, size in plan) / multiple) * multiple
    values = clips[0].new_zeros(len(clips), width, length, clips[0].shape[1])
    mask = torch.zeros(len(clips), width, length, dtype=torch.bool, device=values.device)
    starts = torch.zeros(len(clips), width, dtype=torch.long, device=values.device)
    for b, (clip, plan) in enumerate(zip(clips, plans, strict=True)):
        for w, (start, size) in enumerate(plan):
            values[b, w, :size] = clip[start : start + size]
            mask[b, w, :size] = True
            starts[b, w] = start
    return values, mask, starts
