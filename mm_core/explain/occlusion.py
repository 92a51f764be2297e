"""Occlusion: take one unit away at a time and see how far the answer falls.

Zeiler and Fergus, "Visualizing and understanding convolutional networks" (ECCV 2014).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from mm_core.explain.trace import Target, Trace

CHUNK: Final = 48
"""Variants that go through an encoder at once; bounds memory."""


@torch.no_grad()
def occlusion(trace: Trace, modality: str, target: Target) -> NDArray[np.float32]:
    """(U,): by how much the target's score falls when the unit is taken away."""
    count = len(trace.strands[modality].units)
    gone = np.concatenate((np.zeros((1, count), bool), np.eye(count, dtype=bool)))
    scores = [
        target.score(trace.answer(modality, trace.encode_without(modality, part), trace.present)).cpu().numpy()
        for part in np.split(gone, range(CHUNK, len(gone), CHUNK))
    ]
    joined = np.concatenate(scores)
    return (joined[0] - joined[1:]).astype(np.float32)
