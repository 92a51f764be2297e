"""Attention rollout: attention followed through all layers (Abnar and Zuidema, "Quantifying attention flow in
transformers", ACL 2020).

Shapes: N tokens of all modalities together.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def attention_flow(layers: Iterable[NDArray[np.floating]]) -> NDArray[np.float64]:
    """(N, N): how much of each token, after all layers, comes from which token before them; rows sum to 1.

    layers: each (N, N), the mean over its heads, the first one first. Half of each layer is the residual path; a row
    without attention is that path alone. ValueError where there is no layer.
    """
    flow: NDArray[np.float64] | None = None
    for weights in layers:
        identity = np.eye(len(weights))
        sums = weights.sum(1, keepdims=True, dtype=np.float64)
        step = 0.5 * np.divide(weights, sums, out=np.eye(len(weights)), where=sums > 0) + 0.5 * identity
        flow = step if flow is None else step @ flow
    if flow is None:
        raise ValueError("attention flows through one layer or more")
    return flow
