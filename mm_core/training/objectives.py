"""Loss functions, and how several of them are weighed against each other.

Shapes: B samples, C classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import Tensor, nn
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
    return soft_multilabel_cross_entropy(logits, (targets > 0).float())


def soft_multilabel_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy against probabilities, summed over labels; logits, targets (B, C), a scalar.

    A row whose targets are all zero is masked out; without any other row the loss is zero.
    """
    present = targets.sum(1) > 0
    if not present.any():
        return logits.sum() * 0.0
    logits, targets = logits[present], targets[present]
    return functional.binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(1).mean()


def info_nce(first: Tensor, second: Tensor, scale: Tensor | float) -> Tensor:
    """Each row of one modality must find its own row of the other among all rows: (B, D), (B, D) to a scalar.

    Symmetric cross-entropy over cosine similarities times ``scale``, the inverse temperature: van den Oord et al.,
    "Representation learning with contrastive predictive coding" (2018), in the form of Radford et al., "Learning
    transferable visual models from natural language supervision" (CLIP, ICML 2021).
    """
    similarity = scale * functional.normalize(first, dim=1) @ functional.normalize(second, dim=1).T  # (B, B)
    own = torch.arange(len(first), device=first.device)
    return 0.5 * (functional.cross_entropy(similarity, own) + functional.cross_entropy(similarity.T, own))


class LearnedWeights(nn.Module):
    """Losses weighed by what the model finds it can't know about each: Kendall, Gal and Cipolla, "Multi-task learning
    using uncertainty to weigh losses" (CVPR 2018).

    Each loss counts exp(-s) times itself plus s / 2, with s the logarithm of its learned variance.
    """

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        self.log_variances = nn.ParameterDict({name: nn.Parameter(torch.zeros(())) for name in names})

    def forward(self, losses: Mapping[str, Tensor]) -> Tensor:
        """Named scalars to one; ValueError for a name that was not announced."""
        if unknown := set(losses) - set(self.log_variances):
            raise ValueError(f"no weight was announced for {', '.join(sorted(unknown))}")
        terms = [torch.exp(-self.log_variances[n]) * loss + 0.5 * self.log_variances[n] for n, loss in losses.items()]
        return torch.stack(terms).sum()


def normalised(targets: Tensor) -> Tensor:
    """Several ones a row to equal shares: (B, C) to (B, C); an all-zero row stays zero."""
    return targets / targets.sum(1, keepdim=True).clamp(min=1.0)


def one_hot_or_zero(indices: Tensor, classes: int) -> Tensor:
    """(B,) class indices to (B, classes) float; -1 gives an all-zero row, which the losses mask out."""
    hot = functional.one_hot(indices.clamp(min=0), classes).float()
    return torch.where((indices >= 0).unsqueeze(1), hot, 0.0)


def mixing(size: int, alpha: float, random: np.random.Generator) -> tuple[float, Tensor]:
    """Draw a mixup (Zhang et al., 2018): the weight of each sample, and whom it is mixed with, (B,) indices.

    The weight is Beta(alpha, alpha), taken at least one half, so a sample keeps the larger part of itself.
    """
    weight = float(random.beta(alpha, alpha))  # torch's own Beta can't be drawn from a generator
    return max(weight, 1.0 - weight), torch.from_numpy(random.permutation(size))
