"""The hub-sized preset, loaded by the same code from tiny models that are built and saved here."""

from __future__ import annotations

import open_clip
import pytest
import torch

from mm_core import storage
from mm_core.presets import preset
from tests.tiny_hub import make_hub, with_tiny_towers
from tests.toys import toy_sample

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """clip-base with its three sources replaced by folders in the hub's own formats."""
    folder = tmp_path_factory.mktemp("hub")
    built = make_hub(folder)
    return with_tiny_towers("clip-base", folder), built


@pytest.mark.parametrize("device", DEVICES)
def test_predict_end_to_end(hub, device):
    config, _ = hub
    model = storage.from_preset(config).to(device).eval()
    samples = [toy_sample(0), toy_sample(1, ("image",)), toy_sample(2, ("audio",)), toy_sample(3, ("text", "audio"))]
    together = model.predict_batch(samples)
    for answer, sample in zip(together, samples, strict=True):
        alone = model.predict(sample).emotion.probabilities
        assert max(abs(alone[k] - answer.emotion.probabilities[k]) for k in alone) < 1e-4


def test_weights_come_from_the_folder(hub):
    config, built = hub
    model = storage.from_preset(config)
    theirs = built.visual.state_dict()
    for name, value in model.encoders["image"].tower.state_dict().items():
        torch.testing.assert_close(value, theirs[name])


def test_saved_and_loaded_again_without_the_sources(hub, tmp_path):
    config, _ = hub
    model = storage.from_preset(config).eval()
    storage.save(model, tmp_path, half=False)
    again = storage.load(tmp_path, "cpu")
    assert again.predict(toy_sample()).emotion == model.predict(toy_sample()).emotion


def test_tokens_and_spans_fit(hub):
    config, _ = hub
    model = storage.from_preset(config).eval()
    with torch.no_grad():
        encoded = model.encode([toy_sample(0)])
    for modality, tokens in encoded.tokens.items():
        spans = model.encoders[modality].spans(encoded.batches[modality], 0)
        assert len(spans) == tokens.values.shape[1]
    assert encoded.tokens["image"].values.shape[1] == 16
    last = model.encoders["audio"].spans(encoded.batches["audio"], 0)[-1]
    assert last[1] == pytest.approx(1.0)


def test_the_preset_names_public_models():
    config = preset("clip-base")
    assert config.image.tower in open_clip.list_models()
    assert (config.image.tower, config.image.pretrained) in open_clip.list_pretrained()
