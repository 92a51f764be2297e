"""Relevance from the fusion's attention: rollout, and attention weighted by its gradients.

Both walk over the fusion's layers as one block matrix of all tokens of the three modalities, an absent one being a
single token, and end in the pooling, the last look at the tokens.

Shapes: N tokens of all modalities together, H heads.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mm_core.explain.attention_flow import attention_flow
from mm_core.explain.segments import sum_over_tokens
from mm_core.explain.target import Target
from mm_core.explain.trace import Trace, as_array
from mm_core.fusion import Attention
from mm_core.labels import MODALITIES


def rollout(trace: Trace, modality: str, target: Target) -> NDArray[np.float32]:
    """(U,) unsigned: the share of the fused vector's attention that starts at each unit, the same for every class.

    Heads are averaged; see ``attention_flow``.
    """
    maps, pooling = _maps(trace)
    layers = [
        as_array(block_matrix({pair: given[layer].detach() for pair, given in maps.items()}).mean(0))  # (N, N)
        for layer in range(_depth(maps))
    ]
    query = torch.cat([pooling[m][0].detach().cpu() for m in MODALITIES]) / len(MODALITIES)  # (N,)
    return _of(trace, modality, torch.from_numpy(as_array(query) @ attention_flow(layers)))


def chefer(trace: Trace, modality: str, target: Target) -> NDArray[np.float32]:
    """(U,) unsigned: attention that raises the target's score, followed through the layers.

    Chefer, Gur and Wolf, "Generic attention-model explainability for interpreting bi-modal and encoder-decoder
    transformers" (ICCV 2021): R grows by mean over heads of (gradient * attention)+ times R, from the identity.
    """
    maps, pooling = _maps(trace)
    pairs = list(maps)
    wanted = [maps[pair][layer] for layer in range(_depth(maps)) for pair in pairs]
    gradients = trace.gradients_of(target, [*wanted, *(pooling[m] for m in MODALITIES)])
    relevance = torch.eye(sum(part.shape[1] for part in pooling.values()))
    for layer in range(_depth(maps)):
        part = slice(layer * len(pairs), (layer + 1) * len(pairs))
        lifted = [(w * s).detach().clamp(min=0) for w, s in zip(wanted[part], gradients[part], strict=True)]
        weights = block_matrix(dict(zip(pairs, lifted, strict=True))).mean(0)  # (N, N)
        relevance = relevance + weights @ relevance
    last = zip((pooling[m][0] for m in MODALITIES), gradients[-len(MODALITIES) :], strict=True)
    query = torch.cat([(w * s[0]).detach().clamp(min=0).cpu() for w, s in last])[None]  # (1, N)
    return _of(trace, modality, (query @ relevance)[0])


def block_matrix(maps: Mapping[tuple[str, str], Tensor]) -> Tensor:
    """One layer's maps by ordered pair, each (1, H, L_query, L_key), as one matrix (H, N, N) on the CPU; pairs that
    are not there are zero."""
    lengths = {q: given.shape[2] for (q, _), given in maps.items()}
    first = dict(zip(MODALITIES, np.cumsum([0, *(lengths[m] for m in MODALITIES)]).tolist(), strict=False))
    heads, total = next(iter(maps.values())).shape[1], sum(lengths.values())
    matrix = torch.zeros(heads, total, total)
    for (q, k), given in maps.items():
        matrix[:, first[q] : first[q] + lengths[q], first[k] : first[k] + lengths[k]] = given[0].float().cpu()
    return matrix


def has_attention(trace: Trace) -> bool:
    """Whether the model's fusion shows attention and how it pools."""
    return bool(trace.answers.fused.attention) and trace.answers.fused.pooling is not None


def _maps(trace: Trace) -> tuple[Attention, dict[str, Tensor]]:
    fused = trace.answers.fused
    if not fused.attention or fused.pooling is None:
        raise ValueError(f"the fusion {trace.model.config.fusion.name!r} shows no attention")
    return fused.attention, fused.pooling


def _depth(maps: Attention) -> int:
    return len(next(iter(maps.values())))


def _of(trace: Trace, modality: str, values: Tensor) -> NDArray[np.float32]:
    """One modality's part of values for all tokens (N,), summed to its units."""
    _, pooling = _maps(trace)
    before = MODALITIES[: MODALITIES.index(modality)]
    start = sum(pooling[m].shape[1] for m in before)
    return sum_over_tokens(as_array(values[start : start + pooling[modality].shape[1]]), trace.units[modality])
