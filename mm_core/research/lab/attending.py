"""What a learner's cross-attention is worth as an explanation: does it depend on what asks, and does what it looks at
matter?

Shapes: N cases, B cases of a batch, L tokens, Q query and K key tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mm_core.encoders.tokens import Tokens
from mm_core.explain.attention_dependence import query_dependence
from mm_core.labels import MODALITIES
from mm_core.research.lab.cases import LabCases
from mm_core.research.lab.learner import Learner

CASES: Final = 200
"""Of the test cases, the first ones; their order is random."""

REMOVED: Final = 3
"""Tokens taken away of each modality."""

_DRAWS: Final = 8
"""Times that as many tokens are taken away at random."""


@torch.inference_mode()
def attention_scores(learner: Learner, test: LabCases, seed: int = 0) -> dict[str, float] | None:
    """``depends``: the mean over cases and pairs of modalities of how much attention depends on what asks (see
    ``query_dependence``), 0 to about 1. ``removal``: how much more the probability of a case's answer falls when the
    tokens that attention looks at most are taken away than when as many others are, in the mean over cases. None for
    a strategy without attention between modalities, or where inputs have one token each."""
    cases = test.take(np.arange(min(CASES, len(test))))
    tokens = cases.inputs(np.arange(len(cases)))
    presence = torch.ones(len(cases), len(MODALITIES), dtype=torch.bool)
    maps = learner.fuse(tokens, presence, attention=True).attention
    if not maps or min(given.mask.sum(1).max() for given in tokens.values()) < 2:
        return None
    grids = {pair: torch.stack(layers).mean((0, 2)) for pair, layers in maps.items() if pair[0] != pair[1]}
    depends = [
        found.share
        for (asks, answers), grid in grids.items()
        for row, one in enumerate(grid)
        if (found := query_dependence(_real(one, tokens[asks].mask[row], tokens[answers].mask[row]))) is not None
    ]
    if not depends:
        return None
    return {"depends": float(np.mean(depends)), "removal": _removal(learner, tokens, presence, grids, seed)}


def _real(grid: Tensor, asks: Tensor, answers: Tensor) -> NDArray[np.floating]:
    found: NDArray[np.floating] = grid[asks][:, answers].numpy()
    return found


def _removal(
    learner: Learner,
    tokens: Mapping[str, Tokens],
    presence: Tensor,
    grids: Mapping[tuple[str, str], Tensor],
    seed: int,
) -> float:
    """See ``attention_scores``."""
    plain = learner(tokens, presence).softmax(1)
    answer = plain.argmax(1, keepdim=True)
    kept = plain.gather(1, answer)
    random = torch.Generator().manual_seed(seed)

    def lost(ranks: Mapping[str, Tensor]) -> float:
        thinned = {m: _without_first(tokens[m], ranks[m]) for m in MODALITIES}
        return float((kept - learner(thinned, presence).softmax(1).gather(1, answer)).mean())

    looked_at = {}
    for m in MODALITIES:
        weights = [grid * tokens[asks].mask.unsqueeze(2) for (asks, answers), grid in grids.items() if answers == m]
        looked_at[m] = torch.stack([one.sum(1) for one in weights]).sum(0)  # (B, L)
    others = [
        lost({m: torch.rand(tokens[m].mask.shape, generator=random) for m in MODALITIES}) for _ in range(_DRAWS)
    ]
    return lost(looked_at) - float(np.mean(others))


def _without_first(tokens: Tokens, ranks: Tensor) -> Tokens:
    """Tokens without the REMOVED that have the highest ranks (B, L); at least one stays."""
    ranks = ranks.masked_fill(~tokens.mask, float("-inf"))
    order = ranks.argsort(1, descending=True).argsort(1)  # (B, L): the place of each token
    count = tokens.mask.sum(1, keepdim=True)
    gone = order < torch.minimum(torch.tensor(REMOVED), count - 1)
    return Tokens(tokens.values, tokens.mask & ~gone)
