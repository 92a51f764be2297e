"""Attention followed through all layers, from a record alone.

Shapes: N tokens of the present modalities together, L tokens of one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mm_core.evidence.record import ORDERED_PAIRS, Evidence, Pair
from mm_core.explain.attention_flow import attention_flow


def rolled_out(evidence: Evidence) -> Evidence:
    """The same record with attention rolled out over the layers, as one layer of one head (1, 1, L_query, L_key).

    Heads are averaged; see ``attention_flow``. Rows no longer sum to 1 within one pair: a token's flow also ends in
    its own modality. Attention to the token of an absent modality is not in a record and left out.
    """
    maps = {pair: found for pair, found in evidence.attention.items() if found is not None}
    if not maps:
        return evidence
    lengths = [len(evidence.units[m].token_units) for m in evidence.present]
    ends = np.cumsum([0, *lengths])
    place = {m: slice(int(a), int(b)) for m, a, b in zip(evidence.present, ends, ends[1:], strict=False)}
    layers = np.zeros((len(next(iter(maps.values()))), int(ends[-1]), int(ends[-1])))
    for (query, key), found in maps.items():
        layers[:, place[query], place[key]] = found.mean(1)  # (layers, H, L_query, L_key)
    flow = attention_flow(layers)
    rolled: dict[Pair, NDArray[np.float32] | None] = dict.fromkeys(ORDERED_PAIRS)
    for query, key in maps:
        rolled[query, key] = np.ascontiguousarray(flow[place[query], place[key]], np.float32)[None, None]
    return replace(evidence, attention=rolled)
