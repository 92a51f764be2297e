"""How the hidden states of a voice lie and vary.

Shapes: B clips, W windows a clip, t states a window, K hidden width, S layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def mean_and_std(states: Sequence[Tensor], kept: Tensor) -> Tensor:
    """Mean and standard deviation (B, 2, S, K) of S lists of states (B, W, t, K) over the real ones (B, W, t) of a
    clip."""
    keep = kept.flatten(1).unsqueeze(-1)  # (B, W t, 1)
    count = keep.sum(1).clamp(min=1)
    means, deviations = [], []
    for layer in states:
        x = layer.flatten(1, 2)  # (B, W t, K)
        mean = torch.where(keep, x, 0.0).sum(1) / count
        square = torch.where(keep, x - mean.unsqueeze(1), 0.0).square().sum(1) / count
        means.append(mean)
        deviations.append(square.clamp(min=1e-10).sqrt())  # a clip of one state has no slope of infinity
    return torch.stack((torch.stack(means, 1), torch.stack(deviations, 1)), 1)
