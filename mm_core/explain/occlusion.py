"""Occlusion: take one unit away at a time and see how far the answer falls.

Zeiler and Fergus, "Visualizing and understanding convolutional networks" (ECCV 2014).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.removal import RemovalTrace
from mm_core.explain.target import Target


def occlusion(trace: RemovalTrace, modality: str, target: Target) -> NDArray[np.float32]:
    """(U,): by how much the target's score falls when the unit is taken away."""
    count = len(trace.units[modality])
    removed = np.concatenate((np.zeros((1, count), bool), np.eye(count, dtype=bool)))
    scores = trace.scores_without(modality, target, removed)
    return scores[0] - scores[1:]
