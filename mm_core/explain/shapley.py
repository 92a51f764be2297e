"""What each modality and each combination of modalities adds to an answer: exact Shapley values and their kin.

A coalition game is its table of values ``v`` (2^n, ...): row ``index`` is the coalition of the players whose bits are
set in ``index`` (bit 0 is the first player), so row 0 is the empty coalition and the last row has everyone. All
functions are linear in ``v`` and keep trailing axes.

Shapley, "A value for n-person games" (1953); Harsanyi, "A simplified bargaining model for the n-person cooperative
game" (1963); Grabisch and Roubens, "An axiomatic approach to the concept of interaction among players in cooperative
games" (1999). Shares follow MM-SHAP (Parcalabescu and Frank, ACL 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.labels import coalition_name

TINY: Final = 1e-6
"""Sum of absolute contributions, in the game's own unit, below which shares of it mean nothing."""


@dataclass(frozen=True)
class Contributions:
    """One class's game, solved.

    players: the present modalities. coalition_values: the 2^n values v(S) by coalition name, ``none`` first. shapley:
    one value a player; they add up to v(N) - v(empty). dividends: one a non-empty coalition, in the order of size;
    they add up to the same difference, so a waterfall may show them. interactions: Shapley interaction index of each
    pair and of the three, for a table; never added to contributions. shares: |phi| / sum |phi| of each player, None
    where that sum is tiny.
    """

    players: tuple[str, ...]
    coalition_values: dict[str, float]
    shapley: dict[str, float]
    dividends: dict[str, float]
    interactions: dict[str, float]
    shares: dict[str, float] | None

    @property
    def start(self) -> float:
        """v(empty)."""
        return self.coalition_values["none"]

    @property
    def total(self) -> float:
        """v(N)."""
        return self.coalition_values[coalition_name(self.players)]


def members(players: Sequence[str], index: int) -> tuple[str, ...]:
    """The players in the coalition of that row."""
    return tuple(player for bit, player in enumerate(players) if index >> bit & 1)


def harsanyi_dividends(coalition_values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Values (2^n, ...) of coalitions to dividends (2^n, ...) (the Moebius transform); row 0 is v(empty)."""
    dividends = np.array(coalition_values, np.float64)
    for bit in range(_players(dividends)):
        for index in range(len(dividends)):
            if index >> bit & 1:
                dividends[index] -= dividends[index ^ 1 << bit]
    return dividends


def shapley_values(coalition_values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Values (2^n, ...) of coalitions to Shapley values (n, ...): each dividend is shared equally by its members."""
    dividends = harsanyi_dividends(coalition_values)
    values = np.zeros((_players(dividends), *dividends.shape[1:]))
    for index in range(1, len(dividends)):
        for bit in range(len(values)):
            if index >> bit & 1:
                values[bit] += dividends[index] / index.bit_count()
    return values


def interaction_indices(coalition_values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Values (2^n, ...) of coalitions to their Shapley interaction indices (2^n, ...); row 0 has no meaning."""
    dividends = harsanyi_dividends(coalition_values)
    indices = np.zeros_like(dividends)
    for inner in range(len(dividends)):
        for outer in range(len(dividends)):
            if outer & inner == inner:
                indices[inner] += dividends[outer] / (outer.bit_count() - inner.bit_count() + 1)
    return indices


def contributions(players: Sequence[str], coalition_values: NDArray[np.floating]) -> Contributions:
    """Solve the game of one class, ``coalition_values`` (2^n,)."""
    if coalition_values.shape != (2 ** len(players),):
        raise ValueError(f"{len(players)} players need {2 ** len(players)} values, not {coalition_values.shape}")
    names = [coalition_name(members(players, index)) for index in range(len(coalition_values))]
    by_size = sorted(range(1, len(coalition_values)), key=lambda index: (index.bit_count(), index))
    shapley = shapley_values(coalition_values)
    dividends = harsanyi_dividends(coalition_values)
    indices = interaction_indices(coalition_values)
    weight = float(np.abs(shapley).sum())
    return Contributions(
        players=tuple(players),
        coalition_values={name: float(value) for name, value in zip(names, coalition_values, strict=True)},
        shapley={player: float(value) for player, value in zip(players, shapley, strict=True)},
        dividends={names[index]: float(dividends[index]) for index in by_size},
        interactions={names[index]: float(indices[index]) for index in by_size if index.bit_count() > 1},
        shares=None
        if weight < TINY
        else {player: float(abs(value)) / weight for player, value in zip(players, shapley, strict=True)},
    )


def _players(coalition_values: NDArray[np.float64]) -> int:
    count = len(coalition_values).bit_length() - 1
    if len(coalition_values) != 2**count:
        raise ValueError(f"a game has 2^n values, not {len(coalition_values)}")
    return count
