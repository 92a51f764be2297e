"""Loss functions.

Letters: B samples, C classes.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def soft_cross_entropy(logits: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy against distributions; logits, targets (B, C), targets summing to 1 a row; a scalar.

    A row whose targets are all zero is masked out; without any other row the loss is zero.
    """
    present = targets.sum(1) > 0
    if not present.any():
        return logits.sum() * 0.0
    logits, targets = logits[present], targets[present]
    if smoothing:
        targets = targets * (1.0 - smoothing) + smoothing / targets.shape[1]
    return -(targets * functional.log_softmax(logits, 1)).sum(1).mean()


def multilabel_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy of each label on its own, summed over labels; logits, targets (B, C), a scalar.

    Rows without any label are masked out.
    """
    present = targets.sum(1) > 0
    if not present.any():
        return logits.sum() * 0.0
    each = functional.binary_cross_entropy_with_logits(
        logits[present], (targets[present] > 0).float(), reduction="none"
    )
    return each.sum(1).mean()


def normalised(targets: Tensor) -> Tensor:
    """Several ones a row to equal shares: (B, C) to (B, C); an all-zero row stays zero."""
    return targets / targets.sum(1, keepdim=True).clamp(min=1.0)


def one_hot_or_zero(indices: Tensor, classes: int) -> Tensor:
    """(B,) class indices to (B, classes) float; -1 gives an all-zero row, which the losses mask out."""
    hot = functional.one_hot(indices.clamp(min=0), classes).float()
    return torch.where((indices >= 0).unsqueeze(1), hot, 0.0)


def mixing(size: int, alpha: float, random: torch.Generator) -> tuple[float, Tensor]:
    """Draw a mixup (Zhang et al., 2018): the weight of each sample, and whom it is mixed with, (B,) indices.

    The weight is Beta(alpha, alpha), taken at least one half, so a sample keeps the larger part of itself.
    """
    first = torch._standard_gamma(torch.tensor([alpha, alpha]), generator=random)
    weight = float(first[0] / first.sum().clamp(min=1e-8))
    return max(weight, 1.0 - weight), torch.randperm(size, generator=random)


def mixed(values: Tensor, weight: float, order: Tensor) -> Tensor:
    """``values`` (B, ...) with each row mixed with the row that ``order`` names."""
    return weight * values + (1.0 - weight) * values[order]
