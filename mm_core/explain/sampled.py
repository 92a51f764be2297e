"""Sampled Shapley values of units: what each adds, averaged over orders in which units are taken away.

Castro, Gomez and Tejada, "Polynomial calculation of the Shapley value based on sampling" (2009), with every order
also run backwards (antithetic sampling: Mitchell et al., JMLR 2022). Occlusion only asks what a unit adds to all the
others; a face says the same thing in several places, so its patches matter less one by one than they do together.

Shapes: U units, R orders, K steps of an order.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.removal import VARIANTS_AT_ONCE, RemovalTrace
from mm_core.explain.target import Target
from mm_core.steps import Step, Steps

ORDERS: Final = 16
"""Even: half of them are the other half backwards."""

MOST_STEPS: Final = 12
"""Steps of an order. More units than that go in groups of nearly equal size, whose effect is shared evenly: other
orders put a unit with other neighbours, and more orders tell more than finer ones at the same cost."""

_SEED: Final = 0
"""The same case has the same map."""


def shapley_sampling(trace: RemovalTrace, modality: str, target: Target) -> Steps[NDArray[np.float32]]:
    """Steps to (U,): by how much the target's score falls when the unit goes, averaged over orders.

    Complete: the values add up to the score's difference between the input and the input without any unit.
    """
    count = len(trace.units[modality])
    random = np.random.default_rng(_SEED)
    half = [random.permutation(count) for _ in range(ORDERS // 2)]
    orders = np.stack([order for one in half for order in (one, one[::-1])])  # (R, U)
    bounds = np.round(np.linspace(0, count, min(MOST_STEPS, count) + 1)).astype(np.int64)  # (K + 1,)
    rank = np.argsort(orders, 1)  # (R, U): when each unit goes
    removed = (rank[:, None, :] < bounds[None, :, None]).reshape(-1, count)  # (R (K + 1), U)
    different, place = np.unique(removed, axis=0, return_inverse=True)
    asked = np.empty(len(different))
    for start in range(0, len(different), VARIANTS_AT_ONCE):
        part = slice(start, min(start + VARIANTS_AT_ONCE, len(different)))
        asked[part] = trace.scores_without(modality, target, different[part])
        yield Step(part.stop / len(different))
    scores = asked[place.reshape(-1)].reshape(len(orders), len(bounds))
    falls = -np.diff(scores, axis=1) / np.diff(bounds)  # (R, K): a group's fall, for each of its units
    group = np.searchsorted(bounds, rank, side="right") - 1  # (R, U)
    yield Step(1.0, np.take_along_axis(falls, group, 1).mean(0).astype(np.float32))
