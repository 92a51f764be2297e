"""Similarities in the record are those that the model's agreement is made of."""

from dataclasses import replace

import pytest
import torch

from mm_core.explain.matching import token_matches
from mm_core.explain.trace import Trace
from mm_core.matching import match_strength
from mm_core.model import TriadModel
from tests.toys import toy_model, toy_sample


def test_the_map_holds_the_match_strength():
    model = toy_model()
    trace = Trace(model, toy_sample())
    found = token_matches(trace)
    assert set(found) == {"text+image", "text+audio", "image+audio"}
    shared = {m: model.heads.agreement.matching.project(m, e.given) for m, e in trace.encoded.items()}
    for pair, grid in found.items():
        first, second = pair.split("+")
        by_hand = (grid.max(1).mean() + grid.max(0).mean()) / 2
        assert match_strength(shared[first], shared[second]).item() == pytest.approx(float(by_hand), abs=1e-5)


def test_a_model_that_compares_otherwise_has_no_map():
    model = toy_model()
    older = TriadModel(replace(model.config, agreement="head"), model.encoders).eval()
    trace = Trace(older, toy_sample())
    assert token_matches(trace) == {}
    assert torch.isfinite(trace.answers.agreement).all()
