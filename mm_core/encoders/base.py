"""The Encoder contract: what a tower offers to the model, to explanation and to training.

A new tower is one file here, with a configuration and an encoder, and one line of ``towers.TOWERS``.

Shapes: B inputs, L tokens, D width; F... whatever a tower's features have.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from mm_core.encoders.removal import Removable
from mm_core.encoders.tokens import Span, Tokens
from mm_core.samples import InvalidInput, Notice


@dataclass(frozen=True)
class TowerConfig:
    """What a tower is built from. A subclass is a frozen dataclass of plain values, checked when it is made."""

    def based_on(self, source: str) -> Self:
        """The same tower from other base weights (a hub's name, a folder, a file); InvalidInput where it has none."""
        raise InvalidInput("This tower starts from random weights; it has no base weights to choose.")


@dataclass(frozen=True, eq=False)
class Batch:
    """What ``prepare`` returns for B inputs. Fields are tensors and lists with one row an input, or plain values."""

    def to(self, device: torch.device | str) -> Self:
        """The same batch with its tensors on ``device``."""
        return self._with({n: v.to(device) for n, v in self._values().items() if isinstance(v, Tensor)})

    def repeat(self, times: int) -> Self:
        """A batch of one input as a batch of ``times`` equal ones."""
        changes: dict[str, Any] = {}
        for name, value in self._values().items():
            if isinstance(value, Tensor):
                changes[name] = value.expand(times, *value.shape[1:])
            elif isinstance(value, list):
                changes[name] = value * times
        return self._with(changes)

    def _values(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def _with(self, changes: dict[str, Any]) -> Self:
        return replace(self, **changes)


@dataclass(frozen=True, eq=False)
class Condensed(Batch):
    """What a backbone that training leaves alone makes of B inputs, kept in place of them. values, references
    (B, ...), see ``Encoder.condense``; NaN in the references of an input that comes without."""

    values: Tensor
    references: Tensor


ConfigT = TypeVar("ConfigT", bound=TowerConfig)
BatchT = TypeVar("BatchT", bound=Batch)


class Encoder(nn.Module, ABC, Generic[ConfigT, BatchT]):
    """Inputs of one modality to Tokens (B, L, D).

    Inputs are what ``Sample.content`` gives: a text, a face crop (h, w, 3) uint8, or a waveform (T,) float32. An
    answer never depends on what else is in the batch. ``mask_token``: what stands in a text for a word taken away.
    ``grid``: rows and columns of tokens that lie in a plane. ``memory_format``: the layout that trains fastest.
    ``reads_reference``: whether an input may bring how the same person normally is (a voice as ``VoiceInput``), which
    it is judged against. ``bears_eight_bits``: whether its large matrices are stored in 8 bits (see ``packing``).
    """

    modality: ClassVar[str]
    kind: ClassVar[str]
    config_type: ClassVar[type[TowerConfig]]
    memory_format: ClassVar[torch.memory_format] = torch.contiguous_format
    reads_reference: ClassVar[bool] = False
    bears_eight_bits: ClassVar[bool] = False

    config: ConfigT
    width: int
    grid: tuple[int, int] | None = None

    @property
    def mask_token(self) -> str:
        return ""

    # Building and saving

    @classmethod
    @abstractmethod
    def from_pretrained(cls, config: ConfigT) -> Self:
        """A tower with the base weights that its configuration names, or random ones where it names none."""

    @classmethod
    @abstractmethod
    def from_folder(cls, config: ConfigT, folder: Path) -> Self:
        """Rebuild the structure that ``save_structure`` wrote; weights are loaded by the caller."""

    @abstractmethod
    def save_structure(self, folder: Path) -> None:
        """Write what ``from_folder`` needs beside the configuration, without weights; perhaps nothing."""

    # Reading

    @abstractmethod
    def prepare(self, inputs: Sequence[Any]) -> BatchT:
        """Inputs to one padded batch, on the CPU or the tower's device."""

    @abstractmethod
    def features(self, batch: BatchT) -> Tensor:
        """The continuous values (B, ...) that the tower computes tokens from, to take gradients with respect to."""

    @abstractmethod
    def forward(self, batch: BatchT, features: Tensor | None = None) -> Tokens:
        """Tokens (B, L, D); ``features`` stand in for the batch's own."""

    @abstractmethod
    def spans(self, batch: BatchT, index: int) -> list[Span | None]:
        """Where each of the L tokens of one input lies in it; None for special tokens and padding."""

    def notices(self, batch: BatchT) -> list[Notice | None]:
        """For each input, what a person must know about how it was read (it was cut, say)."""
        return [None] * len(self.features(batch))

    # Explaining

    @abstractmethod
    def feature_mask(self, batch: BatchT, features: Tensor) -> Tensor:
        """Which token each feature of a batch of one belongs to, -1 for none: int64, broadcastable over
        ``features[0]``. Captum's ``feature_mask``, by token."""

    @abstractmethod
    def baseline(self, batch: BatchT, features: Tensor) -> Tensor:
        """What the features (1, ...) of a batch of one are where they are taken away, of the same shape: a mask
        token, the mean colour, the noise floor."""

    @torch.no_grad()
    def without(self, batch: BatchT, given: Removable, removed: Tensor) -> Tokens:
        """Tokens (V, L, D) of variants of a batch of one that lack the units which ``removed`` (V, U) marks. A tower
        overrides it where it can share work between variants."""
        tokens: Tokens = self(batch.repeat(len(removed)), given.without(removed))
        return tokens

    # Training

    def adapt(self, inputs: Sequence[Any]) -> None:
        """Fit, once before training, what the train rows determine without gradients: a vocabulary, band levels."""

    def keep(self, given: Any) -> Any:
        """An input as small as ``prepare`` needs it, to be held in memory: ``prepare([keep(x)])`` is
        ``prepare([x])``."""
        return given

    def augmented(self, inputs: Sequence[Any], random: np.random.Generator, *, crop: bool = False) -> BatchT:
        """``prepare`` of inputs that are changed as recordings of the same thing differ. ``crop``: a long input is
        cut at random to what the tower reads at once. Without augmentation of its own a tower reads them plainly."""
        return self.prepare(inputs)

    def mixed(self, batch: BatchT, weight: float, order: Tensor) -> BatchT:
        """Each input mixed with the one that ``order`` (B,) names, which gets 1 - ``weight`` (mixup). ValueError
        where inputs of this kind can't be mixed."""
        raise ValueError(f"inputs of the {self.kind} tower can't be mixed; set the recipe's mixup to 0")

    def condense(self, batch: BatchT) -> Tensor | None:
        """What the part of the tower that training leaves as it is makes of each input, (B, ...), so that it runs
        once and not at every step; None where all of the tower learns."""
        return None

    def from_condensed(self, condensed: Condensed) -> Tokens:
        """Tokens whose mean is that of the inputs' own."""
        raise ValueError(f"all of the {self.kind} tower learns; it reads inputs only")

    def adapt_condensed(self, values: Tensor, normal: Tensor, groups: Sequence[str] = ()) -> None:
        """``adapt`` from condensed train rows (N, ...); ``normal`` (N,) marks those that show how people usually
        are, and ``groups`` (N,) whose they are."""
        raise ValueError(f"all of the {self.kind} tower learns; it reads inputs only")


class Encoders(nn.ModuleDict):
    """Encoders by modality, as encoders to the type checker too."""

    def __getitem__(self, key: str) -> Encoder:
        encoder = super().__getitem__(key)
        assert isinstance(encoder, Encoder)
        return encoder


def random_seed(random: np.random.Generator) -> torch.Generator:
    """torch's generator, seeded by NumPy's."""
    return torch.Generator().manual_seed(int(random.integers(2**31)))
