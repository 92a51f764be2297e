"""Text encoder: a transformers model over word pieces.

Shapes: B texts, L word pieces, E embedding width, D output width.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedModel

from mm_core.encoders.augment import word_pieces
from mm_core.encoders.base import Batch, Encoder, TowerConfig, random_seed
from mm_core.encoders.checks import require
from mm_core.encoders.tokens import Span, Tokens
from mm_core.encoders.typing_errors import hurried
from mm_core.encoders.vocabulary import prune_vocabulary
from mm_core.samples import Notice


@dataclass(frozen=True)
class TextConfig(TowerConfig):
    """A transformers text model.

    source: hub name or folder of the base weights, used for training and for hub-sized presets; a saved model
    carries its own copy. vocabulary: how many word pieces to keep, 0 for all. max_pieces: longest text read. hurried:
    share of texts that training shows with typing errors, so that confidence falls when the text gets worse.
    languages: ISO 639-1 codes of those that it learns to read; training leaves corpora in others alone.
    """

    source: str = "sentence-transformers/all-MiniLM-L6-v2"
    vocabulary: int = 0
    max_pieces: int = 128
    hurried: float = 0.0
    languages: tuple[str, ...] = ("en",)

    def __post_init__(self) -> None:
        object.__setattr__(self, "languages", tuple(self.languages))
        require(8 <= self.max_pieces <= 512, f"max_pieces must lie in 8..512, not {self.max_pieces}")
        require(0 <= self.hurried <= 1, f"hurried must lie in 0..1, not {self.hurried}")
        require(self.vocabulary >= 0, "vocabulary must be 0 (all) or a number of word pieces")

    def based_on(self, source: str) -> Self:
        return dataclasses.replace(self, source=source)


@dataclass(frozen=True, eq=False)
class TextBatch(Batch):
    """ids (B, L) int64; mask (B, L) bool; spans per text: character range of each piece, None for special ones;
    given_pieces (B): how many pieces the whole text has, to say what was cut."""

    ids: Tensor
    mask: Tensor
    spans: list[list[Span | None]] = field(repr=False)
    given_pieces: list[int]


class TextEncoder(Encoder[TextConfig, TextBatch]):
    """Word pieces in, Tokens (B, L, D) out."""

    modality = "text"
    kind = "transformer"
    config_type = TextConfig
    bears_eight_bits = True

    token_dropout = 0.08
    """Share of word pieces that training masks."""

    def __init__(self, config: TextConfig, tokenizer: Any, backbone: PreTrainedModel) -> None:
        super().__init__()
        self.config = config
        self.tokenizer = tokenizer
        self.backbone = backbone
        self.width = backbone.config.hidden_size
        self.max_pieces = min(config.max_pieces, getattr(backbone.config, "max_position_embeddings", 512))

    @classmethod
    def from_pretrained(cls, config: TextConfig) -> Self:
        """Load base weights from ``config.source``: a hub name or a folder in the hub's format."""
        tokenizer = AutoTokenizer.from_pretrained(config.source)
        return cls(config, tokenizer, _without_pooler(AutoModel.from_pretrained(config.source, dtype=torch.float32)))

    @classmethod
    def from_folder(cls, config: TextConfig, folder: Path) -> Self:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        backbone = AutoModel.from_config(AutoConfig.from_pretrained(folder))
        return cls(config, tokenizer, _without_pooler(backbone))

    def save_structure(self, folder: Path) -> None:
        """Write tokenizer and backbone configuration, without weights."""
        folder.mkdir(parents=True, exist_ok=True)
        self.tokenizer.save_pretrained(folder)
        self.backbone.config.save_pretrained(folder)

    @property
    def mask_token(self) -> str:
        return str(self.tokenizer.convert_ids_to_tokens(self._blank_id))

    def prepare(self, inputs: Sequence[str]) -> TextBatch:
        """Tokenise; a text longer than ``max_pieces`` is cut at the end."""
        cut = self.tokenizer(
            list(inputs),
            truncation=True,
            max_length=self.max_pieces,
            padding=True,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            return_tensors="pt",
        )
        # A word that was masked by hand is no word any more.
        nowhere = cut["special_tokens_mask"].bool() | (cut["input_ids"] == self._blank_id)
        spans: list[list[Span | None]] = [
            [None if flag else (start, end) for (start, end), flag in zip(row, flags, strict=True)]
            for row, flags in zip(cut["offset_mapping"].tolist(), nowhere.tolist(), strict=True)
        ]
        mask = cut["attention_mask"].bool()
        given = mask.sum(1).tolist()
        for index, length in enumerate(given):
            if length >= self.max_pieces:  # perhaps cut: count what the whole text would have taken
                given[index] = len(self.tokenizer(inputs[index])["input_ids"])
        return TextBatch(cut["input_ids"], mask, spans, given)

    def features(self, batch: TextBatch) -> Tensor:
        """Word-piece embeddings (B, L, E), before positions are added."""
        return self.backbone.get_input_embeddings()(batch.ids)

    def forward(self, batch: TextBatch, features: Tensor | None = None) -> Tokens:
        """Contextual word pieces (B, L, D); ``features`` stand in for the batch's own embeddings."""
        chosen = {"input_ids": batch.ids} if features is None else {"inputs_embeds": features}
        out = self.backbone(attention_mask=batch.mask.long(), **chosen)
        return Tokens(out.last_hidden_state, batch.mask)

    def spans(self, batch: TextBatch, index: int) -> list[Span | None]:
        """Characters of each piece."""
        return batch.spans[index]

    def notices(self, batch: TextBatch) -> list[Notice | None]:
        """Which part of a text was read, where it was cut."""
        return [self._cut(pieces) if pieces > self.max_pieces else None for pieces in batch.given_pieces]

    @property
    def _blank_id(self) -> int:
        """The piece that stands for a word taken away: the mask, or the unknown one where there is no mask."""
        mask = self.tokenizer.mask_token_id
        return self.tokenizer.unk_token_id if mask is None else mask

    def _cut(self, pieces: int) -> Notice:
        share = 100 * (self.max_pieces - 2) / max(1, pieces - 2)
        return Notice("text", "cut", f"The text is longer than the model reads: the first {share:.0f}% are used.")

    def feature_mask(self, batch: TextBatch, features: Tensor) -> Tensor:
        """Each embedding is its own token's: (L, 1)."""
        return torch.arange(features.shape[1], device=features.device)[:, None]

    def baseline(self, batch: TextBatch, features: Tensor) -> Tensor:
        """The embedding of the mask token."""
        masked = dataclasses.replace(batch, ids=torch.full_like(batch.ids, self._blank_id))
        return self.features(masked).detach()

    def adapt(self, inputs: Sequence[str]) -> None:
        """Cut the vocabulary to what the configuration asks for."""
        if self.config.vocabulary:
            self.prune_vocabulary(inputs, self.config.vocabulary)

    def prune_vocabulary(self, texts: Sequence[str], size: int) -> int:
        """Keep about ``size`` word pieces, those that ``texts`` use first; returns how many are left."""
        self.tokenizer = prune_vocabulary(self.tokenizer, self.backbone, texts, size)
        return len(self.tokenizer)

    def augmented(self, inputs: Sequence[str], random: np.random.Generator, *, crop: bool = False) -> TextBatch:
        """Some texts typed in a hurry, then word pieces masked at random; special ones stay."""
        if self.config.hurried:
            inputs = [hurried(text, random) if random.random() < self.config.hurried else text for text in inputs]
        batch = self.prepare(inputs)
        special = torch.isin(batch.ids, torch.tensor(self.tokenizer.all_special_ids))
        ids = word_pieces(batch.ids, special, self._blank_id, self.token_dropout, random_seed(random))
        return dataclasses.replace(batch, ids=ids)


def _without_pooler(backbone: Any) -> PreTrainedModel:
    """Drop the pooler that sentence and classification models carry: Tokens never use it."""
    if getattr(backbone, "pooler", None) is not None:
        backbone.pooler = None
    return backbone
