"""Accuracy in slices of a report's cases: by source, speaker, length, brightness, loudness."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.evaluation.records import Estimate
from mm_core.figures.evaluation import Slice, slice_bars
from mm_core.figures.figure import Figure
from mm_core.locale import say

if TYPE_CHECKING:
    import pandas as pd

SLICES: Final = ("source", "speaker", "words", "brightness", "loudness", "seconds")
"""Columns of the predictions by which cases can be sliced."""

PARTS: Final = 5
"""Slices of a number: equal shares of the cases."""

MOST: Final = 24
"""Slices shown of a name; the largest ones."""

_Z: Final = 1.959964
"""Standard deviations of a 95 % interval."""


def accuracy_by(lines: pd.DataFrame, task: str, modalities: str, by: str) -> Figure:
    """Accuracy by one of SLICES over the predictions that ``evaluate --rows`` writes; intervals are Wilson's (1927),
    which take cases as independent."""
    part = lines[(lines["task"] == task) & (lines["modalities"] == modalities)]
    values = part[by] if by in part.columns else part.iloc[:0].get("source")
    known = values.notna().to_numpy() if values is not None else np.zeros(len(part), bool)
    if not known.any():
        return slice_bars((), "accuracy", say("slice", by=by))
    part, values = part[known], values[known]
    right = _right(part)
    found = [
        Slice(name, wilson(int(right[here].sum()), int(here.sum())), int(here.sum()))
        for name, here in _groups(values)
    ]
    return slice_bars(found, "accuracy", say("slice", by=by))


def wilson(hits: int, cases: int) -> Estimate:
    """The share of hits with Wilson's 95 % score interval, in which cases are taken as independent."""
    share = hits / cases
    centre = (share + _Z**2 / (2 * cases)) / (1 + _Z**2 / cases)
    half = _Z / (1 + _Z**2 / cases) * (share * (1 - share) / cases + _Z**2 / (4 * cases**2)) ** 0.5
    # The ends are exactly 0 and 1 where no case, or every case, is a hit; rounding would miss that by a hair.
    return Estimate(
        value=share,
        low=max(centre - half, 0.0) if hits else 0.0,
        high=min(centre + half, 1.0) if hits < cases else 1.0,
    )


def _right(part: pd.DataFrame) -> NDArray[np.bool_]:
    truths = part["truth"].astype(str).str.split(",")
    return np.array([answer in true for answer, true in zip(part["answer"], truths, strict=True)], dtype=bool)


def _groups(values: pd.Series) -> list[tuple[str, NDArray[np.bool_]]]:
    if values.dtype.kind in "fiu":
        numbers = values.to_numpy(np.float64)
        edges = np.unique(np.quantile(numbers, np.linspace(0, 1, PARTS + 1)))
        if len(edges) < 2:
            return [(f"{edges[0]:.3g}", np.ones(len(numbers), bool))]
        place = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
        names = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
        return [(name, place == i) for i, name in enumerate(names) if (place == i).any()]
    counts = values.astype(str).value_counts()
    return [(str(name), (values.astype(str) == name).to_numpy()) for name in counts.index[:MOST]]
