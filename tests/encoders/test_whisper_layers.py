"""Whisper's layers without gradients against the layers as they are, and shared states against each copy's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mm_core.encoders import whisper
from mm_core.encoders.removal import Removable
from mm_core.encoders.whisper import WhisperConfig, WhisperEncoder
from mm_core.encoders.whisper_layers import Moments, runs_without_gradients, states_after
from tests.tiny_hub import make_whisper
from tests.toys import toy_clip

CLOSE = {"atol": 1e-5, "rtol": 1e-5}


@pytest.fixture(scope="module")
def tower(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whisper")
    make_whisper(folder)
    torch.manual_seed(1)
    made = WhisperEncoder.from_pretrained(WhisperConfig(source=str(folder), hidden=8)).eval()
    made.scale.fill_(0.5)
    return made


def removable(tower, clip, frames_a_unit):
    """The clip in units of that many frames, and its batch."""
    batch = tower.prepare([clip])
    features = tower.features(batch)
    tokens = tower.feature_mask(batch, features)
    units = torch.where(tokens >= 0, tokens * 8 // frames_a_unit, -1)
    baseline = torch.where(units >= 0, tower.baseline(batch, features), features)
    return batch, Removable(features, baseline, units), int(units.max()) + 1


@pytest.mark.parametrize("lengths", [(9, 9, 9), (12, 12, 12), (12, 5, 0), (0, 0, 0)], ids=str)
def test_without_gradients_the_layers_give_the_same_states(tower, lengths):
    layers, random = tower.backbone.layers, torch.Generator().manual_seed(0)
    states = torch.randn(3, 12, tower.width, generator=random)
    kept = torch.arange(12)[None] < torch.tensor(lengths)[:, None]
    looked_at = (kept | ~kept.any(1, keepdim=True))[:, None, None].expand(-1, -1, 12, -1)
    with torch.no_grad():
        assert runs_without_gradients(layers, states)
        expected = states
        for layer, found in zip(layers, states_after(layers, states, kept), strict=True):
            expected = layer(expected, looked_at)
            assert found.shape == expected.shape
            torch.testing.assert_close(found[kept], expected[kept], **CLOSE)


def test_gradients_dropout_and_other_numbers_take_the_layers_as_they_are(tower):
    layers, states = tower.backbone.layers, torch.zeros(1, 4, tower.width)
    assert not runs_without_gradients(layers, states)
    with torch.no_grad():
        assert not runs_without_gradients([*layers, torch.nn.Identity()], states)
        with torch.autocast("cpu"):
            assert not runs_without_gradients(layers, states)
        layers[0].train()
        assert not runs_without_gradients(layers, states)
        layers[0].eval()
        layers[0].fc1.to(torch.bfloat16)
        assert not runs_without_gradients(layers, states)
        layers[0].fc1.to(torch.float32)
        assert runs_without_gradients(layers, states)


@pytest.mark.parametrize("frames_a_unit", [8, 16, 24])
@pytest.mark.parametrize("seconds", [0.305, 1.0, 1.27, 5.31], ids=str)
def test_variants_that_share_their_beginnings_are_those_read_one_by_one(tower, monkeypatch, seconds, frames_a_unit):
    batch, given, count = removable(tower, toy_clip(3, seconds).waveform, frames_a_unit)
    removed = torch.from_numpy(np.random.default_rng(0).random((9, count)) < 0.5)
    removed[0], removed[1] = False, True
    shared, original = [], whisper.projections
    monkeypatch.setattr(whisper, "projections", lambda *given: shared.append(given) or original(*given))
    together = tower.without(batch, given, removed)
    assert len(shared) == 1
    with torch.enable_grad():  # the layers as they are, and each copy's own states
        expected = tower(batch.repeat(len(removed)), given.without(removed))
    assert torch.equal(together.mask, expected.mask)
    torch.testing.assert_close(together.values[together.mask], expected.values[expected.mask].detach(), **CLOSE)
    assert float((together.values[0] - together.values[1]).abs().max()) > 1e-3


def test_units_too_short_to_share_are_read_one_by_one(tower):
    batch, given, _ = removable(tower, toy_clip(3, 0.5).waveform, 8)
    frames = torch.arange(given.features.shape[2])[None, :, None]
    short = Removable(given.features, given.baseline, frames // 2)  # units of 20 ms: a state sees three
    assert Moments.of(short.feature_mask.squeeze(-1), int(short.feature_mask.max()) + 1) is None
    removed = torch.rand(3, int(short.feature_mask.max()) + 1, generator=torch.Generator().manual_seed(0)) < 0.5
    with torch.no_grad():
        expected = tower(batch.repeat(3), short.without(removed))
    torch.testing.assert_close(tower.without(batch, short, removed).values, expected.values, **CLOSE)


def test_moments_name_the_variant_that_lacks_the_same_units():
    units = torch.tensor([[0] * 8 + [1] * 8 + [2] * 6 + [-1] * 2])
    moments = Moments.of(units, 3)
    assert moments is not None
    assert moments.four().tolist() == [
        [False, False, False],
        [True, True, True],
        [True, False, True],
        [False, True, False],
    ]
    length = units.shape[1] // 2
    rows = moments.rows(torch.tensor([[True, False, False]])).view(1, length)
    variants, places = rows // length, rows % length
    assert places.tolist() == [list(range(length))]
    # States 3 and 4 see units 0 and 1; 7 and 8 see 1 and 2.
    assert variants.tolist() == [[1, 1, 1, 2, 2, 0, 0, 0, 0, 0, 0, 0]]
