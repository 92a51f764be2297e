"""Composed triples on the frozen towers of a model: faces, voices and texts of independent sources put together by
their labels (see ``mm_core.datasets.compose``), encoded once.

Shapes: N cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from mm_core.datasets.bank import TokenBank, fill_bank
from mm_core.datasets.compose import Composition
from mm_core.datasets.tables import Table
from mm_core.encoders.tokens import Tokens
from mm_core.evaluation.cases import composer_of, encode, tables_of, truth_of
from mm_core.labels import MODALITIES
from mm_core.model import TriadModel
from mm_core.research.lab.banks import kept_cases, shortened
from mm_core.research.lab.cases import Dataset, LabCases

CASES: Final = {"train": 6000, "valid": 1500, "test": 2000}
FEWER: Final = {"train": 3000, "valid": 800, "test": 1000}
"""Where only the ways of attending are compared."""

TOKENS: Final = {"text": 8, "image": 12, "audio": 8}
"""Tokens kept of each modality; longer sequences are averaged down, so that a run takes seconds."""

COPIES: Final = {"text": 0, "image": 1, "audio": 3}
"""Augmented encodings of train rows beside the plain one: towers remember the rows that they were trained on."""


def composed_material(
    model: TriadModel,
    data: Path,
    folder: Path,
    *,
    name: str = "composed",
    cases: Mapping[str, int] | None = None,
    quiet: bool = False,
) -> Dataset:
    """So many ``cases`` (by default CASES) of each of the data folder's own splits, classes even, kept in ``folder``
    by the data set's ``name`` and the model's hash."""
    parts = {
        split: kept_cases(
            folder / f"{name}-{split}-{model.hash[:12]}.safetensors",
            partial(_cases, model, data, split, count, quiet),
        )
        for split, count in (cases or CASES).items()
    }
    train, valid = parts["train"], parts["valid"]
    both = LabCases(
        {m: _joined(train.tokens[m], valid.tokens[m]) for m in MODALITIES},
        np.concatenate((train.truth, valid.truth)),
        np.concatenate((train.names, valid.names)),
        np.concatenate((train.groups, valid.groups)),
    )
    fold = (np.arange(len(train)), np.arange(len(train), len(both)))
    return Dataset(name, "utterance", model.config.labels, both, parts["test"], [fold])


def _cases(model: TriadModel, data: Path, split: str, count: int, quiet: bool) -> LabCases:
    tables = tables_of(model, data, split, len(MODALITIES))
    composition = composer_of(tables).matched(MODALITIES, count, np.random.default_rng(sorted(CASES).index(split)))
    drawn = encode(model, tables, [composition], quiet=quiet)
    places = drawn.places(composition)
    random = np.random.default_rng(7)
    tokens = {}
    for m in MODALITIES:
        first = drawn.readings[m]
        assert isinstance(first, TokenBank)
        banks = [first]
        for copy in range(1, (COPIES[m] if split == "train" else 0) + 1):
            random_copy = np.random.default_rng(copy)
            label = f"augmenting {m} {copy}"
            banks.append(
                fill_bank(model.encoders[m], drawn.content[m], augment=random_copy, label=label, quiet=quiet)
            )
        tokens[m] = _drawn_from(banks, places[m], TOKENS[m], random)
    return LabCases(tokens, truth_of(composition), _names(composition), _groups(tables, composition))


def _drawn_from(banks: list[TokenBank], rows: NDArray[np.int64], most: int, random: np.random.Generator) -> Tokens:
    """Tokens of these rows, each from an encoding drawn at random."""
    which = random.integers(0, len(banks), len(rows))
    found: Tokens | None = None
    for number, bank in enumerate(banks):
        here = np.flatnonzero(which == number)
        part = shortened(bank, rows[here], most)
        if found is None:
            found = Tokens(
                torch.zeros(len(rows), most, part.values.shape[2], dtype=torch.float16),
                torch.zeros(len(rows), most, dtype=torch.bool),
            )
        found.values[here, : part.values.shape[1]] = part.values
        found.mask[here, : part.mask.shape[1]] = part.mask
    assert found is not None  # there is always the plain encoding
    return found


def _joined(first: Tokens, second: Tokens) -> Tokens:
    return Tokens(torch.cat((first.values, second.values)), torch.cat((first.mask, second.mask)))


def _names(composition: Composition) -> NDArray[np.str_]:
    columns = [[f"{m} {row}" for row in composition.rows[m]] for m in MODALITIES]
    return np.array([", ".join(words) for words in zip(*columns, strict=True)])


def _groups(tables: Mapping[str, Table], composition: Composition) -> NDArray[np.str_]:
    columns = [tables[m].group[composition.rows[m]] for m in MODALITIES]
    return np.array(["|".join(rows) for rows in zip(*columns, strict=True)])
