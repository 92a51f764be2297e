"""Which of several designs are worth their cost."""

from __future__ import annotations

from collections.abc import Sequence


def on_front(costs: Sequence[float], scores: Sequence[float]) -> list[bool]:
    """Whether each design lies on the Pareto front: no other costs no more and scores no worse, one of the two
    better. costs: the lower the better; scores: the higher the better."""
    designs = list(zip(costs, scores, strict=True))
    return [
        not any(c <= cost and s >= score and (c < cost or s > score) for c, s in designs) for cost, score in designs
    ]
