"""Attention of the lab's learners as an explanation: hand-made maps, and what is taken away."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mm_core.encoders.tokens import Tokens
from mm_core.fusion import Fused
from mm_core.labels import MODALITIES
from mm_core.research.lab.attending import attention_scores
from mm_core.research.lab.cases import LabCases

LENGTH = 8


def cases(count=6):
    """Tokens of width 1; the last token of each modality carries the answer, the others nothing."""
    values = torch.zeros(count, LENGTH, 1)
    values[:, -1] = 5.0
    tokens = {m: Tokens(values, torch.ones(count, LENGTH, dtype=torch.bool)) for m in MODALITIES}
    names = np.array([str(i) for i in range(count)])
    return LabCases(tokens, np.zeros(count, int), names, names)


class Looking(torch.nn.Module):
    """A learner whose attention is given: (Q, K) for every pair; its answer is what is left of the last tokens."""

    def __init__(self, grid):
        super().__init__()
        self.grid = grid

    def fuse(self, tokens, presence, attention=False):
        size = len(presence)
        if self.grid is None or not attention:
            return Fused(torch.zeros(size, 1))
        maps = {(a, b): [self.grid.expand(size, 2, -1, -1)] for a in MODALITIES for b in MODALITIES if a != b}
        return Fused(torch.zeros(size, 1), maps)

    def forward(self, tokens, presence):
        left = torch.stack([(t.values[..., 0] * t.mask).sum(1) for t in tokens.values()]).mean(0)
        return torch.stack((left, torch.zeros_like(left)), 1)


def test_what_all_queries_look_at_does_not_depend_on_them():
    same = torch.eye(LENGTH)[-1].expand(LENGTH, -1)
    assert attention_scores(Looking(same), cases())["depends"] == pytest.approx(0.0)
    own = attention_scores(Looking(torch.eye(LENGTH)), cases())["depends"]
    assert own == pytest.approx(1.0, abs=0.2)


def test_looking_at_what_matters_loses_the_answer_sooner_than_chance():
    right = torch.eye(LENGTH)[-1].expand(LENGTH, -1)
    wrong = torch.eye(LENGTH)[0].expand(LENGTH, -1)
    assert attention_scores(Looking(right), cases())["removal"] > 0.15
    assert attention_scores(Looking(wrong), cases())["removal"] < 0


def test_there_is_nothing_to_say_without_attention_or_with_one_token():
    assert attention_scores(Looking(None), cases()) is None
    alone = cases()
    first = {m: Tokens(t.values[:, :1], t.mask[:, :1]) for m, t in alone.tokens.items()}
    alone = LabCases(first, alone.truth, alone.names, alone.groups)
    assert attention_scores(Looking(torch.ones(1, 1)), alone) is None
