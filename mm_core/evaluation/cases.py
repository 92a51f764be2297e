"""Composed cases of a data folder, encoded: what the contribution and robustness reports are measured on.

Only the rows that were drawn are encoded. Shapes: N cases, C classes, M modalities of the folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mm_core.datasets.bank import TokenBank, contents, fill_bank
from mm_core.datasets.compose import Composer, Composition
from mm_core.datasets.tables import FILES, Table, read_table
from mm_core.evaluation.answers import logits_of
from mm_core.evaluation.metrics import Resampler
from mm_core.heads import Logits
from mm_core.labels import MODALITIES
from mm_core.model import TriadModel
from mm_core.samples import InvalidInput

Indices = dict[str, NDArray[np.int64]]
"""For each modality the place (N,) of a case's row in ``Drawn.content`` and ``Drawn.banks``."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """The rows that cases were drawn from. tables: the split's rows; used: their row numbers, in the order of
    content (what an encoder's ``prepare`` takes) and banks (their tokens)."""

    tables: dict[str, Table]
    used: Indices
    content: dict[str, list[Any]]
    banks: dict[str, TokenBank]

    @property
    def modalities(self) -> tuple[str, ...]:
        """The modalities of the folder, in MODALITIES order."""
        return tuple(self.tables)

    def places(self, composition: Composition) -> Indices:
        """Where the rows of a composition lie in ``banks``."""
        return {m: np.searchsorted(self.used[m], rows) for m, rows in composition.rows.items()}

    def resampler(self, composition: Composition) -> Resampler:
        """The bootstrap of a composition by speaker, subject or source row."""
        return Resampler.by_groups(
            [np.char.add(f"{m}:", self.tables[m].group[rows].astype(str)) for m, rows in composition.rows.items()]
        )


def tables_of(model: TriadModel, data: Path, split: str, least: int) -> dict[str, Table]:
    """The folder's tables with rows of that split; InvalidInput where there are fewer than ``least`` modalities."""
    found = {}
    for modality in MODALITIES:
        if (data / FILES[modality]).is_file():
            table = read_table(data, modality, model.config.labels).only(split)
            if len(table):
                found[modality] = table
    if len(found) < least:
        raise InvalidInput(
            f"The data folder has rows of split {split!r} for {len(found)} of the files {', '.join(FILES.values())}; "
            f"at least {least} are needed. Name another folder or another --split."
        )
    return found


def composer_of(tables: Mapping[str, Table]) -> Composer:
    """A composer over the tables; InvalidInput where they share fewer than two classes."""
    composer = Composer(tables)
    if len(composer.classes(tuple(tables))) < 2:
        raise InvalidInput("The tables of the data folder share fewer than two labels, so no cases can be composed.")
    return composer


def encode(
    model: TriadModel, tables: dict[str, Table], compositions: Sequence[Composition], *, quiet: bool = False
) -> Drawn:
    """Decode and encode every row that occurs in the compositions, once."""
    used: Indices = {}
    content: dict[str, list[Any]] = {}
    banks: dict[str, TokenBank] = {}
    for modality, table in tables.items():
        used[modality] = np.unique(np.concatenate([c.rows[modality] for c in compositions if modality in c.rows]))
        keep = np.zeros(len(table), bool)
        keep[used[modality]] = True
        content[modality] = contents(table.where(keep))
        banks[modality] = fill_bank(
            model.encoders[modality], content[modality], label=f"reading {modality}", quiet=quiet
        )
    return Drawn(tables, used, content, banks)


def answers_to(
    model: TriadModel, banks: Mapping[str, TokenBank], places: Mapping[str, NDArray[np.int64]], given: Sequence[str]
) -> Logits:
    """Logits of cases when only the modalities ``given`` are; none at all gives the answer to nothing, (1, C)."""
    if given:
        return logits_of(model, banks, {m: places[m] for m in given})
    with torch.inference_mode():
        return model.logits({}, torch.zeros(1, len(MODALITIES), dtype=torch.bool, device=model.device))


def truth_of(composition: Composition) -> NDArray[np.int64]:
    """The label (N,) of cases whose rows share one."""
    return next(iter(composition.labels.values()))
