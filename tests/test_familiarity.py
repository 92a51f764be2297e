"""How far a case lies from what was learned from: distances by hand, and what they do to an answer."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from mm_core import storage
from mm_core.datasets.bank import TokenBank
from mm_core.encoders.tokens import Tokens
from mm_core.familiarity import SLACK, Familiarity
from mm_core.labels import EMOTIONS
from mm_core.model import UNFAMILIAR
from mm_core.training.custom_cases import ABSENT, CustomCases
from mm_core.training.tuning import LiveTokens, make_familiar
from tests.toys import toy_model, toy_sample


def tokens(*means):
    """Cases of two tokens each with these means."""
    values = torch.tensor([[[m - 1.0 for m in mean], [m + 1.0 for m in mean]] for mean in means])
    return Tokens(values, torch.ones(len(means), 2, dtype=torch.bool))


@pytest.fixture(scope="module")
def fitted():
    """Around (10, 0), with deviations 1 and 4."""
    random = np.random.default_rng(0)
    rows = (random.normal(size=(20_000, 2)) * [1.0, 4.0] + [10.0, 0.0]).astype(np.float32)
    familiarity = Familiarity({"audio": 2})
    familiarity.fit("audio", rows[:15_000], rows[15_000:])
    return familiarity


def test_distances_are_counted_in_deviations(fitted):
    # The norm of two independent normal deviations lies below sqrt(-2 ln 0.005) with a chance of 0.995.
    limit = SLACK * np.sqrt(-2 * np.log(0.005))
    assert float(fitted.audio_limit) == pytest.approx(limit, rel=0.05)
    found = fitted.strangeness("audio", tokens([10.0, 0.0], [13.0, 0.0], [10.0, -12.0])) * fitted.audio_limit
    assert found.tolist() == pytest.approx([0.0, 3.0, 3.0], abs=0.1)


def test_a_direction_in_which_nothing_differs_does_no_harm():
    rows = np.stack((np.linspace(-1, 1, 500), np.ones(500)), 1).astype(np.float32)
    familiarity = Familiarity({"audio": 2})
    familiarity.fit("audio", rows, rows)
    near, off = familiarity.strangeness("audio", tokens([0.5, 1.0], [0.5, 1.5])).tolist()
    assert near < 1 < off
    assert np.isfinite(off)


def test_only_what_is_present_and_unfamiliar_damps(fitted):
    given = {"audio": tokens([10.0, 0.0], [30.0, 0.0], [30.0, 0.0])}
    presence = torch.tensor([[False, False, True], [False, False, True], [True, False, False]])
    damping = fitted.damping(given, presence).flatten()
    assert damping[0] == 1
    assert damping[2] == 1
    assert float(damping[1]) == pytest.approx(float(20 / fitted.audio_limit) ** 2, rel=0.05)


def test_rows_that_are_learned_later_become_familiar(fitted):
    again = Familiarity({"audio": 2})
    again.load_state_dict(fitted.state_dict())
    far = tokens([30.0, 0.0])
    assert float(again.strangeness("audio", far)) > 1
    again.widen("audio", np.array([[30.0, 0.0]], np.float32))
    assert float(again.strangeness("audio", far)) == pytest.approx(1 / SLACK)
    before = float(again.audio_limit)
    again.widen("audio", np.array([[10.0, 0.0]], np.float32))
    assert float(again.audio_limit) == before


def strange_model():
    """A toy to which every voice is strange, and nothing else."""
    model = toy_model()
    with torch.no_grad():
        width = len(model.familiarity.audio_mean)
        model.familiarity.audio_whitening.copy_(torch.eye(width) * 100)
    return model


def test_a_strange_voice_is_said_and_lowers_the_confidence_alone():
    plain, strange = toy_model(), strange_model()
    given, silent = toy_sample(), toy_sample().replace(audio=None)
    before, after = plain.predict(given), strange.predict(given)
    assert after.emotion.confidence < before.emotion.confidence
    assert after.emotion.label == before.emotion.label
    assert sum(after.emotion.probabilities[label] for label in EMOTIONS) == pytest.approx(1)
    assert [w for w in after.warnings if w not in before.warnings] == [
        "The sound is like no voice that the model learned from, so its answer counts as less sure."
    ]
    assert strange.predict(silent).emotion == plain.predict(silent).emotion
    codes = [n.code for n in strange.noted([given], strange.encode([given]))[0].notices]
    assert codes.count(UNFAMILIAR) == 1


def test_it_is_saved_with_the_model_and_older_models_find_everything_familiar(tmp_path):
    model = strange_model()
    storage.save(model, tmp_path, half=False)
    assert storage.load(tmp_path, "cpu").predict(toy_sample()).emotion == model.predict(toy_sample()).emotion

    weights = {k: v for k, v in load_file(tmp_path / "model.safetensors").items() if not k.startswith("familiarity")}
    save_file(weights, tmp_path / "model.safetensors")
    description = json.loads((tmp_path / "model.json").read_text())
    description["format"] = 1
    description["files"]["model.safetensors"] = storage._sha256(tmp_path / "model.safetensors")
    (tmp_path / "model.json").write_text(json.dumps(description))
    older = storage.load(tmp_path, "cpu")
    assert older.predict(toy_sample()).emotion == toy_model().predict(toy_sample()).emotion


def test_a_banks_means_are_each_rows_own():
    values = torch.tensor([[1.0, 0.0], [3.0, 0.0], [5.0, 2.0]], dtype=torch.float16)
    assert TokenBank(values, np.array([0, 2, 3])).means().tolist() == [[2.0, 0.0], [5.0, 2.0]]


def test_what_a_model_is_fitted_to_becomes_familiar():
    model = strange_model()
    clips = [toy_sample(seed).content("audio") for seed in range(3)]
    cases = CustomCases(
        {"text": np.full(3, ABSENT), "image": np.full(3, ABSENT), "audio": np.array([0, 1, 1])},
        torch.zeros(3, 7),
        torch.zeros(3, 3),
        np.array(["train"] * 3),
        np.array(list("abc")),
    )
    make_familiar(model, LiveTokens(model, {"audio": clips}), cases, batch_size=1)
    encoder = model.encoders["audio"]
    near = [float(model.familiarity.strangeness("audio", encoder(encoder.prepare([clip])))) for clip in clips]
    assert max(near[:2]) <= 1
