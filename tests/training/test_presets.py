"""Every preset trains: its own towers, from tiny hub models, to a saved model that loads and answers."""

from __future__ import annotations

import dataclasses

import pytest

from mm_core import storage
from mm_core.cli import main
from mm_core.encoders.towers import tower_of
from mm_core.labels import MODALITIES
from mm_core.presets import PRESETS
from mm_core.training.recipes import RECIPES
from mm_core.training.stages import cross_validate, load_tower, train_fusion, train_tower
from tests.data_factory import write_tables
from tests.tiny_hub import make_hub, with_tiny_towers
from tests.toys import toy_sample


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    make_hub(folder)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_tables(tmp_path_factory.mktemp("data"))


def short(recipe):
    """The recipe with one epoch of small batches, without its teachers."""
    schedule = dataclasses.replace(recipe.schedule, epochs=1, precision="no")
    return dataclasses.replace(recipe, schedule=schedule, batch_size=7, teachers=())


def test_there_is_a_recipe_for_every_preset():
    assert set(RECIPES) == set(PRESETS)
    for recipes in RECIPES.values():
        assert set(recipes.towers) == set(MODALITIES)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PRESETS))
def test_a_preset_trains_saves_loads_and_predicts(name, hub, data, tmp_path):
    config, recipes = with_tiny_towers(name, hub), RECIPES[name]
    for modality in MODALITIES:
        report = train_tower(modality, config, short(recipes.towers[modality]), data, tmp_path / modality, quiet=True)
        assert report["history"], "at least one epoch was run"
        trained = load_tower(modality, config, tmp_path / modality)
        assert type(trained) is tower_of(modality, PRESETS[name].tower(modality))
    fusing = dataclasses.replace(
        recipes.fusing, steps=2, validation_cases=60, copies={"text": 0, "image": 1, "audio": 1}
    )
    schedule = dataclasses.replace(recipes.fusing_schedule, epochs=1)
    model = train_fusion(config, fusing, schedule, data, tmp_path, tmp_path / "fusion", quiet=True)
    again = storage.load(tmp_path / "fusion" / "model", "cpu")
    assert again.hash == model.hash
    # Weights are stored in half precision, so answers are close, not equal.
    before, after = (m.predict(toy_sample()).emotion.probabilities for m in (model.eval(), again))
    assert max(abs(before[label] - after[label]) for label in before) < 0.02


def test_folds_train_the_tower_that_the_preset_names(hub, data, tmp_path):
    config, recipe = with_tiny_towers("clip-base", hub), short(RECIPES["clip-base"].towers["audio"])
    summary = cross_validate("audio", config, recipe, data, tmp_path, count=2, quiet=True)
    assert len(summary["ravdess_uar"]) == 2


def test_an_unknown_preset_is_told_in_one_line(capsys, data, tmp_path):
    status = main(["train", "--preset", "nonsense", "--data", str(data), "--out", str(tmp_path)])
    told = capsys.readouterr().err
    assert status != 0
    assert "Traceback" not in told
    for name in PRESETS:
        assert name in told
