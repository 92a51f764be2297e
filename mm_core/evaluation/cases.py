"""Composed cases of a data folder, encoded: what the contribution and robustness reports are measured on.

Only the rows that were drawn are encoded. Shapes: N cases, C classes, M modalities of the folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mm_core.datasets.bank import contents
from mm_core.datasets.compose import Composer, Composition
from mm_core.datasets.tables import FILES, Table, read_table
from mm_core.evaluation.metrics import Resampler
from mm_core.evaluation.readings import Readings, logits_of, logits_of_nothing, read_rows
from mm_core.labels import MODALITIES
from mm_core.predictors import Predictor, TaskLogits
from mm_core.samples import InvalidInput

Indices = dict[str, NDArray[np.int64]]
"""For each modality the place (N,) of a case's row in ``Drawn.content`` and ``Drawn.readings``."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """The rows that cases were drawn from. tables: the split's rows; used: their row numbers, in the order of
    content (see ``mm_core.datasets.bank.contents``) and readings (the same as the predictor keeps them)."""

    tables: dict[str, Table]
    used: Indices
    content: dict[str, list[Any]]
    readings: dict[str, Readings]

    @property
    def modalities(self) -> tuple[str, ...]:
        """The modalities of the folder, in MODALITIES order."""
        return tuple(self.tables)

    def places(self, composition: Composition) -> Indices:
        """Where the rows of a composition lie in ``readings``."""
        return {m: np.searchsorted(self.used[m], rows) for m, rows in composition.rows.items()}

    def resampler(self, composition: Composition) -> Resampler:
        """The bootstrap of a composition by speaker, subject or source row."""
        return Resampler.by_groups(
            [np.char.add(f"{m}:", self.tables[m].group[rows].astype(str)) for m, rows in composition.rows.items()]
        )


def tables_of(model: Predictor, data: Path, split: str, least: int) -> dict[str, Table]:
    """The folder's tables with rows of that split; InvalidInput where there are fewer than ``least`` modalities."""
    found: dict[str, Table] = {}
    for modality in MODALITIES:
        if modality in model.learned_modalities and (data / FILES[modality]).is_file():
            table = read_table(data, modality, model.labels).only(split)
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
    model: Predictor, tables: dict[str, Table], compositions: Sequence[Composition], *, quiet: bool = False
) -> Drawn:
    """Decode and encode every row that occurs in the compositions, once."""
    used: Indices = {}
    content: dict[str, list[Any]] = {}
    readings: dict[str, Readings] = {}
    for modality, table in tables.items():
        used[modality] = np.unique(np.concatenate([c.rows[modality] for c in compositions if modality in c.rows]))
        keep = np.zeros(len(table), bool)
        keep[used[modality]] = True
        content[modality] = contents(table.where(keep))
        readings[modality] = read_rows(model, modality, content[modality], label=f"reading {modality}", quiet=quiet)
    return Drawn(tables, used, content, readings)


def answers_to(
    model: Predictor,
    readings: Mapping[str, Readings],
    places: Mapping[str, NDArray[np.int64]],
    given: Sequence[str],
) -> TaskLogits:
    """Logits of cases when only the modalities ``given`` are; none at all gives the answer to nothing, (1, C)."""
    if given:
        return logits_of(model, readings, {m: places[m] for m in given})
    return logits_of_nothing(model)


def truth_of(composition: Composition) -> NDArray[np.int64]:
    """The label (N,) of cases whose rows share one."""
    return next(iter(composition.labels.values()))
