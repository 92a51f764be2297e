"""Cross-attention between modalities, after MulT (Tsai et al., ACL 2019), then attention pooling.

In each layer every modality's tokens query each other modality with attention of their own for that ordered
pair. Shapes: B samples, L tokens, D width, H heads.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import Attention, Fused, PooledFusion
from mm_core.labels import MODALITIES
from mm_core.presets.configs import FusionConfig


class CrossAttention(PooledFusion):
    """Layers of pairwise cross-attention; each modality's pooled tokens are concatenated and projected."""

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        pairs = [(q, k) for q in MODALITIES for k in MODALITIES if q != k]
        maps: Attention | None = {pair: [] for pair in pairs} if attention else None
        for layer in self.layers:
            placed = layer(placed, maps)
        return self.pooled(placed, maps)


class _Layer(nn.Module):
    """Each modality attends to the two others, then a feed-forward step; both residual, norms first."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
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
                mask = tokens[other].mask[:, None, None, :]  # (B, 1, 1, L_key)
                if maps is None:
                    out = functional.scaled_dot_product_attention(
                        queries[pair], keys[pair], values[pair], attn_mask=mask
                    )
                else:
                    out, weights = explicit_attention(queries[pair], keys[pair], values[pair], mask)
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
