"""A voice judged against the speaker's normal voice, from the model to the record, with a tiny Whisper-type tower."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient

from mm_core import Change, Evidence, InvalidInput, explain, resources, storage, what_if
from mm_core.cli import main
from mm_core.encoders import TOWERS
from mm_core.evidence import ExplanationSession, without_modalities
from mm_core.evidence.inputs import sample_of
from mm_core.figures import evidence_page
from mm_core.samples import RawInputs, Sample
from mm_core.samples.reference import VoiceInput, reference_notice
from mm_core.serving.limits import check_size
from mm_core.serving.remote import Remote
from mm_core.serving.replies import evidence_json
from mm_core.serving.service import Service
from tests.serving.conftest import rest_app
from tests.serving.live import running
from tests.tiny_hub import toy_model_with_reference
from tests.toys import toy_clip, toy_model, toy_sample


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    made = toy_model_with_reference(tmp_path_factory.mktemp("base"))
    storage.save(made, tmp_path_factory.mktemp("saved"), half=False)
    return made


@pytest.fixture(scope="module")
def sample():
    return toy_sample(1).replace(reference=toy_clip(5, 2.0))


@pytest.fixture(scope="module")
def evidence(model, sample):
    return explain(model, sample)


def probabilities(prediction):
    return list(prediction.emotion.probabilities.values())


def test_only_the_whisper_tower_reads_references():
    assert [tower.kind for tower in TOWERS if tower.reads_reference] == ["whisper"]


def test_a_batch_equals_its_singles_with_mixed_references_and_lengths(model):
    lengths, references = (0.4, 1.0, 5.3), (None, toy_clip(7, 1.5), toy_clip(8, 4.2))
    samples = [
        Sample(text="i am sad" if index % 2 else None, audio=toy_clip(index, seconds), reference=reference)
        for index, (seconds, reference) in enumerate(itertools.product(lengths, references))
    ]
    samples.append(Sample(text="no voice at all"))
    together = model.predict_batch(samples)
    for found, given in zip(together, samples, strict=True):
        alone = model.predict(given)
        assert probabilities(found) == pytest.approx(probabilities(alone), abs=1e-5)
        assert found.referenced == alone.referenced == given.referenced
    moved = np.subtract(probabilities(together[0]), probabilities(together[1]))
    assert np.abs(moved).max() > 1e-4, "the reference is read"


def test_the_reference_itself_is_not_judged(model, sample):
    """Its tokens are those of the voice alone: only what they are relative to changes."""
    referred, plain = (model.encode([s]) for s in (sample, sample.without_reference()))
    assert referred.tokens["audio"].values.shape == plain.tokens["audio"].values.shape
    torch.testing.assert_close(referred.batches["audio"].mel, plain.batches["audio"].mel)


def test_a_model_without_references_says_that_it_uses_none(sample):
    plain = toy_model()
    found = plain.predict(sample)
    assert found.referenced == ()
    assert found.warnings == (reference_notice("unused").message,)
    assert found.emotion == plain.predict(sample.without_reference()).emotion
    record = explain(plain, sample)
    assert record.inputs.reference is None
    assert record.prediction.warnings == found.warnings
    assert record.digests == sample.without_reference().digests()


def test_a_saved_model_answers_the_same(model, sample, tmp_path):
    storage.save(model, tmp_path, half=False)
    again = storage.load(tmp_path, "cpu")
    assert again.reads_reference
    assert probabilities(again.predict(sample)) == pytest.approx(probabilities(model.predict(sample)), abs=1e-6)


def test_the_record_says_what_the_voice_was_judged_against(model, sample, evidence):
    assert evidence.prediction.referenced == ("audio",)
    assert probabilities(evidence.prediction) == pytest.approx(probabilities(model.predict(sample)), abs=1e-5)
    assert evidence.digests == sample.digests()
    assert evidence_json(evidence)["prediction"]["referenced"] == ["audio"]
    assert evidence.prediction.reference_in_words() == "Judged against the speaker's normal voice: the voice."
    assert evidence.prediction.reference_in_words("own") == "Judged against your normal voice: the voice."
    assert model.predict(sample.without_reference()).reference_in_words() == ""


def test_maps_cover_the_voice_and_nothing_of_the_reference(sample, evidence):
    units = evidence.units["audio"]
    assert units.extent == (sample.audio.given_seconds,)
    assert all(len(found.values) == len(units) for found in evidence.relevance if found.modality == "audio")


def test_the_report_of_a_case_says_it_and_plays_the_normal_voice(evidence):
    page = evidence_page(evidence)
    assert page.count("Judged against the speaker&#39;s normal voice: the voice.") == 2, "the answer, and its map"
    assert page.count("<audio ") == 2
    assert "Only compared with, never judged itself." in page
    plain = evidence_page(evidence.without_inputs())
    assert "<audio " not in plain
    assert "Judged against the speaker&#39;s normal voice" in plain
    assert "Judged against the speaker&#39;s normal voice" in evidence._repr_html_()


def test_a_kept_record_is_taken_up_again_with_its_reference(model, evidence, tmp_path):
    reopened = Evidence.load(evidence.save(tmp_path / "case"))
    np.testing.assert_array_equal(reopened.inputs.reference, evidence.inputs.reference)
    session = ExplanationSession.of(model, reopened)
    assert session.sample.referenced == ("audio",)
    again = session.evidence()
    np.testing.assert_allclose(again.coalitions.logits["emotion"], evidence.coalitions.logits["emotion"], atol=1e-5)
    assert again.digests == evidence.digests


def test_another_reference_in_a_kept_record_is_found_out(evidence):
    forged = replace(evidence, inputs=replace(evidence.inputs, reference=toy_clip(6, 2.0).waveform))
    with pytest.raises(InvalidInput, match="not the ones that were explained"):
        sample_of(forged)


def test_a_reference_beyond_the_limits_is_not_taken_from_a_record(sample):
    check_size(sample)
    for clip in (toy_clip(1, 31.0), toy_clip(1, 0.0)):
        with pytest.raises(InvalidInput, match="larger than this app reads"):
            check_size(sample.replace(reference=clip))


@pytest.mark.parametrize("change", [Change(mute=(0.2, 0.6)), Change(mask_words=["happy"])])
def test_edits_keep_the_reference(model, sample, change):
    changed = ExplanationSession(model, sample).changed(change)
    assert changed.sample.reference is sample.reference


def test_another_voice_is_judged_against_the_same_reference(model, sample):
    other = Sample(audio=toy_clip(9))
    session = ExplanationSession(model, sample)
    changed = session.changed(Change(audio=b"read already"), other)
    assert isinstance(changed.sample.content("audio"), VoiceInput)
    assert changed.sample.reference is sample.reference
    own = other.replace(reference=toy_clip(10, 2.0))
    assert session.changed(Change(audio=b"read already"), own).sample.reference is own.reference


def test_taking_the_voice_away_takes_its_reference_along(model, evidence):
    for found in (what_if(model, evidence, Change(remove="audio")), without_modalities(evidence, "audio")):
        assert found.after.prediction.referenced == ()
        assert found.after.present == ("text", "image")
    assert without_modalities(evidence, "text").after.prediction.referenced == ("audio",)


def test_what_if_there_had_been_no_reference(model, sample, evidence):
    found = what_if(model, evidence, Change(without_reference=True))
    expected = model.predict(sample.without_reference())
    assert probabilities(found.after.prediction) == pytest.approx(probabilities(expected), abs=1e-5)
    assert found.after.prediction.referenced == ()
    assert found.after.inputs.reference is None
    assert found.sentence().startswith("Not judged against the normal voice: ")
    with pytest.raises(InvalidInput, match="no normal voice"):
        what_if(model, found.after, Change(without_reference=True))
    with pytest.raises(InvalidInput, match="exactly one change"):
        Change(without_reference=False)


@pytest.fixture(scope="module")
def service(model):
    served = Service(model)
    yield served
    served.close()


def test_rest_takes_a_reference(service, model):
    voice, normal = (resources.EXAMPLES / f"voice-{name}.flac" for name in ("joyful", "neutral"))
    files = {"audio": ("a", voice.read_bytes()), "reference": ("b", normal.read_bytes())}
    with TestClient(rest_app(service)) as client:
        assert client.get("/health").json()["reads_reference"] is True
        answer = client.post("/predict", files=files).json()
        change = {"change": (None, json.dumps({"without_reference": True}))}
        pair = client.post("/what-if", files={**files, **change}).json()
        broken = client.post("/predict", files={**files, "reference": ("b", b"no sound")})
    expected = model.predict(Sample.read(audio=voice, reference=normal))
    assert answer["referenced"] == ["audio"]
    assert list(answer["emotion"]["probabilities"].values()) == pytest.approx(probabilities(expected), abs=1e-5)
    assert pair["before"]["referenced"] == ["audio"]
    assert pair["after"]["referenced"] == []
    assert broken.status_code == 422
    assert broken.json()["error"]["message"].startswith("The normal voice can't be used.")


def test_a_remote_sends_it_and_holds_its_file(service, tmp_path):
    voice, normal = (resources.EXAMPLES / f"voice-{name}.flac" for name in ("joyful", "neutral"))
    file = tmp_path / "normal.flac"
    file.write_bytes(normal.read_bytes())
    sample = Sample.read(audio=voice, reference=normal)
    with running(rest_app(service)) as url:
        remote = Remote(url)
        checked = remote.read(RawInputs(audio=voice, reference=file))
        file.unlink()  # a page deletes what it was given
        found = remote.predict(checked.case)
        record = remote.explain(sample)
        remote.close()
    assert found.referenced == ("audio",)
    assert probabilities(found) == pytest.approx(probabilities(service.model.predict(sample)), abs=1e-5)
    assert record.digests == sample.digests()


def test_the_command_line_takes_a_reference(model, tmp_path, capsys):
    storage.save(model, tmp_path / "m", half=False)
    voice, normal = (str(resources.EXAMPLES / f"voice-{name}.flac") for name in ("joyful", "neutral"))
    given = ["--audio", voice, "--reference", normal, "--model", str(tmp_path / "m")]
    assert main(["predict", *given]) == 0
    assert "Judged against the speaker's normal voice: the voice." in capsys.readouterr().out
    assert main(["explain", *given, "--out", str(tmp_path / "case"), "--keep-inputs"]) == 0
    assert "Judged against the speaker's normal voice: the voice." in capsys.readouterr().out
    assert Evidence.load(tmp_path / "case.triad").inputs.reference is not None
