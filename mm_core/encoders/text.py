"""Text encoder: a transformers model over word pieces.

Letters: B texts, L word pieces, E embedding width, D output width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer

from mm_core.encoders.tokens import Span, Tokens
from mm_core.presets.configs import TextConfig


@dataclass(frozen=True, eq=False)
class TextBatch:
    """ids (B, L) int64; mask (B, L) bool; spans per text: character range of each piece, None for special ones;
    given_pieces (B): how many pieces the whole text has, to say what was cut."""

    ids: Tensor
    mask: Tensor
    spans: list[list[Span | None]] = field(repr=False)
    given_pieces: list[int]

    def to(self, device: torch.device | str) -> TextBatch:
        return TextBatch(self.ids.to(device), self.mask.to(device), self.spans, self.given_pieces)


class TextEncoder(nn.Module):
    """Word pieces in, Tokens (B, L, D) out."""

    def __init__(self, config: TextConfig, tokenizer: Any, backbone: nn.Module) -> None:
        super().__init__()
        self.config = config
        self.tokenizer = tokenizer
        self.backbone = backbone
        self.width: int = backbone.config.hidden_size  # type: ignore[union-attr,assignment]
        self.max_pieces = min(config.max_pieces, getattr(backbone.config, "max_position_embeddings", 512))

    @classmethod
    def from_pretrained(cls, config: TextConfig) -> TextEncoder:
        """Load base weights from ``config.source``: a hub name or a folder in the hub's format."""
        tokenizer = AutoTokenizer.from_pretrained(config.source)
        return cls(config, tokenizer, _without_pooler(AutoModel.from_pretrained(config.source)))

    @classmethod
    def from_folder(cls, config: TextConfig, folder: Path) -> TextEncoder:
        """Rebuild the structure that ``save_structure`` wrote; weights are loaded by the caller."""
        tokenizer = AutoTokenizer.from_pretrained(folder)
        backbone = AutoModel.from_config(AutoConfig.from_pretrained(folder))
        return cls(config, tokenizer, _without_pooler(backbone))

    def save_structure(self, folder: Path) -> None:
        """Write tokenizer and backbone configuration, without weights."""
        folder.mkdir(parents=True, exist_ok=True)
        self.tokenizer.save_pretrained(folder)
        self.backbone.config.save_pretrained(folder)  # type: ignore[union-attr,operator]

    def prepare(self, texts: Sequence[str]) -> TextBatch:
        """Tokenise; a text longer than ``max_pieces`` is cut at the end."""
        cut = self.tokenizer(
            list(texts),
            truncation=True,
            max_length=self.max_pieces,
            padding=True,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            return_tensors="pt",
        )
        spans: list[list[Span | None]] = [
            [None if flag else (start, end) for (start, end), flag in zip(row, flags, strict=True)]
            for row, flags in zip(cut["offset_mapping"].tolist(), cut["special_tokens_mask"].tolist(), strict=True)
        ]
        mask = cut["attention_mask"].bool()
        given = mask.sum(1).tolist()
        for index, length in enumerate(given):
            if length >= self.max_pieces:  # perhaps cut: count what the whole text would have taken
                given[index] = len(self.tokenizer(texts[index])["input_ids"])
        return TextBatch(cut["input_ids"], mask, spans, given)

    def features(self, batch: TextBatch) -> Tensor:
        """Word-piece embeddings (B, L, E), before positions are added."""
        return self.backbone.get_input_embeddings()(batch.ids)  # type: ignore[operator]

    def forward(self, batch: TextBatch, features: Tensor | None = None) -> Tokens:
        """Contextual word pieces (B, L, D); ``features`` stand in for the batch's own embeddings."""
        chosen = {"input_ids": batch.ids} if features is None else {"inputs_embeds": features}
        out = self.backbone(attention_mask=batch.mask.long(), **chosen)
        return Tokens(out.last_hidden_state, batch.mask)

    def spans(self, batch: TextBatch, index: int) -> list[Span | None]:
        return batch.spans[index]


def _without_pooler(backbone: nn.Module) -> nn.Module:
    """Drop the pooler that sentence and classification models carry: Tokens never use it."""
    if getattr(backbone, "pooler", None) is not None:
        backbone.pooler = None  # type: ignore[assignment]
    return backbone
