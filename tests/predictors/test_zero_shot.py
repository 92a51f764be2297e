"""Labels in one's own words with a tiny model in open_clip's own format, made here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from mm_core.evidence.session import explain
from mm_core.predictors import UnusablePredictor, load
from mm_core.samples import Picture, Sample
from tests.toys import toy_sample

LABELS = ("proud", "bored", "relieved")
TEMPLATES = ("a {} face", "someone who is {}")


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> Path:
    """A folder ``clip`` with a random model that reads pictures of 32 pixels."""
    folder = tmp_path_factory.mktemp("hub")
    clip = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 24, "head_width": 12, "patch_size": 8},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
    }
    (folder / "clip").mkdir()
    (folder / "clip" / "open_clip_config.json").write_text(json.dumps({"model_cfg": clip, "preprocess_cfg": {}}))
    torch.manual_seed(0)
    built = open_clip.create_model(f"local-dir:{folder / 'clip'}", load_weights=False)
    save_file(built.state_dict(), folder / "clip" / "open_clip_model.safetensors")
    return folder


def write(folder: Path, more: str = "", labels: tuple[str, ...] = LABELS) -> Path:
    path = folder / "predictor.yaml"
    path.write_text(
        f"kind: zero_shot\nmodel: clip\nlabels: {json.dumps(labels)}\ntemplates: {json.dumps(TEMPLATES)}\n{more}"
    )
    return path


def test_a_face_is_compared_with_each_label_by_the_cosine(hub):
    predictor, sample = load(write(hub)), toy_sample()
    (found,) = predictor.predict_batch([sample])
    assert found.present == ("image",)
    model, prepare = open_clip.create_model_from_pretrained(f"local-dir:{hub / 'clip'}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{hub / 'clip'}")
    with torch.inference_mode():
        face = model.encode_image(prepare(Image.fromarray(sample.image.crop()))[None], normalize=True)[0]
        directions = []
        for label in LABELS:
            mean = model.encode_text(tokenizer([t.format(label) for t in TEMPLATES]), normalize=True).mean(0)
            directions.append(mean / mean.norm())
        expected = (model.logit_scale.exp() * face @ torch.stack(directions).T).softmax(0)
    assert list(found.emotion.probabilities.values()) == pytest.approx(expected.tolist(), abs=1e-5)


def test_it_is_explained_and_alone_equals_together(hub):
    predictor = load(write(hub, "prior: {proud: 0.5, bored: 0.3, relieved: 0.2}\n"))
    samples = [toy_sample(0), Sample(image=Picture.whole(np.zeros((40, 40, 3), np.uint8))), Sample()]
    together = predictor.predict_logits(samples).emotion
    alone = np.concatenate([predictor.predict_logits([one]).emotion for one in samples])
    assert together == pytest.approx(alone, abs=1e-4)
    assert np.exp(together[2]) == pytest.approx([0.5, 0.3, 0.2])
    record = explain(predictor, toy_sample(), "proud")
    assert record.contributions("proud", "probability").start == pytest.approx(0.5)
    assert {found.modality for found in record.relevance} == {"image"}


def test_the_hash_follows_labels_and_weights(hub):
    first = load(write(hub)).hash
    assert load(write(hub)).hash == first
    assert load(write(hub, labels=("proud", "ashamed"))).hash != first


def test_what_is_not_there_or_no_template_is_told(hub, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    (tmp_path / "predictor.yaml").write_text("kind: zero_shot\nmodel: nothing-of-that-name\nlabels: [a, b]\n")
    with pytest.raises(UnusablePredictor, match="Name a model of open_clip"):
        load(tmp_path / "predictor.yaml")
    bad = hub / "bad.yaml"
    bad.write_text("kind: zero_shot\nmodel: clip\nlabels: [a, b]\ntemplates: [a face]\n")
    with pytest.raises(UnusablePredictor, match="in the place of the label"):
        load(bad)
