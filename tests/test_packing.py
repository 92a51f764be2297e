"""Weights on disk: what 8 bits leave of a matrix, by hand and on a model's large matrices."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mm_core import packing, storage
from mm_core.packing import packed, round_large_matrices, unpacked
from tests.toys import toy_model, toy_sample


@pytest.fixture
def every_matrix_is_large(monkeypatch):
    monkeypatch.setattr(packing, "SMALLEST", 4)


def test_rows_have_scales_of_their_own(every_matrix_is_large):
    matrix = torch.tensor([[1.27, -0.5], [0.0, 0.0], [12.7, 0.04]])
    stored = packed({"a": matrix, "b": matrix, "n": torch.tensor([3])}, lambda name: name == "a")
    assert stored["a"].tolist() == [[127, -50], [0, 0], [127, 0]]
    assert stored["a.scale"].flatten().tolist() == pytest.approx([0.01, 0.0, 0.1], abs=1e-7)
    assert stored["b"].dtype == torch.float16
    again = unpacked(stored)
    assert set(again) == {"a", "b", "n"}
    torch.testing.assert_close(again["a"], torch.tensor([[1.27, -0.5], [0.0, 0.0], [12.7, 0.0]]))
    assert again["n"].tolist() == [3]


def test_a_weight_that_is_called_scale_stays_one():
    assert set(unpacked({"head.scale": torch.ones(1)})) == {"head.scale"}


def test_small_matrices_and_vectors_keep_half_precision():
    large, small, vector = torch.randn(256, 256), torch.randn(255, 256), torch.randn(2**17)
    stored = packed({"large": large, "small": small, "vector": vector}, lambda _: True)
    assert {name: value.dtype for name, value in stored.items()} == {
        "large": torch.int8,
        "large.scale": torch.float32,
        "small": torch.float16,
        "vector": torch.float16,
    }


@given(st.integers(0, 2**31))
def test_no_value_moves_by_more_than_half_a_step_and_rounding_again_changes_nothing(seed):
    layer = nn.Linear(256, 256)
    with torch.no_grad():
        layer.weight.normal_(generator=torch.Generator().manual_seed(seed))
    before = layer.weight.detach().clone()
    round_large_matrices(layer)
    step = before.abs().amax(1, keepdim=True) / 127
    assert bool(((layer.weight - before).abs() <= step / 2 + 1e-6).all())
    once = layer.weight.detach().clone()
    round_large_matrices(layer)
    torch.testing.assert_close(layer.weight.detach(), once, rtol=0, atol=1e-6)
    stored = packed({"weight": once}, lambda _: True)
    torch.testing.assert_close(unpacked(stored)["weight"], once, rtol=0, atol=1e-6)


def test_a_model_is_loaded_with_the_words_matrices_rounded_and_answers_alike(tmp_path, every_matrix_is_large):
    model = toy_model()
    storage.save(model, tmp_path)
    again = storage.load(tmp_path, "cpu")
    round_large_matrices(model.encoders["text"])
    for modality, tolerance in (("text", 1e-6), ("audio", 2e-3)):
        for (name, a), b in zip(
            model.encoders[modality].named_parameters(), again.encoders[modality].parameters(), strict=True
        ):
            if a.ndim == 2:
                torch.testing.assert_close(a, b, rtol=0, atol=tolerance, msg=name)
    a, b = model.predict(toy_sample()).emotion, again.predict(toy_sample()).emotion
    assert max(abs(a.probabilities[k] - b.probabilities[k]) for k in a.probabilities) < 5e-3
