"""Tokens: what every encoder returns and every fusion takes.

Shapes: B samples, L tokens, D width.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

Span = tuple[float, ...]
"""Where a token lies in the input: text ``(char_start, char_end)``; image ``(x0, y0, x1, y1)`` as fractions
of the crop; audio ``(t0, t1)`` in seconds of the waveform."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """A batch of token sequences.

    values: (B, L, D) float. mask: (B, L) bool, True where a token is real. Values under a False mask have no
    meaning and must not reach any output.
    """

    values: Tensor
    mask: Tensor

    def __post_init__(self) -> None:
        if self.values.shape[:2] != self.mask.shape:
            raise ValueError(f"mask {tuple(self.mask.shape)} does not fit values {tuple(self.values.shape)}")

    def to(self, device: torch.device | str) -> Tokens:
        return Tokens(self.values.to(device), self.mask.to(device))

    def mean(self) -> Tensor:
        """Masked mean over tokens, (B, D); a row without tokens gives zeros."""
        weights = self.mask.unsqueeze(-1).to(self.values.dtype)  # (B, L, 1)
        kept = torch.where(self.mask.unsqueeze(-1), self.values, 0.0)  # (B, L, D)
        return kept.sum(1) / weights.sum(1).clamp(min=1.0)


def pad_tokens(parts: list[Tokens]) -> Tokens:
    """Stack token batches of different length along B, padding with masked zeros."""
    longest = max(part.values.shape[1] for part in parts)
    values = [torch.nn.functional.pad(p.values, (0, 0, 0, longest - p.values.shape[1])) for p in parts]
    masks = [torch.nn.functional.pad(p.mask, (0, longest - p.mask.shape[1])) for p in parts]
    return Tokens(torch.cat(values), torch.cat(masks))
