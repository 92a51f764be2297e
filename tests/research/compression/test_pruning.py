"""Pruning and quantisation: what is cut is gone, what is kept computes as before."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from transformers import BertConfig, BertModel

from mm_core.encoders.text import TextConfig, TextEncoder
from mm_core.research.compression import pruning
from mm_core.research.compression.quantising import int8, weights_of
from tests.toys import toy_tokenizer

TEXTS = ["i am so happy today", "never", "what a day and you hate it"]


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    tokenizer = toy_tokenizer()
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=24,
        max_position_embeddings=64,
    )
    backbone = BertModel(config, add_pooling_layer=False)
    return TextEncoder(TextConfig(source="toy", max_pieces=32), tokenizer, backbone).eval()


def answer(encoder, texts=TEXTS):
    with torch.no_grad():
        return encoder(encoder.prepare(texts)).values


def squares(encoder):
    """A loss that depends on everything the tower does."""
    return lambda texts: encoder(encoder.prepare(texts)).values.square().mean()


def test_the_smallest_weights_become_zero_over_all_layers_together(encoder):
    linears = [m for m in pruning.layers_of(encoder).modules() if isinstance(m, nn.Linear)]
    with torch.no_grad():
        linears[0].weight.mul_(0.001)
    whole = torch.cat([m.weight.flatten() for m in linears]).detach()
    pruning.zero_weights(encoder, 0.3)
    after = torch.cat([m.weight.flatten() for m in linears])
    assert (after == 0).float().mean() == pytest.approx(0.3, abs=0.001)
    assert (linears[0].weight == 0).all(), "the layer of tiny weights goes first"
    assert whole[after == 0].abs().max() <= whole[after != 0].abs().min()
    assert not any("weight_orig" in name for name in encoder.state_dict()), "made permanent"


def test_a_head_that_writes_nothing_matters_nothing_and_is_cut_without_a_trace(encoder):
    dense = pruning.layers_of(encoder)[1].attention.output.dense
    with torch.no_grad():
        dense.weight[:, 8:16] = 0.0  # the second head of the second layer
    importance = pruning.head_importance(encoder, squares(encoder), TEXTS, batch_size=2)
    assert importance.shape == (3, 4)
    assert importance[1, 1] == 0
    assert (importance > 0).sum() == 11
    before = answer(encoder)
    pruning.cut_heads(encoder, importance, 1 / 12)
    attention = pruning.layers_of(encoder)[1].attention
    assert attention.self.query.weight.shape == (24, 32)
    assert attention.output.dense.weight.shape == (32, 24)
    torch.testing.assert_close(answer(encoder), before)


def test_every_layer_keeps_a_head(encoder):
    importance = torch.tensor([[1.0, 2, 3, 4], [0.1, 0.2, 0.3, 0.4], [5, 5, 5, 6]])
    pruning.cut_heads(encoder, importance, 0.75)
    heads = [layer.attention.self.num_attention_heads for layer in pruning.layers_of(encoder)]
    assert heads == [1, 1, 1]
    assert answer(encoder).isfinite().all()


def test_neurons_that_are_read_by_nobody_are_cut_without_a_trace(encoder):
    for layer in pruning.layers_of(encoder):
        with torch.no_grad():
            layer.output.dense.weight[:, ::2] = 0.0
    importance = pruning.neuron_importance(encoder, squares(encoder), TEXTS)
    assert importance.shape == (3, 24)
    assert (importance[:, ::2] == 0).all()
    before = answer(encoder)
    pruning.cut_neurons(encoder, importance, 0.5)
    assert encoder.backbone.config.intermediate_size == 12
    assert pruning.layers_of(encoder)[0].intermediate.dense.weight.shape == (12, 32)
    torch.testing.assert_close(answer(encoder), before)


def test_importance_does_not_depend_on_the_batch_for_a_sum_over_texts(encoder):
    def total(texts):
        return encoder(encoder.prepare(texts)).mean().square().sum()

    one = pruning.neuron_importance(encoder, total, TEXTS, batch_size=1)
    all_at_once = pruning.neuron_importance(encoder, total, TEXTS, batch_size=3)
    torch.testing.assert_close(one, all_at_once, rtol=1e-4, atol=1e-6)


def test_the_layer_whose_loss_is_missed_least_goes(encoder):
    before = list(pruning.layers_of(encoder))

    def loss(_):
        left = list(pruning.layers_of(encoder))
        return torch.tensor(float(before[0] not in left) + 5.0 * (before[2] not in left))

    assert pruning.cut_layers(encoder, loss, TEXTS, 2) == [2]
    assert list(pruning.layers_of(encoder)) == [before[2]]
    assert encoder.backbone.config.num_hidden_layers == 1
    assert answer(encoder).isfinite().all()


def test_other_layouts_are_refused():
    with pytest.raises(ValueError, match="BERT's layout"):
        pruning.layers_of(nn.ModuleDict({"backbone": nn.Linear(2, 2)}))


def test_int8_is_a_copy_that_answers_nearly_the_same_in_half_the_bytes(encoder):
    before = answer(encoder)
    small = int8(encoder)
    close = nn.functional.cosine_similarity(answer(small).flatten(), before.flatten(), dim=0)
    assert close > 0.995
    torch.testing.assert_close(answer(encoder), before)
    name = "backbone.encoder.layer.0.output.dense.weight"
    stored, whole = weights_of(small), weights_of(encoder)
    assert stored[name].dtype == torch.int8
    assert whole[name].dtype == torch.float16
    assert stored[name].shape == whole[name].shape
    assert {k for k in whole if k.endswith(("weight", "bias"))} <= set(stored)
