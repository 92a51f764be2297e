"""One's own rows as cases: what was given together is learned from together.

A line of a CSV that gives a text, a face and a voice of one person is one case with three modalities. Training sees
it as it was given and, as often, with some of its modalities left out, so that each is still read on its own. Sets of
modalities that no case has are composed of rows that share a label (see ``compose``), a few a step, so that the
fusion does not forget how to put them together.

Shapes: N cases, B cases of a batch, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mm_core.datasets.compose import Composer
from mm_core.datasets.tables import Table
from mm_core.labels import COALITIONS, MODALITIES, SENTIMENTS
from mm_core.training.objectives import normalised, one_hot_or_zero

ABSENT = -1
"""In the place of a row's number where a case lacks the modality."""


@dataclass(frozen=True, eq=False)
class CustomCases:
    """rows[modality] (N,): row of that modality's table, or ABSENT. targets (N, C) and sentiment (N, 3) sum to 1 a
    row; sentiment is all zero where nobody said. split, group: (N,) str."""

    rows: dict[str, NDArray[np.int64]]
    targets: Tensor
    sentiment: Tensor
    split: NDArray[np.str_]
    group: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def presence(self) -> NDArray[np.bool_]:
        """(N, 3): which modalities each case has."""
        return np.stack([self.rows[m] != ABSENT for m in MODALITIES], 1)

    def take(self, chosen: NDArray[np.int64]) -> CustomCases:
        """These cases, in their order; one may stand there several times."""
        rows = {m: column[chosen] for m, column in self.rows.items()}
        return CustomCases(rows, self.targets[chosen], self.sentiment[chosen], self.split[chosen], self.group[chosen])

    def only(self, split: str) -> CustomCases:
        """The cases of one split."""
        return self.take(np.flatnonzero(self.split == split))

    def reduced(self, keep: NDArray[np.bool_]) -> CustomCases:
        """The same cases with only the modalities that ``keep`` (N, 3) names."""
        rows = {m: np.where(keep[:, i], self.rows[m], ABSENT) for i, m in enumerate(MODALITIES)}
        return CustomCases(rows, self.targets, self.sentiment, self.split, self.group)


def join_cases(parts: list[CustomCases]) -> CustomCases:
    """Cases of several kinds as one batch."""
    return CustomCases(
        {m: np.concatenate([part.rows[m] for part in parts]) for m in MODALITIES},
        torch.cat([part.targets for part in parts]),
        torch.cat([part.sentiment for part in parts]),
        np.concatenate([part.split for part in parts]),
        np.concatenate([part.group for part in parts]),
    )


def cases_of(tables: Mapping[str, Table]) -> CustomCases:
    """Rows of all tables as cases: those of one case and split are one, every other row stands alone. Labels and
    sentiment are taken from the first modality that has the case."""
    places: dict[tuple[str, str], dict[str, int]] = {}
    for modality in MODALITIES:
        if modality not in tables:
            continue
        table = tables[modality]
        for row in range(len(table)):
            name = str(table.case[row]) or f"{modality}:{row}"
            place = places.setdefault((name, str(table.split[row])), {})
            if modality in place:  # the same name twice in one table: nothing says which belongs to whom
                place = places.setdefault((f"{name}:{modality}:{row}", str(table.split[row])), {})
            place[modality] = row
    firsts = [next(iter(place.items())) for place in places.values()]
    signs = torch.tensor([int(tables[m].sentiment[row]) for m, row in firsts], dtype=torch.long)
    return CustomCases(
        {m: np.array([place.get(m, ABSENT) for place in places.values()], np.int64) for m in MODALITIES},
        normalised(torch.from_numpy(np.stack([tables[m].targets[row] for m, row in firsts]))),
        one_hot_or_zero(signs, len(SENTIMENTS)),
        np.array([tables[m].split[row] for m, row in firsts]),
        np.array([_group(tables[m], m, row) for m, row in firsts]),
    )


def _group(table: Table, modality: str, row: int) -> str:
    """A person's name, or the row itself, which must not be taken for a row of another table."""
    name = str(table.group[row])
    return f"{modality}:{name}" if name == f"row{row}" else name


def given_sets(cases: CustomCases) -> list[tuple[tuple[str, ...], int]]:
    """The sets of modalities that cases were given with, and how many have each."""
    kinds, counts = np.unique(cases.presence, axis=0, return_counts=True)
    return [
        (tuple(m for m, here in zip(MODALITIES, kind, strict=True) if here), int(count))
        for kind, count in zip(kinds, counts, strict=True)
    ]


class CaseDrawer:
    """Draws training batches. usable[modality] (rows,): which rows of a table may be composed. composed: cases of
    sets that nobody gave together, a batch; nothing: empty ones, whose target is the mix of all train labels."""

    def __init__(
        self,
        cases: CustomCases,
        tables: Mapping[str, Table],
        usable: Mapping[str, NDArray[np.bool_]],
        *,
        composed: int = 8,
        nothing: int = 2,
    ) -> None:
        self.cases, self.tables = cases, tables
        self.composed, self.nothing = composed, nothing
        self.rows = {m: np.flatnonzero(keep) for m, keep in usable.items() if keep.any()}
        self.composer = Composer({m: tables[m].where(usable[m]) for m in self.rows})
        given = [set(members) for members, _ in given_sets(cases)]
        self.missing = [
            members
            for members in COALITIONS
            if len(members) > 1
            and all(m in self.rows for m in members)
            and len(self.composer.classes(members)) > 1
            and not any(set(members) <= one for one in given)
        ]
        """Sets of modalities that no case holds, whole or as a part, but that rows of the tables can make up."""

    def batch(self, chosen: NDArray[np.int64], random: np.random.Generator) -> CustomCases:
        """These cases as given or reduced, half and half, with composed and empty ones added."""
        given = self.cases.take(chosen)
        parts = [given.reduced(_parts(given.presence, random))]
        if self.missing:
            members = self.missing[int(random.integers(len(self.missing)))]
            parts.append(self._compose(members, random))
        parts.append(self._empty())
        return join_cases(parts)

    def _compose(self, members: tuple[str, ...], random: np.random.Generator) -> CustomCases:
        drawn = self.composer.matched(members, self.composed, random)
        count = len(drawn)
        chosen = {m: self.rows[m][rows] for m, rows in drawn.rows.items()}
        labels = torch.from_numpy(next(iter(drawn.labels.values())))
        signs = [
            one_hot_or_zero(torch.from_numpy(self.tables[m].sentiment[rows]), len(SENTIMENTS))
            for m, rows in chosen.items()
        ]
        return CustomCases(
            {m: chosen.get(m, np.full(count, ABSENT)) for m in MODALITIES},
            one_hot_or_zero(labels, self.cases.targets.shape[1]),
            normalised(torch.stack(signs).sum(0)),
            np.full(count, "train"),
            np.full(count, "composed"),
        )

    def _empty(self) -> CustomCases:
        count = self.nothing
        return CustomCases(
            {m: np.full(count, ABSENT) for m in MODALITIES},
            self.cases.targets.mean(0).expand(count, -1),
            torch.zeros(count, len(SENTIMENTS)),
            np.full(count, "train"),
            np.full(count, "none"),
        )


def _parts(presence: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.bool_]:
    """Half of the cases whole, of each other one a random part that is not empty: (N, 3)."""
    keep = presence & (random.random(presence.shape) < 0.5)
    # At least one stays: a random one of those that are there.
    anchor = np.argmax(random.random(presence.shape) * presence, axis=1)
    keep[np.arange(len(keep)), anchor] |= presence.any(1)
    whole = random.random(len(keep)) < 0.5
    return np.where(whole[:, None], presence, keep)
