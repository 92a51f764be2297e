"""Token banks: every row of a table through its encoder once, kept for fusion training and evaluation.

Shapes: N rows, B rows of a batch, L tokens, D width.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from mm_core.datasets.tables import Table
from mm_core.encoders import Encoder, Tokens
from mm_core.samples.stored import read_stored


@dataclass(frozen=True, eq=False)
class TokenBank:
    """values (sum of L, D) float16, row after row; offsets (N + 1,): where each row's tokens lie."""

    values: Tensor
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: NDArray[np.int64]) -> Tokens:
        """Padded tokens (B, L, D) float32 of these rows."""
        parts = [self.values[self.offsets[row] : self.offsets[row + 1]] for row in rows]
        values = nn.utils.rnn.pad_sequence(parts, batch_first=True).float()
        lengths = torch.tensor([len(part) for part in parts])
        return Tokens(values, torch.arange(values.shape[1])[None] < lengths[:, None])

    def means(self) -> NDArray[np.float32]:
        """Each row's mean token (N, D)."""
        groups = np.split(self.values.numpy(), self.offsets[1:-1])
        return np.stack([tokens.mean(0, dtype=np.float32) for tokens in groups])


def contents(table: Table) -> list[Any]:
    """What the encoder's ``prepare`` takes for each row: text, face pixels, or a waveform with trimmed ends.

    Rows are face crops and single utterances already, so nothing is searched or judged out of scope.
    """
    return [read_stored(table.modality, data) for data in table.content]


@torch.inference_mode()
def fill_bank(
    encoder: Encoder,
    inputs: Sequence[Any],
    *,
    augment: np.random.Generator | None = None,
    batch_size: int = 64,
    precision: torch.dtype = torch.float32,
    label: str = "encoding",
    quiet: bool = False,
) -> TokenBank:
    """Encode ``inputs`` (see ``contents``); inputs of like size share a batch. Tokens under a mask are dropped.

    augment: changes the inputs at random first, as recordings of the same thing differ.
    """
    encoder.eval()
    device = next(encoder.parameters()).device
    made: list[Tensor | None] = [None] * len(inputs)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == torch.bfloat16):
        for rows in tqdm(list(_batches(inputs, batch_size)), desc=label, disable=quiet, mininterval=2.0):
            chosen = [inputs[i] for i in rows]
            batch = encoder.prepare(chosen) if augment is None else encoder.augmented(chosen, augment)
            tokens: Tokens = encoder(batch.to(device))
            for row, values, mask in zip(rows, tokens.values, tokens.mask, strict=True):
                made[row] = values[mask].to("cpu", torch.float16)
    parts = [part for part in made if part is not None]
    offsets = np.cumsum([0, *(len(part) for part in parts)])
    return TokenBank(torch.cat(parts), offsets)


def _batches(inputs: Sequence[Any], size: int) -> Iterator[list[int]]:
    order = np.argsort([len(item) for item in inputs], kind="stable").tolist()
    for start in range(0, len(order), size):
        yield order[start : start + size]
