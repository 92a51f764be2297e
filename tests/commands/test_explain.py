"""The explain command on a small saved model."""

import numpy as np
import pytest
import soundfile

from mm_core import Evidence
from mm_core.cli import main
from mm_core.storage import save
from tests.toys import toy_clip, toy_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("model")
    save(toy_model(), place)
    return place


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    soundfile.write(path, np.tile(toy_clip().waveform, 2), 16_000)
    return path


def test_a_case_is_explained_saved_and_shown(folder, voice, tmp_path, capsys):
    words = "i am so happy today <img src=x onerror=alert(1)> and you love this great day"
    out, page = tmp_path / "case.triad", tmp_path / "case.html"
    given = ["--text", words, "--audio", str(voice), "--force", "audio", "--force", "text"]
    written = ["--out", str(out), "--html", str(page), "--test"]
    assert main(["explain", "--model", str(folder), *given, *written]) == 0
    shown = capsys.readouterr().out
    assert "in centred logits" in shown
    assert "holds the words of the text" in shown
    evidence = Evidence.load(out)
    assert evidence.inputs is None
    assert evidence.present == ("text", "audio")
    assert all(evidence.faithfulness_of(modality) is not None for modality in evidence.present)
    html = page.read_text()
    assert html.startswith("<!doctype html>") or html.startswith("<!DOCTYPE html>")
    assert "<img src=x" not in html


def test_inputs_are_kept_when_asked_for(folder, tmp_path, capsys):
    out = tmp_path / "case.triad"
    arguments = ["--text", "i am so sad today", "--keep-inputs", "--method", "occlusion", "--label", "anger"]
    assert main(["explain", "--model", str(folder), *arguments, "--out", str(out)]) == 0
    evidence = Evidence.load(out)
    assert evidence.inputs.text == "i am so sad today"
    assert evidence.label == "anger"
    assert [made.method for made in evidence.relevance] == ["occlusion"]


@pytest.mark.parametrize("wrong", [["--label", "hunger"], ["--method", "magic"]])
def test_what_there_is_not_ends_with_a_message(folder, wrong, capsys):
    assert main(["explain", "--model", str(folder), "--text", "i am so sad today", *wrong]) == 2
    assert "use " in capsys.readouterr().err
