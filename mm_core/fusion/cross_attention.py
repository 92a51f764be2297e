"""Cross-attention between modalities, after MulT (Tsai et al., ACL 2019), then attention pooling.

In each layer every modality's tokens query each other modality with attention of their own for that ordered
pair. Shapes: B samples, L tokens, D width, H heads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import Attention, Fused, PooledFusion
from mm_core.labels import MODALITIES
from mm_core.presets.configs import FusionConfig


class Scoring(nn.Module):
    """Scaled dot products (Vaswani et al., 2017)."""

    def __init__(self, heads: int) -> None:
        super().__init__()

    def forward(self, query: Tensor, key: Tensor, asks: Tensor, found: Tensor) -> Tensor:
        """Scores (B, H, L_query, L_key) of query and key (B, H, L, D / H), minus infinity where a key is masked.
        asks (B, L_query), found (B, L_key): which of them are real."""
        return _masked(query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5, found)


class CosineScoring(Scoring):
    """Cosines times a learned scale of each head, cold from the start: Henry et al., "Query-key normalization for
    transformers" (Findings of EMNLP 2020). Keys that are long can no longer win with every query."""

    coldest: ClassVar[float] = 100.0

    def __init__(self, heads: int) -> None:
        super().__init__(heads)
        self.log_scale = nn.Parameter(torch.full((heads, 1, 1), math.log(10.0)))

    def forward(self, query: Tensor, key: Tensor, asks: Tensor, found: Tensor) -> Tensor:
        return _masked(self._cosines(query, key), found)

    def _cosines(self, query: Tensor, key: Tensor) -> Tensor:
        scale = self.log_scale.exp().clamp(max=self.coldest)
        return scale * functional.normalize(query, dim=-1) @ functional.normalize(key, dim=-1).transpose(-2, -1)


class CentredScoring(CosineScoring):
    """Cosines less what all queries of a case think of a key: where everybody looks is left to the pooling at the
    end, and only what a query asks beside the others decides where it looks."""

    def forward(self, query: Tensor, key: Tensor, asks: Tensor, found: Tensor) -> Tensor:
        scores = self._cosines(query, key)
        real = asks[:, None, :, None]  # (B, 1, L_query, 1)
        common = torch.where(real, scores, 0.0).sum(2, keepdim=True) / real.sum(2, keepdim=True).clamp(min=1)
        alone = asks.sum(1)[:, None, None, None] < 2  # a single query has nobody to differ from
        return _masked(torch.where(alone, scores, scores - common), found)


class SparseScoring(Scoring):
    """Scaled dot products of which a query keeps its best keys (Zhao et al., "Explicit sparse transformer", 2019)."""

    kept: ClassVar[int] = 3

    def forward(self, query: Tensor, key: Tensor, asks: Tensor, found: Tensor) -> Tensor:
        scores = super().forward(query, key, asks, found)
        least = scores.topk(min(self.kept, scores.shape[-1]), dim=-1).values[..., -1:]
        return scores.masked_fill(scores < least, float("-inf"))


def _masked(scores: Tensor, found: Tensor) -> Tensor:
    return scores.masked_fill(~found[:, None, None, :], float("-inf"))


class CrossAttention(PooledFusion):
    """Layers of pairwise cross-attention; each modality's pooled tokens are concatenated and projected.

    scoring: what gives a query's scores of the keys; another class is another way to make attention depend on what
    asks.
    """

    scoring: ClassVar[type[Scoring]] = Scoring

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.layers = nn.ModuleList(_Layer(config, self.scoring(config.heads)) for _ in range(config.layers))

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        pairs = [(q, k) for q in MODALITIES for k in MODALITIES if q != k]
        maps: Attention | None = {pair: [] for pair in pairs} if attention else None
        for layer in self.layers:
            placed = layer(placed, maps)
        return self.pooled(placed, maps)


class CosineCrossAttention(CrossAttention):
    scoring = CosineScoring


class SparseCrossAttention(CrossAttention):
    scoring = SparseScoring


class CentredCrossAttention(CrossAttention):
    scoring = CentredScoring


class _Layer(nn.Module):
    """Each modality attends to the two others, then a feed-forward step; both residual, norms first."""

    def __init__(self, config: FusionConfig, scoring: Scoring) -> None:
        super().__init__()
        self.scoring = scoring
        width = config.width
        self.heads = config.heads
        self.norms = nn.ModuleDict({m: nn.LayerNorm(width) for m in MODALITIES})
        # One matrix a modality: its queries, keys and values towards each of the two others, six times D.
        self.inputs = nn.ModuleDict({m: nn.Linear(width, 6 * width) for m in MODALITIES})
        self.outputs = nn.ModuleDict({m: nn.Linear(2 * width, width) for m in MODALITIES})
        self.feed_forward = nn.ModuleDict(
            {
                m: nn.Sequential(
                    nn.LayerNorm(width),
                    nn.Linear(width, 2 * width),
                    nn.GELU(),
                    nn.Dropout(config.dropout),
                    nn.Linear(2 * width, width),
                )
                for m in MODALITIES
            }
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, tokens: dict[str, Tokens], maps: Attention | None) -> dict[str, Tokens]:
        queries: dict[tuple[str, str], Tensor] = {}
        keys: dict[tuple[str, str], Tensor] = {}
        values: dict[tuple[str, str], Tensor] = {}
        for m in MODALITIES:
            joined = self.inputs[m](self.norms[m](tokens[m].values))  # (B, L, 6 D)
            parts = joined.unflatten(2, (6, self.heads, -1)).permute(2, 0, 3, 1, 4)  # 6 x (B, H, L, D / H)
            for side, other in enumerate(o for o in MODALITIES if o != m):
                queries[m, other] = parts[3 * side]
                keys[other, m] = parts[3 * side + 1]  # what the other one finds here
                values[other, m] = parts[3 * side + 2]
        result: dict[str, Tokens] = {}
        for m in MODALITIES:
            read = []
            for other in MODALITIES:
                if other == m:
                    continue
                pair = (m, other)
                found = tokens[other].mask  # (B, L_key)
                if maps is None and type(self.scoring) is Scoring:  # the fast kernel of exactly that
                    out = functional.scaled_dot_product_attention(
                        queries[pair], keys[pair], values[pair], attn_mask=found[:, None, None, :]
                    )
                else:
                    weights = self.scoring(queries[pair], keys[pair], tokens[m].mask, found).softmax(-1)
                    out = weights @ values[pair]
                    if maps is not None:
                        maps[pair].append(weights)
                read.append(out.transpose(1, 2).flatten(2))  # (B, L, D)
            x = tokens[m].values + self.dropout(self.outputs[m](torch.cat(read, 2)))
            result[m] = Tokens(x + self.feed_forward[m](x), tokens[m].mask)
        return result


def explicit_attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Scaled dot-product attention with its weights: (B, H, L_query, D / H) and (B, H, L_query, L_key)."""
    scores = query @ key.transpose(-2, -1) / query.shape[-1] ** 0.5
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    return weights @ value, weights
