"""The embedded text tower on the transcripts of CMU-MOSI, fine-tuned so that no row is read by a tower that knows it.

Shapes: N utterances, L tokens, D width.
"""

from __future__ import annotations

import copy
import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from mm_core.datasets.bank import fill_bank
from mm_core.encoders.augment import word_pieces
from mm_core.encoders.text import TextEncoder
from mm_core.encoders.tokens import Tokens
from mm_core.research.lab.banks import shortened
from mm_core.research.lab.cases import grouped_folds
from mm_core.research.lab.mosi import FOLDS, LABELS, Utterances
from mm_core.training.loop import Schedule, fit

TOKENS: Final = 24
"""Most word pieces kept an utterance; longer ones are averaged down."""


@dataclass(frozen=True)
class Tuning:
    """How the tower is fine-tuned; no epochs leave it as it is."""

    epochs: int
    learning_rate: float = 5e-5
    batch_size: int = 32
    dropout: float = 0.2
    token_dropout: float = 0.08

    def schedule(self, seed: int) -> Schedule:
        return Schedule(self.epochs, self.learning_rate, 0.01, warmup=0.2, average=0.97, seed=seed)


class Reader(nn.Module):
    """A text encoder with a linear head on its mean token."""

    def __init__(self, encoder: TextEncoder, dropout: float) -> None:
        super().__init__()
        self.encoder, self.dropout = encoder, nn.Dropout(dropout)
        self.head = nn.Linear(encoder.width, len(LABELS))

    def forward(self, batch: Any) -> Tensor:
        """Class logits (B, C)."""
        return self.head(self.dropout(self.encoder(batch).mean().float()))


class _Task:
    """The loop's task: texts in shuffled batches, a few pieces masked."""

    def __init__(
        self, module: Reader, texts: Sequence[str], truth: NDArray[np.int64], tuning: Tuning, seed: int
    ) -> None:
        self.module, self.texts, self.truth = module, texts, truth
        self.tuning, self.seed = tuning, seed

    def steps(self) -> int:
        return max(1, len(self.texts) // self.tuning.batch_size)

    def batches(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.texts))
        yield from np.array_split(order, self.steps())

    def loss(self, module: nn.Module, rows: NDArray[np.int64]) -> Tensor:
        tokenizer = self.module.encoder.tokenizer
        batch = self.module.encoder.prepare([self.texts[i] for i in rows])
        random = torch.Generator().manual_seed(int(rows[0]) * 7919 + self.seed)
        special = torch.isin(batch.ids, torch.tensor(tokenizer.all_special_ids))
        ids = word_pieces(batch.ids, special, tokenizer.mask_token_id, self.tuning.token_dropout, random)
        device = next(module.parameters()).device
        logits = module(dataclasses.replace(batch, ids=ids).to(device))
        return functional.cross_entropy(logits, torch.from_numpy(self.truth[rows]).to(device))

    def validate(self, module: nn.Module) -> dict[str, float]:
        return {}


def transcript_tokens(
    encoder: TextEncoder, given: Utterances, tuning: Tuning, kept: Path, *, quiet: bool = False
) -> Tokens:
    """Word pieces (N, L, D) of every transcript, stored at ``kept`` (.safetensors).

    One tower a fold of train videos is fine-tuned on the other folds. A train row is read by the tower that has not
    seen its video (stacking; Wolpert, 1992), a test row by all of them, averaged.
    """
    if not kept.is_file():
        tokens = _read_all(encoder, given, tuning, quiet)
        kept.parent.mkdir(parents=True, exist_ok=True)
        save_file({"values": tokens.values, "mask": tokens.mask}, kept)
    stored = load_file(kept)
    return Tokens(stored["values"], stored["mask"])


def _read_all(encoder: TextEncoder, given: Utterances, tuning: Tuning, quiet: bool) -> Tokens:
    if not tuning.epochs:
        return _tokens(encoder, given.texts, quiet)
    train = np.flatnonzero(given.train)
    values: Tensor | None = None
    for number, (inside, outside) in enumerate(grouped_folds(given.videos[train], FOLDS)):
        rows = train[inside]
        tower = fine_tuned(encoder, [given.texts[i] for i in rows], given.truth[rows], tuning, number, quiet=quiet)
        read = _tokens(tower, given.texts, quiet)
        if values is None:
            values, mask = torch.zeros(read.values.shape), read.mask
        values[train[outside]] = read.values[train[outside]].float()
        values[~given.train] += read.values[~given.train].float() / FOLDS
    assert values is not None  # there is at least one fold
    return Tokens(values.half(), mask)


def fine_tuned(
    encoder: TextEncoder,
    texts: Sequence[str],
    truth: NDArray[np.int64],
    tuning: Tuning,
    seed: int,
    *,
    quiet: bool = False,
) -> TextEncoder:
    """A copy of the encoder that has learned to tell the classes of these texts."""
    torch.manual_seed(seed)
    module = Reader(copy.deepcopy(encoder), tuning.dropout)
    task = _Task(module, texts, truth, tuning, seed)
    with tempfile.TemporaryDirectory(prefix="triad-lab-") as folder:
        fit(task, tuning.schedule(seed), Path(folder), quiet=quiet, validate_each_epoch=False)
    return module.encoder.eval()


def _tokens(encoder: TextEncoder, texts: list[str], quiet: bool) -> Tokens:
    bank = fill_bank(encoder, texts, label="reading transcripts", quiet=quiet)
    return shortened(bank, np.arange(len(texts)), TOKENS)
