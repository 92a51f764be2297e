"""How much attention depends on what asks: a map whose rows are all alike answers no question.

Shapes: Q query units, K key units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

HARDLY: Final = 0.5
"""Below this share of what chance would make, the pages say that attention hardly depends on what asks."""

_SHUFFLES: Final = 50


@dataclass(frozen=True)
class QueryDependence:
    """between_rows: mean total variation distance of two rows, 0 (all alike) to 1 (no place in common). by_chance:
    the same after the places of each row are shuffled, so that every row keeps its shape and looks somewhere of its
    own."""

    between_rows: float
    by_chance: float

    @property
    def share(self) -> float:
        """What the query makes of the difference that chance would make: 0 where all rows are alike, about 1 where
        each looks at places of its own; 0 too where chance makes none, since all rows are even."""
        return self.between_rows / self.by_chance if self.by_chance > 0 else 0.0


def query_dependence(grid: NDArray[np.floating], seed: int = 0) -> QueryDependence | None:
    """Measure attention (Q, K), rows of any positive sum; None where there are fewer than two rows or places."""
    rows = distributions(grid)
    if min(rows.shape) < 2:
        return None
    random = np.random.default_rng(seed)
    shuffled = [random.permuted(rows, axis=1) for _ in range(_SHUFFLES)]
    return QueryDependence(_mean_distance(rows), float(np.mean([_mean_distance(given) for given in shuffled])))


def distributions(grid: NDArray[np.floating]) -> NDArray[np.float64]:
    """The rows (Q, K) that hold any attention, each scaled to sum 1: special tokens may have taken the rest."""
    sums = grid.sum(1, keepdims=True, dtype=np.float64)
    kept = sums[:, 0] > 0
    return grid[kept] / sums[kept]


def _mean_distance(rows: NDArray[np.float64]) -> float:
    """Mean total variation over all pairs of different rows, in O(Q K log Q): in each column, sorted, the value of
    rank r is added r times and taken away as often as there are larger ones."""
    count = len(rows)
    ranks = 2 * np.arange(count) - count + 1
    total = (np.sort(rows, axis=0) * ranks[:, None]).sum()  # sum over pairs of |p - q|
    return float(0.5 * total / (count * (count - 1) / 2))
