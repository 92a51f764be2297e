"""How the hidden states of a voice lie and vary, and how far that is from a reference voice.

Shapes: B clips, W windows a clip, t states a window, K hidden width, S layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

SLACK: Final = 1e-2
"""Added to deviations, so that a dimension that hardly moves is not blown up."""


def mean_and_std(states: Sequence[Tensor], kept: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation (B, S, K) of S lists of states (B, W, t, K) over the real ones (B, W, t) of a clip."""
    keep = kept.flatten(1).unsqueeze(-1)  # (B, W t, 1)
    count = keep.sum(1).clamp(min=1)
    means, deviations = [], []
    for layer in states:
        x = layer.flatten(1, 2)  # (B, W t, K)
        mean = torch.where(keep, x, 0.0).sum(1) / count
        square = torch.where(keep, x - mean.unsqueeze(1), 0.0).square().sum(1) / count
        means.append(mean)
        deviations.append(square.clamp(min=1e-10).sqrt())  # a clip of one state has no slope of infinity
    return torch.stack(means, 1), torch.stack(deviations, 1)


def relative_statistics(mean: Tensor, std: Tensor, reference_mean: Tensor, reference_std: Tensor) -> Tensor:
    """Statistics (B, S, K) as distances from a reference: all means, then all deviations in log ratio, (B, 2 S K)."""
    spread = reference_std + SLACK
    moved = (mean - reference_mean) / spread
    widened = 2.0 * ((std + SLACK).log() - spread.log())
    return torch.cat((moved.flatten(1), widened.flatten(1)), 1)
