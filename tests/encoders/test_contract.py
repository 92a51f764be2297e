"""What every tower promises, tried on each of them, and the registry that finds them by their configurations."""

from __future__ import annotations

import dataclasses
import json
from functools import cache

import numpy as np
import pytest
import torch

from mm_core.encoders import TOWERS, base_encoder, restored_encoder
from mm_core.encoders.base import random_seed
from mm_core.encoders.removal import Removable
from mm_core.encoders.towers import config_from_json, config_to_json, kinds, tower_of
from mm_core.labels import MODALITIES
from mm_core.presets import PRESETS, ModelConfig, preset
from mm_core.samples import InvalidInput
from mm_core.storage import EMBEDDED
from tests.tiny_hub import make_hub, tiny_whisper, with_tiny_towers
from tests.toys import toy_clip, toy_picture

INPUTS = {
    "text": ["i am happy", "what a great, great day!", "you"],
    "image": [toy_picture(seed, size).pixels for seed, size in enumerate([(60, 50), (48, 48), (20, 31)])],
    "audio": [toy_clip(seed, seconds).waveform for seed, seconds in enumerate([0.4, 1.3, 4.1])],
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    make_hub(folder)
    return folder


@pytest.fixture(scope="module")
def encoder_of(hub):
    """Builds the tower of a class once, from a preset that has it, tiny hub weights or else its own defaults."""
    configs = [with_tiny_towers(name, hub).tower(modality) for name in PRESETS for modality in MODALITIES]

    @cache
    def build(tower):
        known = (config for config in (*configs, tiny_whisper(hub)) if type(config) is tower.config_type)
        torch.manual_seed(0)
        return base_encoder(tower.modality, next(known, None) or tower.config_type()).eval()

    return build


every_tower = pytest.mark.parametrize("tower", TOWERS, ids=lambda tower: f"{tower.modality}-{tower.kind}")


@every_tower
def test_an_answer_does_not_depend_on_the_rest_of_the_batch(tower, encoder_of):
    encoder, inputs = encoder_of(tower), INPUTS[tower.modality]
    with torch.no_grad():
        together = encoder(encoder.prepare(inputs))
        for row, given in enumerate(inputs):
            alone = encoder(encoder.prepare([given]))
            torch.testing.assert_close(
                together.values[row][together.mask[row]], alone.values[0][alone.mask[0]], atol=1e-4, rtol=1e-3
            )
    assert together.values.shape[2] == encoder.width


@every_tower
def test_features_stand_in_for_what_was_given_and_carry_gradients(tower, encoder_of):
    encoder = encoder_of(tower)
    batch = encoder.prepare(INPUTS[tower.modality][:1])
    features = encoder.features(batch).detach().requires_grad_()
    tokens = encoder(batch, features)
    torch.testing.assert_close(tokens.values, encoder(batch).values)
    (gradient,) = torch.autograd.grad(tokens.values.square().sum(), features)
    assert gradient.abs().sum() > 0


@every_tower
def test_the_feature_mask_names_tokens_that_lie_somewhere(tower, encoder_of):
    encoder = encoder_of(tower)
    for given in INPUTS[tower.modality]:
        batch = encoder.prepare([given])
        features = encoder.features(batch)
        mask = encoder.feature_mask(batch, features)
        mask.expand(features[0].shape)  # broadcastable
        spans = encoder.spans(batch, 0)
        tokens = encoder(batch)
        assert len(spans) == tokens.values.shape[1]
        placed = {index for index, span in enumerate(spans) if span is not None}
        assert placed <= set(mask.unique().tolist()), "each token that lies somewhere has features"
        assert int(mask.max()) < len(spans)


@every_tower
def test_the_baseline_keeps_the_shape_and_is_not_the_input(tower, encoder_of):
    encoder = encoder_of(tower)
    batch = encoder.prepare(INPUTS[tower.modality][:1])
    features = encoder.features(batch).detach()
    baseline = encoder.baseline(batch, features)
    assert baseline.shape == features.shape
    assert baseline.isfinite().all()
    assert not torch.equal(baseline, features)


@every_tower
def test_variants_without_units_are_those_of_the_features_without_them(tower, encoder_of):
    encoder = encoder_of(tower)
    batch = encoder.prepare(INPUTS[tower.modality][1:2])
    features = encoder.features(batch).detach()
    tokens = encoder.feature_mask(batch, features)
    given = Removable(features, torch.where(tokens >= 0, encoder.baseline(batch, features), features), tokens)
    removed = torch.rand(5, int(tokens.max()) + 1, generator=torch.Generator().manual_seed(0)) < 0.5
    found = encoder.without(batch, given, removed)
    assert not found.values.requires_grad
    with torch.no_grad():
        expected = encoder(batch.repeat(5), given.without(removed))
    torch.testing.assert_close(found.values[found.mask], expected.values[found.mask], atol=1e-5, rtol=1e-4)


@every_tower
def test_batches_repeat_and_say_one_thing_about_each_input(tower, encoder_of):
    encoder = encoder_of(tower)
    batch = encoder.prepare(INPUTS[tower.modality][:1])
    repeated = batch.repeat(3)
    assert encoder.features(repeated).shape[0] == 3
    assert type(repeated.to("cpu")) is type(batch)
    assert len(encoder.notices(repeated)) == 3


@every_tower
def test_what_is_kept_of_an_input_is_prepared_the_same(tower, encoder_of):
    encoder, inputs = encoder_of(tower), INPUTS[tower.modality]
    plain, kept = (encoder.features(encoder.prepare(given)) for given in (inputs, [encoder.keep(x) for x in inputs]))
    assert torch.equal(plain, kept)


@every_tower
def test_augmented_inputs_are_repeatable_and_differ(tower, encoder_of):
    encoder, inputs = encoder_of(tower), INPUTS[tower.modality]
    first, same, other = (
        encoder.features(encoder.augmented(inputs * 4, np.random.default_rng(seed), crop=True)) for seed in (1, 1, 2)
    )
    assert torch.equal(first, same)
    assert first.shape != other.shape or not torch.equal(first, other)
    assert first.isfinite().all()


@every_tower
def test_mixing_goes_halfway_or_says_that_it_can_not(tower, encoder_of):
    encoder, inputs = encoder_of(tower), INPUTS[tower.modality]
    batch, order = encoder.prepare(inputs[:2]), torch.tensor([1, 0])
    if tower.modality == "text":
        with pytest.raises(ValueError, match="can't be mixed"):
            encoder.mixed(batch, 0.5, order)
        return
    mixed = encoder.features(encoder.mixed(batch, 0.5, order))
    torch.testing.assert_close(mixed[0], mixed[1])
    assert encoder(encoder.mixed(batch, 0.5, order)).values.isfinite().all()


@every_tower
def test_a_saved_structure_takes_the_weights(tower, encoder_of, tmp_path):
    encoder = encoder_of(tower)
    encoder.save_structure(tmp_path)
    again = restored_encoder(tower.modality, encoder.config, tmp_path)
    again.load_state_dict(encoder.state_dict())
    batch = encoder.prepare(INPUTS[tower.modality])
    with torch.no_grad():
        torch.testing.assert_close(again.eval()(batch).values, encoder(batch).values)


@every_tower
def test_adapting_to_train_rows_leaves_a_working_tower(tower, hub, encoder_of):
    encoder = base_encoder(tower.modality, encoder_of(tower).config)
    encoder.adapt(INPUTS[tower.modality])
    assert encoder(encoder.prepare(INPUTS[tower.modality])).values.isfinite().all()


@every_tower
def test_configurations_say_their_kind_and_come_back(tower):
    config = tower.config_type()
    stored = json.loads(json.dumps(config_to_json(tower.modality, config)))
    assert stored["kind"] == tower.kind
    assert config_from_json(tower.modality, stored) == config
    assert tower_of(tower.modality, config) is tower


def test_kinds_are_named_once_and_every_modality_has_one():
    assert len({(tower.modality, tower.kind) for tower in TOWERS}) == len(TOWERS)
    assert len({tower.config_type for tower in TOWERS}) == len(TOWERS)
    assert all(kinds(modality) for modality in MODALITIES)


def test_configurations_without_kinds_are_the_first_towers():
    """Models were saved so before towers had kinds; the mel tower was named under ``tower``."""
    stored = json.loads((EMBEDDED / "model.json").read_text())["config"]
    without = {m: {k: v for k, v in stored[m].items() if k != "kind"} for m in ("text", "image")}
    config = ModelConfig.from_json({**stored, **without, "audio": {"tower": "mel"}})
    assert config.audio == kinds("audio")["mel"].config_type()
    assert [tower_of(m, config.tower(m)).kind for m in MODALITIES] == ["transformer", "open_clip", "mel"]


def test_an_unknown_kind_names_the_known_ones():
    with pytest.raises(ValueError, match="mel, waveform, whisper"):
        config_from_json("audio", {"kind": "nonsense"})


def test_a_tower_of_another_modality_is_refused():
    with pytest.raises(ValueError, match="no text tower"):
        dataclasses.replace(preset("embedded"), text=kinds("audio")["mel"].config_type())


def test_a_tower_without_base_weights_says_so():
    with pytest.raises(InvalidInput, match="random weights"):
        kinds("audio")["mel"].config_type().based_on("somewhere")


def test_numpys_generator_seeds_torchs():
    first, second = (torch.rand(3, generator=random_seed(np.random.default_rng(5))) for _ in range(2))
    assert torch.equal(first, second)
