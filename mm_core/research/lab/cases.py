"""What the lab's suites train and test on: cases whose towers have spoken, and how they are split.

Shapes: N cases, L tokens, D width, C classes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mm_core.encoders.tokens import Tokens
from mm_core.labels import MODALITIES

RowNumbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LabCases:
    """tokens (N, L, D) of each of the three modalities; truth (N,) class indices; names (N,): which case, the same in
    every run; groups (N,): what a bootstrap resamples together, several joined by a vertical bar."""

    tokens: dict[str, Tokens]
    truth: NDArray[np.int64]
    names: NDArray[np.str_]
    groups: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.truth)

    def take(self, rows: RowNumbers) -> LabCases:
        """These cases, in this order."""
        return LabCases(self.inputs(rows), self.truth[rows], self.names[rows], self.groups[rows])

    def inputs(self, rows: RowNumbers) -> dict[str, Tokens]:
        """The tokens of these cases."""
        index = torch.from_numpy(rows)
        return {m: Tokens(t.values[index], t.mask[index]) for m, t in self.tokens.items()}

    def spread(self) -> dict[str, Tensor]:
        """Standard deviation (D,) of each modality's real tokens."""
        return {m: t.values[t.mask].float().std(0) for m, t in self.tokens.items()}


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set made ready. folds: (rows to train on, rows to validate on) of ``train``. Where there are several,
    settings are chosen by them and the final models train on all rows; where there is one, each run trains and
    validates on it. neighbours: the tokens are the utterances around the one in the middle. notes: what a reader of
    the report should know."""

    data: str
    variant: str
    labels: tuple[str, ...]
    train: LabCases
    test: LabCases
    folds: list[tuple[RowNumbers, RowNumbers]]
    notes: dict[str, object] = field(default_factory=dict)

    @property
    def places(self) -> int:
        """Utterances in a window of neighbours; 0 where each is read on its own."""
        return self.train.tokens["text"].mask.shape[1] if self.variant == "neighbours" else 0

    @property
    def widths(self) -> dict[str, int]:
        """Width of each modality's tokens."""
        return {m: self.train.tokens[m].values.shape[2] for m in MODALITIES}


def lying(cases: LabCases, modality: str, seed: int) -> tuple[LabCases, NDArray[np.int64]]:
    """The cases with one modality taken from a case of another class, and that class (N,)."""
    random = np.random.default_rng(seed)
    classes = np.unique(cases.truth)
    if len(classes) < 2:
        raise ValueError("with one class no modality can lie")
    liars = np.empty(len(cases), np.int64)
    for label in classes:
        here = np.flatnonzero(cases.truth == label)
        others = classes[classes != label]
        told = random.choice(others, len(here))  # every other class as often, however many cases it has
        for other in others:
            liars[here[told == other]] = random.choice(
                np.flatnonzero(cases.truth == other), int((told == other).sum())
            )
    given = cases.tokens[modality]
    index = torch.from_numpy(liars)
    tokens = cases.tokens | {modality: Tokens(given.values[index], given.mask[index])}
    return LabCases(tokens, cases.truth, cases.names, cases.groups), cases.truth[liars]


def noisy(cases: LabCases, modality: str, level: float, spread: Tensor, seed: int) -> LabCases:
    """The cases with Gaussian noise on one modality; ``level`` in units of ``spread`` (D,)."""
    given = cases.tokens[modality]
    random = torch.Generator().manual_seed(seed)
    noise = torch.randn(given.values.shape, generator=random) * (level * spread)
    tokens = cases.tokens | {modality: Tokens(given.values.float() + noise, given.mask)}
    return LabCases(tokens, cases.truth, cases.names, cases.groups)


def grouped_folds(groups: NDArray[np.str_], count: int) -> list[tuple[RowNumbers, RowNumbers]]:
    """``count`` folds of rows in which no group stands on both sides, the largest groups dealt out first."""
    names, index, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(names) < count:
        raise ValueError(f"{count} folds need at least {count} groups, not {len(names)}")
    filled = np.zeros(count, np.int64)
    fold_of = np.empty(len(names), np.int64)
    for name in np.argsort(-sizes, kind="stable"):
        fold_of[name] = filled.argmin()
        filled[fold_of[name]] += sizes[name]
    fold = fold_of[index]
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(count)]
