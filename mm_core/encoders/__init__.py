"""Encoders: one modality each, preprocessing beside its tower, all returning Tokens."""

from mm_core.encoders.base import Batch, Encoder, Encoders, TowerConfig
from mm_core.encoders.tokens import Span, Tokens
from mm_core.encoders.towers import TOWERS, base_encoder, restored_encoder

__all__ = [
    "TOWERS",
    "Batch",
    "Encoder",
    "Encoders",
    "Span",
    "Tokens",
    "TowerConfig",
    "base_encoder",
    "restored_encoder",
]
