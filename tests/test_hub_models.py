"""The hub-sized preset, loaded by the same code from tiny models that are built and saved here."""

from __future__ import annotations

import dataclasses
import json

import open_clip
import pytest
import torch
from safetensors.torch import save_file
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2Model

from mm_core import storage
from mm_core.presets import preset
from tests.toys import toy_sample, toy_text_encoder

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """clip-base with its three sources replaced by folders in the hub's own formats."""
    folder = tmp_path_factory.mktemp("hub")
    torch.manual_seed(0)
    text = toy_text_encoder()
    text.tokenizer.save_pretrained(folder / "text")
    text.backbone.save_pretrained(folder / "text")

    clip = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 24, "head_width": 12, "patch_size": 8},
        "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1},
    }
    (folder / "image").mkdir()
    (folder / "image" / "open_clip_config.json").write_text(json.dumps({"model_cfg": clip, "preprocess_cfg": {}}))
    built = open_clip.create_model(f"local-dir:{folder / 'image'}", load_weights=False)
    save_file(built.state_dict(), folder / "image" / "open_clip_model.safetensors")

    audio = Wav2Vec2Config(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=(8, 8),
        conv_stride=(5, 4),
        conv_kernel=(10, 8),
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
    )
    Wav2Vec2Model(audio).save_pretrained(folder / "audio")
    Wav2Vec2FeatureExtractor().save_pretrained(folder / "audio")

    base = preset("clip-base")
    config = dataclasses.replace(
        base,
        text=dataclasses.replace(base.text, source=str(folder / "text")),
        image=dataclasses.replace(base.image, tower=f"local-dir:{folder / 'image'}", pretrained="", image_size=32),
        audio=base.audio.based_on(str(folder / "audio")),
        fusion=dataclasses.replace(base.fusion, width=16),
    )
    return config, built


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
