"""Joint self-attention over the tokens of all modalities, as in VisualBERT (Li et al., 2019) and the single-stream
models after it.

Shapes: B samples, L tokens of one modality, N of all together, D width, H heads.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from mm_core.encoders.tokens import Tokens
from mm_core.fusion.base import Attention, Fused, PooledFusion
from mm_core.fusion.cross_attention import explicit_attention
from mm_core.labels import MODALITIES
from mm_core.presets.configs import FusionConfig


class Transformer(PooledFusion):
    """One sequence of all tokens, each marked with its modality; the vector joins each modality's pooled tokens."""

    def __init__(self, widths: Mapping[str, int], config: FusionConfig) -> None:
        super().__init__(widths, config)
        self.kinds = nn.Parameter(torch.randn(len(MODALITIES), config.width) * 0.02)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))

    def combine(self, placed: dict[str, Tokens], presence: Tensor, attention: bool) -> Fused:
        lengths = [placed[m].mask.shape[1] for m in MODALITIES]
        mask = torch.cat([placed[m].mask for m in MODALITIES], 1)  # (B, N)
        x = torch.cat([placed[m].values + kind for m, kind in zip(MODALITIES, self.kinds, strict=True)], 1)
        maps: Attention | None = {(q, k): [] for q in MODALITIES for k in MODALITIES} if attention else None
        for layer in self.layers:
            x = layer(x, mask, lengths, maps)
        parts = zip(MODALITIES, x.split(lengths, 1), mask.split(lengths, 1), strict=True)
        return self.pooled({m: Tokens(values, real) for m, values, real in parts}, maps)


class _Layer(nn.Module):
    """Self-attention, then a feed-forward step; both residual, norms first."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        width, self.heads = config.width, config.heads
        self.norm = nn.LayerNorm(width)
        self.inputs, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, 2 * width),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(2 * width, width),
        )
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor, lengths: list[int], maps: Attention | None) -> Tensor:
        joined = self.inputs(self.norm(x)).unflatten(2, (3, self.heads, -1))
        query, key, value = joined.permute(2, 0, 3, 1, 4)  # each (B, H, N, D / H)
        allowed = mask[:, None, None, :]  # (B, 1, 1, N)
        if maps is None:
            read = functional.scaled_dot_product_attention(query, key, value, attn_mask=allowed)
        else:
            weights = explicit_attention(query, key, value, allowed)[1]
            # Cut into pairs and put together again, so that each pair's map lies on the way to the answer.
            rows = []
            for q, part in zip(MODALITIES, weights.split(lengths, 2), strict=True):
                blocks = part.split(lengths, 3)
                for k, block in zip(MODALITIES, blocks, strict=True):
                    maps[q, k].append(block)
                rows.append(torch.cat(blocks, 3))
            read = torch.cat(rows, 2) @ value
        x = x + self.dropout(self.output(read.transpose(1, 2).flatten(2)))
        return x + self.feed_forward(x)
