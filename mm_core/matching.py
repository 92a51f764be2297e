"""Token-to-token matching of two modalities: late interaction, so that a match comes with the tokens that make it.

For each token of one modality the best token of the other is looked up in a shared space, and the similarities of all
those best ones are averaged; then the other way round. After Yao et al., "FILIP: fine-grained interactive
language-image pre-training" (ICLR 2022, arXiv 2111.07783), there for words and patches.

Shapes: B cases, R rotations, L tokens (La, Lb of the two modalities), W a tower's width, D width of the shared space.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from mm_core.encoders.tokens import Tokens

WIDTH: Final = 96
"""Of the shared space."""


class TokenMatching(nn.Module):
    """Projects each modality's tokens to one shared space of unit vectors, and matches those of two modalities."""

    def __init__(self, widths: Mapping[str, int], width: int = WIDTH) -> None:
        super().__init__()
        self.projections = nn.ModuleDict(
            {m: nn.Sequential(nn.LayerNorm(w), nn.Linear(w, width)) for m, w in widths.items()}
        )

    def project(self, modality: str, tokens: Tokens) -> Tokens:
        """Tokens (B, L, W) as unit vectors (B, L, D); zeros under the mask."""
        shared = functional.normalize(self.projections[modality](tokens.values.float()), dim=2)
        return Tokens(torch.where(tokens.mask.unsqueeze(2), shared, 0.0), tokens.mask)


def similarities(first: Tokens, second: Tokens) -> Tensor:
    """Cosine similarity of every token of one modality with every token of the other: (B, La, Lb) in -1..1, zero
    where either is masked. Both come from ``TokenMatching.project``."""
    return first.values @ second.values.transpose(1, 2)


def match_strength(first: Tokens, second: Tokens) -> Tensor:
    """How well two modalities match, (B,) in -1..1: the mean over the tokens of each of its best similarity with any
    token of the other, averaged over both directions. Zero where a row of either has no token. Symmetric."""
    found = similarities(first, second)
    return 0.5 * (_best(found, first.mask, second.mask) + _best(found.transpose(1, 2), second.mask, first.mask))


def _best(found: Tensor, queries: Tensor, keys: Tensor) -> Tensor:
    """The mean over queries (B, La) of the largest similarity with any key (B, Lb)."""
    best = found.masked_fill(~keys.unsqueeze(1), -2.0).amax(2)  # (B, La); -2 lies below every cosine
    kept = torch.where(queries & keys.any(1, keepdim=True), best, 0.0)
    return kept.sum(1) / queries.sum(1).clamp(min=1)
