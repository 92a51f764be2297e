"""Saved models: same answers after loading; anything changed, missing or pickled is refused."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import pytest
import torch

from mm_core import storage
from mm_core.calibration import Calibration
from mm_core.presets import PRESETS, ModelConfig, preset
from mm_core.samples import InvalidInput
from tests.toys import toy_config, toy_model, toy_sample


@pytest.fixture
def saved(tmp_path):
    model = toy_model()
    model.calibration = Calibration(unsure_below={"emotion": 0.3, "sentiment": 0.2}, multilabel={"joy": 0.4})
    storage.save(model, tmp_path / "m", half=False, notes={"made": "here"})
    return model, tmp_path / "m"


def test_loading_gives_the_same_answers_hash_and_calibration(saved):
    model, folder = saved
    again = storage.load(folder, "cpu")
    assert again.hash == model.hash
    assert again.calibration == model.calibration
    assert again.config == model.config
    assert again.predict(toy_sample()).emotion == model.predict(toy_sample()).emotion
    assert not again.training
    assert storage.notes(folder) == {"made": "here"}


def test_half_precision_moves_answers_little(tmp_path):
    model = toy_model()
    storage.save(model, tmp_path)
    a, b = model.predict(toy_sample()).emotion, storage.load(tmp_path, "cpu").predict(toy_sample()).emotion
    assert max(abs(a.probabilities[k] - b.probabilities[k]) for k in a.probabilities) < 5e-3


@pytest.mark.parametrize("name", ["model.safetensors", "text/tokenizer.json"])
def test_a_changed_byte_is_refused(saved, name):
    _, folder = saved
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(bytes(content))
    with pytest.raises(storage.UnusableModel, match="SHA-256 differs"):
        storage.load(folder)


def test_missing_files_are_named_without_the_servers_path(saved, tmp_path):
    _, folder = saved
    (folder / "text" / "tokenizer.json").unlink()
    with pytest.raises(InvalidInput, match=r"tokenizer\.json is missing") as caught:
        storage.load(folder)
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(InvalidInput, match="no model in the folder"):
        storage.load(tmp_path / "nowhere")


def test_a_pickle_in_place_of_weights_is_not_opened(saved, tmp_path):
    _, folder = saved
    flag = tmp_path / "executed"

    class Bomb:
        def __reduce__(self):
            return (open, (str(flag), "w"))

    (folder / "model.safetensors").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(storage.UnusableModel):
        storage.load(folder)
    description = json.loads((folder / "model.json").read_text())
    description["files"]["model.safetensors"] = storage._sha256(folder / "model.safetensors")
    (folder / "model.json").write_text(json.dumps(description))
    with pytest.raises(Exception):  # noqa: B017, PT011  safetensors' own error: the file is no safetensors file
        storage.load(folder)
    assert not flag.exists()


def test_a_file_outside_the_folder_is_refused(saved):
    _, folder = saved
    outside = folder.parent / "outside.json"
    outside.write_text("{}")
    description = json.loads((folder / "model.json").read_text())
    description["files"]["../outside.json"] = storage._sha256(outside)
    (folder / "model.json").write_text(json.dumps(description))
    with pytest.raises(storage.UnusableModel, match=r"outside\.json is missing"):
        storage.load(folder)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99, "files": {"model.safetensors": ""}}'])
def test_a_broken_description_is_refused(saved, text):
    _, folder = saved
    (folder / "model.json").write_text(text)
    with pytest.raises(storage.UnusableModel):
        storage.load(folder)


def test_weights_that_do_not_fit_are_refused(saved):
    _, folder = saved
    description = json.loads((folder / "model.json").read_text())
    description["config"]["fusion"]["layers"] = 3
    (folder / "model.json").write_text(json.dumps(description))
    with pytest.raises(storage.UnusableModel, match="do not fit"):
        storage.load(folder)


def test_initialisation_works_again_after_loading(saved):
    storage.load(saved[1], "cpu")
    assert torch.nn.Linear(4, 4).weight.abs().sum() > 0
    assert torch.nn.init.normal_.__module__ == "torch.nn.init"


def test_configurations_survive_json():
    for config in (*PRESETS.values(), toy_config()):
        assert ModelConfig.from_json(json.loads(json.dumps(config.to_json()))) == config
    with pytest.raises(ValueError, match="embedded"):
        preset("huge")


def test_import_is_light():
    code = (
        "import sys, mm_core; print(sorted(m for m in ('torch', 'transformers', 'cv2', 'scipy') if m in sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_public_names_resolve():
    import mm_core

    for name in set(mm_core.__all__) - {"__version__"}:
        assert getattr(mm_core, name).__name__.rpartition(".")[2] == name
    with pytest.raises(AttributeError):
        _ = mm_core.nonsense
