"""Relevance methods on models whose right answer is known, and what all of them promise."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from mm_core.encoders.text import TextEncoder
from mm_core.encoders.tokens import Tokens
from mm_core.explain import integrated, sampled
from mm_core.explain.attention import block_matrix, chefer, rollout
from mm_core.explain.methods import METHODS, available, relevance, title_of
from mm_core.explain.trace import Trace
from mm_core.labels import MODALITIES
from tests.toys import toy_model, toy_sample


@pytest.fixture(scope="module")
def trace():
    return Trace(toy_model(), toy_sample())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("modality", MODALITIES)
def test_one_signature_and_one_promise_of_shape(trace, method, modality):
    found = relevance(trace, modality, trace.target("emotion", "fear"), method)
    assert found.values.shape == (len(trace.units[modality]),)
    assert found.values.dtype == np.float32
    assert np.isfinite(found.values).all()
    assert np.abs(found.values).sum() > 0
    assert (found.modality, found.method, found.task, found.label) == (modality, method, "emotion", "fear")
    if not found.signed:
        assert (found.values >= 0).all()
    again = relevance(trace, modality, trace.target("emotion", "fear"), method)
    assert np.allclose(found.values, again.values, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_explaining_leaves_no_trace_in_the_model(method):
    model = toy_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    trace = Trace(model, toy_sample())
    relevance(trace, "text", trace.target("emotion", "joy"), method)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(not module._forward_hooks and not module._backward_hooks for module in model.modules())
    assert not model.training


def test_an_unknown_method_is_named(trace):
    with pytest.raises(ValueError, match="known are rollout"):
        relevance(trace, "text", trace.target("emotion", "joy"), "magic")


def test_a_method_has_a_name_in_words():
    assert title_of("gradient_x_input") == "gradient × input"
    assert title_of("integrated_gradients") == "integrated gradients"
    assert title_of("of_another_version") == "of another version"


def test_without_attention_only_the_other_methods_are_offered():
    trace = Trace(toy_model(fusion="concat"), toy_sample())
    assert available(trace) == ("gradient_x_input", "integrated_gradients", "occlusion", "shapley_sampling")
    with pytest.raises(ValueError, match="shows no attention"):
        relevance(trace, "text", trace.target("emotion", "joy"), "chefer")


def test_occlusion_is_the_fall_when_one_unit_goes(trace):
    target = trace.target("sentiment", "negative")
    found = relevance(trace, "text", target, "occlusion").values
    full = float(target.score(trace.answers).detach())
    for unit in range(len(found)):
        removed = np.arange(len(found))[None] == unit
        with torch.no_grad():
            rest = target.score(trace.answer("text", trace.encode_without("text", removed), MODALITIES))
        assert found[unit] == pytest.approx(full - float(rest), abs=1e-5)


@pytest.mark.parametrize("modality", MODALITIES)
def test_integrated_gradients_are_complete(trace, modality, monkeypatch):
    monkeypatch.setattr(integrated, "STEPS", 128)  # the toy's random image tower bends sharply
    target = trace.target("emotion", "anger")
    found = relevance(trace, modality, target, "integrated_gradients").values
    everything = np.ones((1, len(found)), bool)
    with torch.no_grad():
        rest = target.score(trace.answer(modality, trace.encode_without(modality, everything), MODALITIES))
    difference = float(target.score(trace.answers).detach()) - float(rest)
    assert found.sum() == pytest.approx(difference, rel=0.05, abs=1e-3)


@pytest.mark.parametrize("modality", MODALITIES)
def test_sampled_shapley_values_are_complete(trace, modality):
    target = trace.target("emotion", "anger")
    found = relevance(trace, modality, target, "shapley_sampling").values
    ends = np.stack((np.zeros(len(found), bool), np.ones(len(found), bool)))
    full, empty = trace.scores_without(modality, target, ends)
    assert found.sum() == pytest.approx(full - empty, abs=1e-4)


def test_sampled_shapley_values_come_near_the_exact_ones(trace, monkeypatch):
    monkeypatch.setattr(sampled, "ORDERS", 600)
    target = trace.target("emotion", "joy")
    found = relevance(trace, "text", target, "shapley_sampling").values
    count = len(found)
    removed = (np.arange(2**count)[:, None] >> np.arange(count) & 1).astype(bool)
    scores = trace.scores_without("text", target, removed)
    exact = np.zeros(count)
    for unit in range(count):
        for row in np.flatnonzero(~removed[:, unit]):
            size = count - 1 - int(removed[row].sum())  # how many others are still there
            weight = 1 / (count * math.comb(count - 1, size))
            exact[unit] += weight * (scores[row] - scores[row | 1 << unit])
    assert found == pytest.approx(exact, abs=0.05 * np.abs(exact).max())


class _Sum(TextEncoder):
    """A linear stand-in for an encoder: each word piece's first feature, summed, is all that counts."""

    def __init__(self, encoder):
        super().__init__(encoder.config, encoder.tokenizer, encoder.backbone)

    def forward(self, batch, features=None):
        values = self.features(batch) if features is None else features
        return Tokens(values.sum(1, keepdim=True).expand_as(values), batch.mask)


class _Linear(nn.Module):
    """A linear stand-in for the heads: the class "anger" is three times the text's first feature."""

    def __init__(self, heads):
        super().__init__()
        self.emotion = heads.emotion  # says where the model lies

    def forward(self, fused, tokens):
        from mm_core.heads import Logits

        first = tokens["text"].values[:, 0, 0]
        emotion = torch.zeros(len(first), 7)
        emotion = torch.cat((3 * first[:, None], emotion[:, 1:]), 1)
        zeros = torch.zeros(len(first), 3)
        return Logits(emotion, zeros, zeros, multilabel=emotion, single={}, fused=fused)


def test_on_a_linear_model_three_methods_agree_with_the_hand():
    model = toy_model(fusion="concat")
    model.encoders["text"], model.heads = _Sum(model.encoders["text"]), _Linear(model.heads)
    trace = Trace(model, toy_sample(modalities=("text",)))
    given = trace.encoded["text"]
    distance = (given.features - given.baseline).detach()[0, :, 0]  # (L,)
    by_hand = 3 * (6 / 7) * distance[1:-1].numpy()  # five words of one piece; the mean over classes takes a seventh
    for method in ("gradient_x_input", "integrated_gradients", "occlusion", "shapley_sampling"):
        found = relevance(trace, "text", trace.target("emotion", "anger"), method).values
        assert found == pytest.approx(by_hand, abs=1e-6)


def test_block_matrix_puts_each_pair_in_its_place():
    lengths = {"text": 2, "image": 3, "audio": 1}
    pairs = [(q, k) for q in MODALITIES for k in MODALITIES if q != k]
    maps = {(q, k): torch.full((1, 2, lengths[q], lengths[k]), float(i + 1)) for i, (q, k) in enumerate(pairs)}
    matrix = block_matrix(maps)
    assert matrix.shape == (2, 6, 6)
    assert matrix[0].tolist() == [
        [0, 0, 1, 1, 1, 2],
        [0, 0, 1, 1, 1, 2],
        [3, 3, 0, 0, 0, 4],
        [3, 3, 0, 0, 0, 4],
        [3, 3, 0, 0, 0, 4],
        [5, 5, 6, 6, 6, 0],
    ]


class _Maps:
    """One layer and one head over two words, one patch and one moment, with the gradients set by hand."""

    def __init__(self, trace):
        self.encoded, self.model, self.present = trace.encoded, trace.model, trace.present
        self.attention = {
            ("text", "image"): [torch.ones(1, 1, 2, 1)],
            ("text", "audio"): [torch.ones(1, 1, 2, 1)],
            ("image", "text"): [torch.tensor([[[[0.25, 0.75]]]])],
            ("image", "audio"): [torch.ones(1, 1, 1, 1)],
            ("audio", "text"): [torch.tensor([[[[1.0, 0.0]]]])],
            ("audio", "image"): [torch.ones(1, 1, 1, 1)],
        }
        self.pooling = {
            "text": torch.tensor([[0.5, 0.5]]),
            "image": torch.ones(1, 1),
            "audio": torch.ones(1, 1),
        }

    @property
    def answers(self):
        from types import SimpleNamespace

        return SimpleNamespace(fused=self)

    def gradients_of(self, target, wanted):
        # The image's attention to the text and the pooled image raise the score; the pooled audio lowers it.
        gradients = [torch.zeros_like(w) for w in wanted]
        for index, tensor in enumerate(wanted):
            if tensor is self.attention["image", "text"][0]:
                gradients[index] += 2.0
            if tensor is self.pooling["image"]:
                gradients[index] += 1.0
            if tensor is self.pooling["audio"]:
                gradients[index] -= 1.0
        return gradients


@pytest.fixture
def maps(trace):
    class Two:
        token_units = np.array([0, 1], np.int32)

        def __len__(self):
            return 2

    from types import SimpleNamespace

    stand_in = _Maps(trace)
    stand_in.encoded = {"text": SimpleNamespace(units=Two())}
    stand_in.units = {"text": Two()}
    return stand_in


def test_rollout_by_hand(maps):
    # Half of the text's own third stays with each word; the other half of image and audio (a third each) is split
    # between the two modalities they look at.
    own = 0.5 * 0.5 / 3
    image = 0.5 * 0.5 / 3 * np.array([0.25, 0.75])
    audio = 0.5 * 0.5 / 3 * np.array([1.0, 0.0])
    assert rollout(maps, "text", None) == pytest.approx(own + image + audio)


def test_chefer_by_hand(maps):
    # Only the path word -> image -> pooled image has positive gradients: 1 x (2 x weight).
    assert chefer(maps, "text", None) == pytest.approx([0.5, 1.5])
