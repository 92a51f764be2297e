"""Does a map say what matters? Deletion and insertion along its order, against random orders.

Deletion and insertion curves: Petsiuk, Das and Saenko, "RISE" (BMVC 2018). They only judge a map's order, and what is
left after a deletion is unlike anything a model was trained on; so random orders, which suffer from the same, stand
beside every map.

Shapes: U units, K points of a curve, R random orders, V variants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.records import RANDOM_ORDERS, Faithfulness, Relevance
from mm_core.explain.removal import VARIANTS_AT_ONCE, RemovalTrace
from mm_core.steps import Step, Steps

FEWEST_UNITS: Final = 5
"""With fewer units too many random orders are the map's own."""

MOST_STEPS: Final = 7
"""Steps of a curve: 99 orders of 36 patches then take some seconds. Odd, so that its points lie the same from both
ends however many units there are."""

_SAME: Final = 1e-9
"""Areas closer than this are ties."""


def evaluate_faithfulness(
    trace: RemovalTrace, maps: Sequence[Relevance], alone: Sequence[bool] | None = None, seed: int = 0
) -> Steps[tuple[Faithfulness, ...]]:
    """Test maps of one modality and one class, sharing the random orders: one result for each map and setting.

    ``alone``: the settings to test (see Faithfulness), by default both where there is more than one modality.
    """
    first = maps[0]
    modality, target = first.modality, trace.target(first.task, first.label)
    count = len(trace.units[modality])
    settings = tuple(alone) if alone is not None else (True, False) if len(trace.present) > 1 else (True,)
    if count < FEWEST_UNITS:
        yield Step(1.0, tuple(_not_testable(given, setting, count) for setting in settings for given in maps))
        return
    steps = curve_steps(count)
    random = np.random.default_rng(seed)
    orders = np.stack([random.permutation(count) for _ in range(RANDOM_ORDERS)])  # (R, U)
    chosen = np.stack([order_of(given.values, random) for given in maps])  # (M, U)
    # Inserting along an order passes through the states of deleting along its reverse, backwards; and the reverse
    # of a random order is one too. So the random deletions serve both curves.
    ranked = np.concatenate((orders, chosen, chosen[:, ::-1]))
    removed = _states(ranked, steps)  # (R + 2 M, K, U)
    different, place = np.unique(removed.reshape(-1, count), axis=0, return_inverse=True)
    given_modalities = [(modality,) if setting else trace.present for setting in settings]
    values = np.empty((len(settings), len(different)))
    for start in range(0, len(different), VARIANTS_AT_ONCE):
        part = slice(start, min(start + VARIANTS_AT_ONCE, len(different)))
        values[:, part] = trace.probabilities_without(modality, target, different[part], given_modalities)
        yield Step(part.stop / len(different))
    results = []
    for row, setting in enumerate(settings):
        curves = values[row][place.reshape(-1)].reshape(len(ranked), len(steps))
        deleted = curves[: len(orders)]
        for index, given in enumerate(maps):
            deletion = curves[len(orders) + index]
            insertion = curves[len(orders) + len(maps) + index][::-1]
            results.append(_result(given, setting, count, steps, deletion, insertion, deleted))
    yield Step(1.0, tuple(results))


def curve_steps(count: int) -> NDArray[np.int32]:
    """How many of ``count`` units are removed at each point of a curve: (K,), from none to all, the same from both
    ends."""
    if count <= MOST_STEPS:
        return np.arange(count + 1, dtype=np.int32)
    half = np.round(np.arange((MOST_STEPS + 1) // 2) * count / MOST_STEPS).astype(np.int32)
    return np.concatenate((half, count - half[::-1]))


def order_of(values: NDArray[np.floating], random: np.random.Generator) -> NDArray[np.int64]:
    """Units from the most to the least relevant; ties in random order, so that their place tells nothing."""
    return np.lexsort((random.permutation(len(values)), -values))


def _states(orders: NDArray[np.int64], steps: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Orders (N, U) to which units are removed at each point: (N, K, U)."""
    rank = np.argsort(orders, 1)  # (N, U): when each unit goes
    return rank[:, None, :] < steps[None, :, None]


def _result(
    given: Relevance,
    alone: bool,
    count: int,
    steps: NDArray[np.int32],
    deletion: NDArray[np.float64],
    insertion: NDArray[np.float64],
    random_deletion: NDArray[np.float64],
) -> Faithfulness:
    shares = steps / count
    random_insertion = random_deletion[:, ::-1]
    deletion_auc, insertion_auc = _area(deletion, shares), _area(insertion, shares)
    at_least_deletion = _area(random_deletion, shares) <= deletion_auc + _SAME
    at_least_insertion = _area(random_insertion, shares) >= insertion_auc - _SAME
    top = (steps > 0) & (shares <= 0.5)
    return Faithfulness(
        modality=given.modality,
        method=given.method,
        task=given.task,
        label=given.label,
        alone=alone,
        testable=True,
        units=count,
        steps=steps,
        deletion=deletion,
        insertion=insertion.copy(),
        random_deletion=random_deletion,
        random_insertion=random_insertion.copy(),
        deletion_auc=float(deletion_auc),
        insertion_auc=float(insertion_auc),
        deletion_p=_p(at_least_deletion),
        insertion_p=_p(at_least_insertion),
        comprehensiveness=float((deletion[0] - deletion[top]).mean()),
        sufficiency=float((deletion[0] - insertion[top]).mean()),
    )


def _area(curves: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area under curves (..., K): (...)."""
    return np.asarray(np.trapezoid(curves, shares, axis=-1))


def _p(at_least_as_good: NDArray[np.bool_]) -> float:
    return (1 + int(at_least_as_good.sum())) / (1 + len(at_least_as_good))


def _not_testable(given: Relevance, alone: bool, count: int) -> Faithfulness:
    none, nan = np.zeros(0), float("nan")
    return Faithfulness(
        given.modality, given.method, given.task, given.label, alone, False, count, np.zeros(0, np.int32),
        none, none, np.zeros((0, 0)), np.zeros((0, 0)), nan, nan, nan, nan, nan, nan,
    )  # fmt: skip
