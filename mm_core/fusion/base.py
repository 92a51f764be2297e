"""What every fusion shares: projection to one width, the learned absent token, the result.

Shapes: B samples, L tokens, D width, H heads.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from mm_core.encoders.tokens import Tokens
from mm_core.labels import MODALITIES
from mm_core.presets.configs import FusionConfig

Attention = dict[tuple[str, str], list[Tensor]]
"""For each ordered pair (query modality, key modality): one tensor (B, H, L_query, L_key) a layer, rows summing
to 1. Where one softmax runs over all modalities (``transformer``) the pairs of a modality with itself are there too,
and a query's rows sum to 1 over its three pairs. They are part of the graph, so gradients with respect to them can be
asked for."""


@dataclass(frozen=True, eq=False)
class Experts:
    """Modalities that answer one by one, M of them: vectors (B, M, D) for the heads to read each on its own, and the
    weights (B, M) of their answers, summing to 1 a row, 0 where absent."""

    vectors: Tensor
    weights: Tensor


@dataclass(frozen=True, eq=False)
class Fused:
    """vector (B, D). Only when attention was asked for and the strategy has any: attention, and pooling, the weight
    (B, L) of each token of each modality in the vector, rows summing to 1, in the graph as well. experts: where
    answers are to be averaged rather than vectors; the heads then read these instead of the vector."""

    vector: Tensor
    attention: Attention | None = None
    pooling: dict[str, Tensor] | None = None
    experts: Experts | None = None


class Fusion(nn.Module, ABC):
    """Tokens of up to three modalities to one vector.

    A missing modality is a normal input: its place is taken by one learned token, and whatever lies in its slot
    has no effect on any output, bit for bit.
    """

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__()
        self.config = config
        self.norms = nn.ModuleDict({m: nn.LayerNorm(widths[m]) for m in MODALITIES})
        self.projections = nn.ModuleDict({m: nn.Linear(widths[m], config.width) for m in MODALITIES})
        self.absent = nn.ParameterDict({m: nn.Parameter(torch.randn(config.width) * 0.02) for m in MODALITIES})

    def project_tokens(self, tokens: Mapping[str, Tokens], presence: Tensor) -> dict[str, Tokens]:
        """Project each modality to (B, L, D) and put the absent token where ``presence`` (B, 3) is False.

        A modality that no sample has may be missing from ``tokens``.
        """
        placed: dict[str, Tokens] = {}
        for column, modality in enumerate(MODALITIES):
            here = presence[:, column]  # (B,)
            absent = self.absent[modality].expand(len(presence), 1, -1)  # (B, 1, D)
            if modality not in tokens:
                if bool(here.any()):
                    raise ValueError(f"{modality} is marked present but has no tokens")
                ones = torch.ones(len(presence), 1, dtype=torch.bool, device=presence.device)
                placed[modality] = Tokens(absent, ones)
                continue
            given = tokens[modality]
            values = self.projections[modality](self.norms[modality](given.values.float()))  # (B, L, D)
            keep = (here[:, None] & given.mask).unsqueeze(-1)  # (B, L, 1)
            values = torch.where(keep, values, 0.0)
            first = torch.where(here[:, None, None], values[:, :1], absent)
            head = torch.where(here[:, None], given.mask[:, :1], True)
            rest = given.mask[:, 1:] & here[:, None]
            placed[modality] = Tokens(torch.cat((first, values[:, 1:]), 1), torch.cat((head, rest), 1))
        return placed

    def forward(self, tokens: Mapping[str, Tokens], presence: Tensor, attention: bool = False) -> Fused:
        """Fuse; ``attention`` asks for the maps, which costs an explicit softmax and changes no answer."""
        return self.combine(self.project_tokens(tokens, presence), presence, attention)

    @abstractmethod
    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        """The strategy itself, on projected tokens with absent ones in place."""


def mean_tokens(placed: Mapping[str, Tokens]) -> Tensor:
    """Each modality's mean token, in MODALITIES order: (B, 3, D)."""
    return torch.stack([placed[m].mean() for m in MODALITIES], 1)


def shares_of_present(presence: Tensor) -> Tensor:
    """Equal weights of the present modalities, (B, 3) summing to 1; with nothing present, of the absent tokens."""
    counted = torch.where(presence.any(1, keepdim=True), presence, True).float()
    return counted / counted.sum(1, keepdim=True)


class AttentionPool(nn.Module):
    """One learned query over a modality's tokens: (B, L, D) to (B, D) and the tokens' weights (B, L)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1)
        nn.init.zeros_(self.score.weight)  # starts as the mean
        nn.init.zeros_(self.score.bias)

    def forward(self, tokens: Tokens) -> tuple[Tensor, Tensor]:
        scores = self.score(tokens.values).squeeze(-1).masked_fill(~tokens.mask, float("-inf"))  # (B, L)
        weights = scores.softmax(1)
        return (weights.unsqueeze(1) @ tokens.values).squeeze(1), weights


class PooledFusion(Fusion):
    """A fusion whose layers rewrite the tokens: each modality's tokens are pooled, joined and refined at the end."""

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.pools = nn.ModuleDict({m: AttentionPool(config.width) for m in MODALITIES})
        self.join = nn.Linear(len(MODALITIES) * config.width, config.width)
        self.refine = ResidualMLP(config.width, config.dropout)

    def pooled(self, tokens: Mapping[str, Tokens], maps: Attention | None) -> Fused:
        """Each modality's tokens to the vector (B, D); with the maps of the layers the pooling's weights are kept."""
        vectors, weights = zip(*(self.pools[m](tokens[m]) for m in MODALITIES), strict=True)
        vector = self.refine(self.join(torch.cat(vectors, 1)))  # (B, 3 D) to (B, D)
        if maps is None:
            return Fused(vector)
        return Fused(vector, maps, dict(zip(MODALITIES, weights, strict=True)))


class ResidualMLP(nn.Module):
    """A residual two-layer network on the fused vector (B, D).

    Its input is added, not normalised: the sum of the modalities keeps its length, so that agreeing evidence can
    add up.
    """

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, 2 * width),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(2 * width, width),
        )

    def forward(self, vector: Tensor) -> Tensor:
        return vector + self.layers(vector)
