"""Attention followed through all layers, from a record alone.

Shapes: N tokens of the present modalities together, L tokens of one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mm_core.evidence.record import ORDERED_PAIRS, Evidence, Pair


def rolled_out(evidence: Evidence) -> Evidence:
    """The same record with attention rolled out over the layers, as one layer of one head (1, 1, L_query, L_key).

    Abnar and Zuidema, "Quantifying attention flow in transformers" (ACL 2020): heads are averaged, half of each layer
    is the residual path, and the layers are multiplied. Rows no longer sum to 1 within one pair: a token's flow
    also ends in its own modality. Attention to the token of an absent modality is not in a record and left out.
    """
    maps = {pair: found for pair, found in evidence.attention.items() if found is not None}
    if not maps:
        return evidence
    lengths = [len(evidence.units[m].token_units) for m in evidence.present]
    ends = np.cumsum([0, *lengths])
    place = {m: slice(int(a), int(b)) for m, a, b in zip(evidence.present, ends, ends[1:], strict=False)}
    flow = np.eye(int(ends[-1]))
    for layer in range(len(next(iter(maps.values())))):
        step = np.zeros_like(flow)
        for (query, key), found in maps.items():
            step[place[query], place[key]] = found[layer].mean(0)
        sums = step.sum(1, keepdims=True)
        step = np.divide(step, sums, out=np.eye(len(step)), where=sums > 0)
        flow = (0.5 * step + 0.5 * np.eye(len(step))) @ flow
    rolled: dict[Pair, NDArray[np.float32] | None] = dict.fromkeys(ORDERED_PAIRS)
    for query, key in maps:
        rolled[query, key] = np.ascontiguousarray(flow[place[query], place[key]], np.float32)[None, None]
    return replace(evidence, attention=rolled)
