"""Which rows train, validate and test where a table does not say: dealt out by label, a person kept together."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mm_core.datasets.rows import ImportReport

FOLDS: Final = 7
"""One part of this many validates, one tests, the others train."""

_FEWEST: Final = 3
"""Persons, and rows of the commonest label, below which nothing can be set apart."""


@dataclass(frozen=True)
class Unit:
    """Rows that were given together: their name, label, person and given split (each may be empty)."""

    case: str
    label: str
    group: str
    split: str


def assign_splits(units: Sequence[Unit], findings: ImportReport, seed: int = 0) -> dict[str, str]:
    """The split of each case. A given split stays; rows without one are dealt out, five of seven to train.

    Where all rows are given and none validates, a seventh of the train rows does: something must say when to stop.
    A person with rows in a given split stays in it.
    """
    given = {unit.group: unit.split for unit in units if unit.group and unit.split}
    splits = {unit.case: unit.split or given.get(unit.group, "") for unit in units}
    loose = [unit for unit in units if not splits[unit.case]]
    if loose:
        splits |= _folded(loose, ("test", "valid"), findings, seed)
    elif "valid" not in splits.values():
        train = [unit for unit in units if splits[unit.case] == "train"]
        splits |= _folded(train, ("valid",), findings, seed)
    return splits


def _folded(units: Sequence[Unit], parts: Sequence[str], findings: ImportReport, seed: int) -> dict[str, str]:
    """One fold for each of ``parts``, the rest to train."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    labels = [unit.label.split(",")[0] for unit in units]
    groups = [unit.group or unit.case for unit in units]
    count = min(FOLDS, len(set(groups)), max(Counter(labels).values(), default=0))
    splits = {unit.case: "train" for unit in units}
    if count < _FEWEST:
        findings.remark(
            f"there are too few rows or persons to set some apart, so all {len(units)} of them train: nothing "
            "will say how good the result is"
        )
        return splits
    # Without persons every row is its own group, for which the plain folds are the more even ones.
    kind = StratifiedGroupKFold if len(set(groups)) < len(units) else StratifiedKFold
    folds = kind(count, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a label with fewer rows than folds: some folds go without
        dealt = [rows for _, rows in folds.split(np.zeros(len(units)), labels, groups)]
    for part, rows in zip(parts, dealt, strict=False):
        splits |= {units[int(row)].case: part for row in rows}
    return splits
