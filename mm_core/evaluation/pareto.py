"""Which of several designs are worth their cost."""

from __future__ import annotations

from collections.abc import Sequence


def on_front(costs: Sequence[float], scores: Sequence[float]) -> list[bool]:
    """Whether each design lies on the Pareto front: no other costs no more and scores no worse, one of the two
    better. costs: the lower the better; scores: the higher the better.

    >>> on_front(costs=[1.0, 2.0, 3.0], scores=[0.6, 0.8, 0.7])
    [True, True, False]
    """
    designs = list(zip(costs, scores, strict=True))
    return [
        not any(c <= cost and s >= score and (c < cost or s > score) for c, s in designs) for cost, score in designs
    ]
