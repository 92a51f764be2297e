"""Making Evidence from a sample and a model."""

import subprocess
import sys

import numpy as np
import pytest

import mm_core
from mm_core.evidence import ORDERED_PAIRS, Change, ExplanationSession, explain
from mm_core.evidence.session import explain_steps, what_if, what_if_steps
from mm_core.samples import Box, InvalidInput, Notice, Picture, Sample
from tests.toys import toy_clip, toy_model, toy_picture, toy_sample


def test_the_answer_is_what_predict_answers(case, evidence):
    expected = case.model.predict(case.sample)
    for task in ("emotion", "sentiment"):
        ours, theirs = getattr(evidence.prediction, task), getattr(expected, task)
        assert ours.label == theirs.label
        assert list(ours.probabilities.values()) == pytest.approx(list(theirs.probabilities.values()), abs=1e-5)
        assert ours.sure == theirs.sure
    assert evidence.prediction.agreement == pytest.approx(expected.agreement, abs=1e-5)
    assert evidence.prediction.model == expected.model
    assert evidence.prediction.present == expected.present


def test_the_game_ends_in_the_answer(evidence):
    label = evidence.label
    solved = evidence.contributions(value="probability")
    assert solved.total == pytest.approx(evidence.prediction.emotion.probabilities[label])
    assert sum(solved.dividends.values()) == pytest.approx(solved.total - solved.start, abs=1e-5)


def test_an_absent_modality_contributes_nothing_and_attends_to_nothing():
    made = explain(toy_model(), toy_sample(modalities=("text", "audio")))
    assert set(made.contributions().shapley) == {"text", "audio"}
    assert set(made.units) == {"text", "audio"}
    for pair in ORDERED_PAIRS:
        assert (made.attention[pair] is None) == ("image" in pair)


def test_attention_has_its_shape_and_its_rows_sum_to_one(evidence):
    assert set(evidence.attention) == set(ORDERED_PAIRS)
    for (query, key), maps in evidence.attention.items():
        lengths = (len(evidence.units[query].token_units), len(evidence.units[key].token_units))
        assert maps.shape == (2, 2, *lengths)
        assert maps.dtype == np.float32
        assert maps.sum(-1) == pytest.approx(1.0, abs=1e-5)


def test_attention_between_units(evidence):
    found = evidence.attention_between("text", "image")
    assert found.shape == (5, 36)
    assert found.sum(1) == pytest.approx(1.0, abs=1e-5)  # every patch is a unit
    assert (evidence.attention_between("image", "text").sum(1) < 1.0).all()  # [CLS] and [SEP] are left out
    one = evidence.attention_between("text", "audio", layer=1, head=0)
    by_hand = evidence.attention["text", "audio"][1, 0][1:-1, 1:]  # without special tokens and statistics
    assert one == pytest.approx(by_hand)
    assert evidence.attention_between("text", "smell") is None


def test_without_attention_the_record_is_still_whole():
    made = explain(toy_model(fusion="concat"), toy_sample())
    assert set(made.attention.values()) == {None}
    assert all(made.relevance_of(m) is not None for m in made.present)


def test_any_class_of_both_tasks_can_be_explained():
    model, sample = toy_model(), toy_sample()
    made = ExplanationSession(model, sample).evidence(label="negative", task="sentiment")
    assert (made.task, made.label) == ("sentiment", "negative")
    assert made.relevance[0].label == "negative"
    assert made.contributions().total == pytest.approx(made.coalitions.centred("sentiment")[-1, 0])
    assert made.contributions("joy", task="emotion").total == pytest.approx(made.coalitions.centred()[-1, 3])


@pytest.mark.parametrize("wrong", [{"label": "hunger"}, {"task": "weather"}, {"methods": ["magic"]}])
def test_what_there_is_not_is_refused(case, wrong):
    with pytest.raises(InvalidInput, match="use "):
        case.evidence(**wrong)


def test_each_modality_has_a_map_by_its_default_method(evidence, case):
    for modality in evidence.present:
        assert case.evidence().relevance_of(modality).method == evidence.defaults[modality]
    assert evidence.relevance_of("text", "occlusion") is None


def test_warnings_and_inputs_come_along():
    face = Picture(toy_picture(size=(80, 70)).pixels, Box(5, 10, 60, 70))
    sample = Sample(text="so sad", image=face, audio=toy_clip(), notices=(Notice("image", "x", "Careful."),))
    made = explain(toy_model(), sample)
    assert made.prediction.warnings == ("Careful.",)
    assert made.inputs.text == "so sad"
    assert made.inputs.face == (5, 10, 60, 70)
    assert made.inputs.pixels is face.pixels
    assert made.inputs.spectrogram.shape[1] == len(made.inputs.spectrogram_hertz)
    assert (np.diff(made.inputs.spectrogram_hertz) > 0).all()
    assert explain(toy_model(), sample, keep_inputs=False).inputs is None
    assert made.without_inputs().inputs is None
    assert made.digests == sample.digests()


def test_timings_and_versions_are_recorded(evidence):
    assert {"encode", "coalitions", "attention", "relevance"} <= set(evidence.timings)
    assert all(value >= 0 for value in evidence.timings.values())
    assert {"python", "torch"} <= set(evidence.versions)
    assert evidence.versions["triad"] == mm_core.__version__
    assert evidence.created.endswith("+00:00")


def test_a_case_is_taken_up_again_from_its_record(case, evidence):
    again = ExplanationSession.of(case.model, evidence)
    assert again.sample.digests() == case.sample.digests()
    with pytest.raises(InvalidInput, match="not kept"):
        ExplanationSession.of(case.model, evidence.without_inputs())
    other = toy_model()
    other.hash = "another"
    with pytest.raises(InvalidInput, match="another model"):
        ExplanationSession.of(other, evidence)


def test_only_the_touched_encoder_runs_again(case, evidence, monkeypatch):
    ran = []
    for modality, encoder in case.model.encoders.items():
        monkeypatch.setattr(
            encoder, "prepare", lambda given, m=modality, p=encoder.prepare: ran.append(m) or p(given)
        )
    case.what_if(Change(mask_words=["happy"]), evidence)
    assert ran == ["text"]
    ran.clear()
    case.what_if(Change(mask_region=(0, 0, 30, 30)), evidence)
    assert ran == ["image"]
    ran.clear()
    case.what_if(Change(mute=(0.2, 0.5)), evidence)
    assert ran == ["audio"]
    ran.clear()
    case.what_if(Change(remove="audio"), evidence)
    assert ran == []


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"remove": "text", "text": "hello"},
        {"remove": "smell"},
        {"remove": ("text", "image", "audio")},
    ],
)
def test_a_change_must_be_one_that_fits(case, evidence, change):
    with pytest.raises(InvalidInput):
        case.what_if(Change(**change), evidence)


def test_changes_to_what_is_not_there_are_refused():
    case = ExplanationSession(toy_model(), toy_sample(modalities=("text",)))
    for change in ({"mask_region": (0, 0, 5, 5)}, {"mute": (0, 1)}, {"remove": "audio"}):
        with pytest.raises(InvalidInput):
            case.what_if(Change(**change))


def test_a_changed_case_equals_that_case_explained_from_scratch(case, evidence):
    changed = case.what_if(Change(text="i hate this awful day"), evidence)
    fresh = case.model.predict(case.sample.replace(text="i hate this awful day"))
    after = changed.after.prediction.emotion
    assert list(after.probabilities.values()) == pytest.approx(list(fresh.emotion.probabilities.values()), abs=1e-5)
    assert changed.after.label == evidence.label
    assert {r.method for r in changed.after.relevance} == {"gradient_x_input", "chefer"}
    for label, difference in changed.difference().items():
        before = evidence.prediction.emotion.probabilities[label]
        assert difference == pytest.approx(after.probabilities[label] - before)


def test_what_if_takes_samples_and_records(case, evidence):
    from_sample = what_if(case.model, case.sample, Change(remove="image"))
    from_record = what_if(case.model, evidence, Change(remove="image"))
    without_inputs = what_if(case.model, evidence.without_inputs(), Change(remove="image"))
    expected = list(from_sample.after.prediction.emotion.probabilities.values())
    for other in (from_record, without_inputs):
        assert list(other.after.prediction.emotion.probabilities.values()) == pytest.approx(expected, abs=1e-5)
    with pytest.raises(InvalidInput, match="not kept"):
        what_if(case.model, evidence.without_inputs(), Change(text="hello"))


def test_opening_a_record_needs_no_torch():
    code = "import sys, mm_core.evidence; mm_core.evidence.Evidence.load; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_explaining_in_steps_gives_the_same_record_and_a_map_a_step():
    model, sample = toy_model(), toy_sample()
    steps = list(explain_steps(model, sample))
    made, whole = steps[-1].result, explain(model, sample)
    assert [step.result for step in steps[:-1]] == [None] * (len(steps) - 1)
    assert len(steps) >= 2 + len(made.relevance)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert made.prediction.emotion.probabilities == pytest.approx(whole.prediction.emotion.probabilities)
    for ours, theirs in zip(made.relevance, whole.relevance, strict=True):
        assert (ours.modality, ours.method) == (theirs.modality, theirs.method)
        np.testing.assert_allclose(ours.values, theirs.values, atol=1e-5)


def test_a_map_that_asks_the_model_often_is_made_in_steps_of_its_own():
    model, sample = toy_model(), toy_sample()
    plain, often = (
        list(explain_steps(model, sample, methods=[name])) for name in ("gradient_x_input", "shapley_sampling")
    )
    assert len(plain) == 2 + len(plain[-1].result.relevance)
    assert len(often) > len(plain) + len(often[-1].result.relevance)
    fractions = [step.fraction for step in often]
    assert fractions == sorted(fractions)


def test_what_happens_between_steps_is_in_no_timing(monkeypatch):
    clock = {"now": 0.0}
    monkeypatch.setattr("mm_core.evidence.session.time.perf_counter", lambda: clock["now"])
    for step in explain_steps(toy_model(), toy_sample()):
        clock["now"] += 5.0
        made = step.result
    assert set(made.timings.values()) == {0.0}


@pytest.mark.parametrize("from_record", [True, False])
def test_a_change_in_steps_explains_what_it_needs(case, evidence, from_record):
    steps = list(what_if_steps(case.model, evidence if from_record else case.sample, Change(mask_words=["happy"])))
    pair = steps[-1].result
    assert (pair.before is evidence) == from_record
    assert pair.change == Change(mask_words=["happy"]).in_words()
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    maps = len(pair.after.relevance) + (0 if from_record else len(pair.before.relevance))
    assert len(steps) > maps
