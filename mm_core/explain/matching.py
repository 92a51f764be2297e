"""Which word and which moment match: the similarities that the agreement of two modalities is made of.

Shapes: L tokens (La, Lb of the two modalities).
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from mm_core.agreement import MatchedTokens
from mm_core.explain.trace import Trace, as_array
from mm_core.labels import PAIRS, pair_name
from mm_core.matching import similarities


@torch.no_grad()
def token_matches(trace: Trace) -> dict[str, NDArray[np.float32]]:
    """For each pair of present modalities the cosine similarities (La, Lb) of their tokens in the shared space (see
    ``mm_core.matching``); empty for a model that compares modalities otherwise."""
    head = trace.model.heads.agreement
    if not isinstance(head, MatchedTokens):
        return {}
    shared = {m: head.matching.project(m, encoded.given) for m, encoded in trace.encoded.items()}
    return {
        pair_name((a, b)): as_array(similarities(shared[a], shared[b])[0])
        for a, b in PAIRS
        if a in shared and b in shared
    }
