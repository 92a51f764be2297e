"""TriadModel: batches, absent slots, calibration, words about the answer."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from mm_core.calibration import PATTERNS, TASKS, Calibration, pattern_index
from mm_core.encoders.tokens import Tokens
from mm_core.labels import COALITIONS, EMOTIONS, MODALITIES
from mm_core.prediction import Prediction
from mm_core.predictors import require_usable
from mm_core.samples import InvalidInput, Notice, Sample
from tests.toys import toy_clip, toy_model, toy_picture, toy_sample

SETS = [c for c in COALITIONS if c]


@pytest.fixture(scope="module")
def model():
    return toy_model()


@pytest.mark.parametrize("fusion", ["cross_attention", "concat"])
def test_a_batch_equals_its_singles(fusion):
    model = toy_model(fusion)
    samples = [dataclasses.replace(toy_sample(i, members), audio=toy_clip(i, 0.5 + i) if "audio" in members else None)
               for i, members in enumerate(SETS)]  # fmt: skip
    for together, sample in zip(model.predict_batch(samples), samples, strict=True):
        alone = model.predict(sample)
        for task in ("emotion", "sentiment"):
            a, b = getattr(together, task).probabilities, getattr(alone, task).probabilities
            assert max(abs(a[k] - b[k]) for k in a) < 1e-4
        assert together.agreement == pytest.approx(alone.agreement, abs=1e-4)
        assert together.present == sample.present


def test_an_ignored_modality_counts_as_absent_bit_for_bit(model):
    full = toy_sample()
    ignoring = full.replace(ignored=frozenset({"image"}))
    absent = full.without("image")
    assert model.predict(ignoring).emotion == model.predict(absent).emotion
    other = ignoring.replace(image=toy_picture(9))
    assert model.predict(other).emotion == model.predict(absent).emotion


def test_content_under_an_absent_presence_changes_no_bit(model):
    with torch.no_grad():
        encoded = model.encode([toy_sample(0), toy_sample(1)])
        presence = torch.tensor([[True, False, True], [False, True, False]])
        before = model.logits(encoded.tokens, presence)
        poisoned = {
            m: Tokens(torch.where(presence[:, c, None, None], t.values, 1e4), t.mask)
            for c, (m, t) in enumerate(encoded.tokens.items())
        }
        after = model.logits(poisoned, presence)
    assert torch.equal(before.emotion, after.emotion)
    assert torch.equal(before.sentiment, after.sentiment)


def test_attention_changes_no_probability(model):
    with torch.no_grad():
        encoded = model.encode([toy_sample(0)])
        plain = model.logits(encoded.tokens, encoded.presence)
        shown = model.logits(encoded.tokens, encoded.presence, attention=True)
    assert shown.fused.attention is not None
    torch.testing.assert_close(
        model.probabilities(plain, encoded.presence).emotion,
        model.probabilities(shown, encoded.presence).emotion,
        atol=1e-5,
        rtol=0,
    )


def test_nothing_usable_is_invalid_input_with_the_reason(model):
    notice = Notice("text", "other-language", "The text seems to be neither English nor Chinese.")
    with pytest.raises(InvalidInput, match="neither English nor Chinese"):
        model.predict(Sample(text="Ich bin so glücklich", notices=(notice,), ignored=frozenset({"text"})))
    require_usable(toy_sample())


def test_text_longer_than_the_model_reads_is_said(model):
    answer = model.predict(Sample(text="happy " * 300))
    assert any("longer than the model reads" in warning for warning in answer.warnings)
    assert not model.predict(Sample(text="happy")).warnings


def test_notice_of_a_cut_reaches_the_right_sample(model):
    answers = model.predict_batch([toy_sample(0, ("image",)), Sample(text="sad"), Sample(text="happy " * 300)])
    assert [len(a.warnings) for a in answers] == [0, 0, 1]


def test_prediction_json_has_the_documented_shape_and_returns(model):
    answer = model.predict(toy_sample())
    data = answer.to_json()
    assert list(data) == [
        "emotion", "sentiment", "agreement", "said", "present", "referenced", "warnings", "model", "milliseconds",
    ]  # fmt: skip
    assert set(data["emotion"]) == {"label", "confidence", "probabilities", "sure"}
    assert sum(data["emotion"]["probabilities"].values()) == pytest.approx(1.0)
    assert Prediction.from_json(data).emotion == answer.emotion


def test_agreement_is_given_only_for_present_pairs(model):
    assert set(model.predict(toy_sample(0, ("text", "audio"))).agreement) == {"text+audio"}
    assert model.predict(toy_sample(0, ("text",))).agreement == {}


def test_temperature_of_its_own_pattern_is_used(model):
    hot = {task: dict.fromkeys(PATTERNS, 1.0) for task in TASKS}
    hot["emotion"]["text"] = 1000.0
    changed = toy_model()
    changed.calibration = Calibration(temperatures=hot)
    flat = changed.predict(toy_sample(0, ("text",))).emotion
    assert flat.confidence == pytest.approx(1 / len(EMOTIONS), abs=1e-3)
    assert changed.predict(toy_sample()).emotion == model.predict(toy_sample()).emotion


def test_not_sure_below_the_threshold():
    model = toy_model()
    model.calibration = Calibration(unsure_below={"emotion": 0.99, "sentiment": 0.0})
    answer = model.predict(toy_sample())
    assert not answer.emotion.sure
    assert answer.sentiment.sure
    assert answer.sentence().startswith("Not sure")


def test_pattern_index_counts_in_bits():
    presence = torch.tensor([[False] * 3, [True, False, False], [False, True, False], [True] * 3])
    assert pattern_index(presence).tolist() == [0, 1, 2, 7]


def test_calibration_refuses_missing_or_impossible_temperatures():
    with pytest.raises(ValueError, match="one temperature"):
        Calibration(temperatures={"emotion": {"text": 1.0}})
    zero = {task: dict.fromkeys(PATTERNS, 0.0) for task in TASKS}
    with pytest.raises(ValueError, match="above 0"):
        Calibration(temperatures=zero)


@pytest.mark.parametrize(
    ("agreement", "present", "words"),
    [
        ({}, ("text",), ""),
        ({"text+audio": 0.9}, ("text", "audio"), "the words and the voice agree"),
        ({"text+audio": 0.1}, ("text", "audio"), "the voice disagrees with the words"),
        ({"text+image": 0.9, "text+audio": 0.1, "image+audio": 0.2}, MODALITIES, "the voice disagrees"),
        ({"text+image": 0.1, "text+audio": 0.1, "image+audio": 0.9}, MODALITIES, "the words disagree"),
        ({"text+image": 0.8, "text+audio": 0.9, "image+audio": 0.9}, MODALITIES, "all three agree"),
        (
            {"text+image": 0.1, "text+audio": 0.1, "image+audio": 0.1},
            MODALITIES,
            "words, face and voice all disagree",
        ),
        (
            {"text+image": 0.9, "text+audio": 0.9, "image+audio": 0.1},
            MODALITIES,
            "the voice disagrees with the face",
        ),
    ],
)
def test_agreement_in_words(model, agreement, present, words):
    answer = dataclasses.replace(model.predict(toy_sample()), agreement=agreement, said={}, present=present)
    assert answer.agreement_in_words() == words
    assert answer.sentence().endswith(f"{words}." if words else "sure.")


def test_between_the_bounds_nothing_is_said():
    model = toy_model()
    pair = "text+audio"
    sample = toy_sample(0, ("text", "audio"))
    chance = model.predict(sample).agreement[pair]
    for bounds, said, words in (
        ((chance - 0.01, chance + 0.01), "nothing", ""),
        ((chance + 0.01, 1.0), "disagree", "the voice disagrees with the words"),
        ((0.0, chance - 0.01), "agree", "the words and the voice agree"),
    ):
        model.calibration = Calibration(said_outside={**Calibration().said_outside, pair: bounds})
        answer = model.predict(sample)
        assert answer.said == {pair: said}
        assert answer.agreement_in_words() == words
        assert Prediction.from_json(answer.to_json()) == dataclasses.replace(
            answer, milliseconds=round(answer.milliseconds, 1)
        )


@pytest.mark.parametrize("bounds", [{"text+image": (0.1, 0.9)}, {"text+image": (0.9, 0.1)}])
def test_calibration_refuses_bounds_that_are_none(bounds):
    known = {} if bounds["text+image"][0] < 0.5 else Calibration().said_outside
    with pytest.raises(ValueError, match="bounds"):
        Calibration(said_outside={**known, **bounds})


def test_a_saved_calibration_without_bounds_says_what_an_even_chance_says():
    data = Calibration().to_json()
    del data["said_outside"]
    assert set(Calibration.from_json(data).said_outside.values()) == {(0.5, 0.5)}


def test_content_is_what_encoders_take():
    sample = toy_sample()
    assert sample.content("text") == sample.text
    np.testing.assert_array_equal(sample.content("image"), sample.image.crop())
    np.testing.assert_array_equal(sample.content("audio"), sample.audio.waveform)


def test_no_samples_no_answers(model):
    assert model.predict_batch([]) == []
