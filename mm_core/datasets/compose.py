"""Composed cases: rows of independent sources put together by their labels.

No public set here shows one person's text, face and voice at once, so pairs and triples are composed: real rows
of separate sources that share a label (or, for agreement, that do not). Given the label they are independent;
what a fusion gains on them comes from composing and says nothing about how people's channels really co-vary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from mm_core.datasets.corpora import TEST_ONLY
from mm_core.datasets.tables import Table
from mm_core.labels import PAIRS


@dataclass(frozen=True, eq=False)
class Composition:
    """rows[modality] (N,): row of that modality's table; labels[modality] (N,): that row's class."""

    rows: dict[str, NDArray[np.int64]]
    labels: dict[str, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(next(iter(self.rows.values())))

    @property
    def matched(self) -> NDArray[np.bool_]:
        """(N,): all modalities carry one label."""
        columns = np.stack(list(self.labels.values()))
        return (columns == columns[0]).all(0)

    def agreements(self) -> NDArray[np.int64]:
        """(N, 3) in the order of PAIRS: 1 same label, 0 different, -1 where the pair is not in the composition."""
        agree = np.full((len(self), len(PAIRS)), -1, np.int64)
        for column, (a, b) in enumerate(PAIRS):
            if a in self.labels and b in self.labels:
                agree[:, column] = self.labels[a] == self.labels[b]
        return agree


class Composer:
    """Draws compositions from tables, from rows with one label that are not of a corpus for testing only: those are
    judged as they are."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.members: dict[str, dict[int, NDArray[np.int64]]] = {}
        for modality, table in tables.items():
            single = np.flatnonzero((table.targets.sum(1) == 1) & ~np.isin(table.source, list(TEST_ONLY)))
            label = table.targets[single].argmax(1)
            self.members[modality] = {int(c): single[label == c] for c in np.unique(label)}

    def classes(self, modalities: Sequence[str]) -> list[int]:
        """Classes that every one of these modalities has rows of."""
        return sorted(set.intersection(*(set(self.members[m]) for m in modalities)))

    def matched(self, modalities: Sequence[str], count: int, random: np.random.Generator) -> Composition:
        """``count`` cases whose rows share a label, classes as even as can be."""
        labels = random.permutation(np.resize(self.classes(modalities), count))
        return self.labelled(dict.fromkeys(modalities, labels), random)

    def mismatched(self, modalities: Sequence[str], count: int, random: np.random.Generator) -> Composition:
        """``count`` cases in which one modality carries another label or, in three of ten, all labels differ."""
        classes = np.array(self.classes(modalities))
        # One random order of all classes a case: its first entries are labels that are all different.
        orders = np.argsort(random.random((count, len(classes))), axis=1)
        odd = random.integers(0, len(modalities), count)
        all_differ = (random.random(count) < 0.3) & (len(classes) >= len(modalities))
        labels = {}
        for index, modality in enumerate(modalities):
            one_differs = np.where(odd == index, orders[:, 1], orders[:, 0])
            column = np.where(all_differ, orders[:, min(index, len(classes) - 1)], one_differs)
            labels[modality] = classes[column]
        return self.labelled(labels, random)

    def conflicting(
        self, modalities: Sequence[str], odd: str, count: int, random: np.random.Generator
    ) -> Composition:
        """``count`` cases whose rows share a label but for the modality ``odd``, which carries another one."""
        classes = np.array(self.classes(modalities))
        base = random.permutation(np.resize(classes, count))
        steps = random.integers(1, len(classes), count)
        other = classes[(np.searchsorted(classes, base) + steps) % len(classes)]
        return self.labelled({m: other if m == odd else base for m in modalities}, random)

    def labelled(self, labels: Mapping[str, NDArray[np.int64]], random: np.random.Generator) -> Composition:
        """Cases whose rows carry these labels (N,), by modality."""
        rows = {}
        for modality, wanted in labels.items():
            chosen = np.empty(len(wanted), np.int64)
            for label in np.unique(wanted):
                here = wanted == label
                chosen[here] = random.choice(self.members[modality][int(label)], int(here.sum()))
            rows[modality] = chosen
        return Composition(rows, dict(labels))


def join(first: Composition, second: Composition) -> Composition:
    """Two compositions of the same modalities as one."""
    return Composition(
        {m: np.concatenate((first.rows[m], second.rows[m])) for m in first.rows},
        {m: np.concatenate((first.labels[m], second.labels[m])) for m in first.labels},
    )


def rows_given_together(tables: Mapping[str, Table], modalities: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """Rows of these modalities that one person gave together with one label, by their tables' ``case``: (P,) each,
    all combinations where a case has several rows of a modality."""
    named: dict[str, list[list[int]]] = {}
    for modality in modalities:
        table = tables[modality]
        for row in np.flatnonzero((table.case != "") & (table.targets.sum(1) == 1)):
            key = f"{table.source[row]} {table.case[row]} {table.targets[row].argmax()}"
            named.setdefault(key, [[] for _ in modalities])[list(modalities).index(modality)].append(int(row))
    found = [combination for rows in named.values() for combination in product(*rows)]
    columns = np.array(found, np.int64).reshape(-1, len(modalities)).T
    return dict(zip(modalities, columns, strict=True))
