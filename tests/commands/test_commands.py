"""The command line: predict, record, evaluate, and what it says when something is missing."""

from __future__ import annotations

import json
import sys
import types

import numpy as np
import pytest
import soundfile

from mm_core import storage
from mm_core.cli import main, parser
from mm_core.evaluation.card import BEGIN, END, figures_table, fill
from mm_core.evaluation.evaluation_report import EvaluationReport, read_evaluation
from mm_core.microphone import MicrophoneUnavailable, record
from mm_core.samples import InvalidInput
from tests.data_factory import write_tables
from tests.samples.pictures import two_faces
from tests.toys import toy_model


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    storage.save(toy_model(), folder)
    return str(folder)


class FakeSound(types.ModuleType):
    """Stands in for sounddevice: two seconds of a tone, or a broken microphone."""

    class PortAudioError(Exception):
        pass

    def __init__(self, broken=False):
        super().__init__("sounddevice")
        self.broken = broken
        self.asked = None

    def rec(self, frames, **options):
        if self.broken:
            raise self.PortAudioError("no device")
        self.asked = (frames, options)
        return np.full((frames, 1), 0.25, np.float32)

    def wait(self):
        pass


def test_predict_prints_the_documented_json(saved, capsys):
    text = "i am so happy today, what a great day it was"
    assert main(["predict", "--text", text, "--model", saved, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["present"] == ["text"]
    assert sum(data["sentiment"]["probabilities"].values()) == pytest.approx(1.0)


def test_predict_in_words(saved, capsys):
    main(["predict", "--text", "i love this great day so much", "--model", saved])
    out = capsys.readouterr().out
    assert "sure" in out
    assert "%" in out


def test_predict_says_which_face_it_judged(saved, tmp_path, capsys):
    path = tmp_path / "two.png"
    two_faces().save(path)
    assert main(["predict", "--image", str(path), "--face", "2", "--model", saved, "--json"]) == 0
    assert any("face 2 is judged" in words for words in json.loads(capsys.readouterr().out)["warnings"])
    assert main(["predict", "--image", str(path), "--face", "4", "--model", saved]) == 2
    assert "There is no face 4" in capsys.readouterr().err


def test_nothing_given_is_said_and_ends_with_two(saved, capsys):
    assert main(["predict", "--model", saved]) == 2
    assert capsys.readouterr().err.startswith("error: Nothing was given")


def test_a_missing_model_is_said(tmp_path, capsys):
    assert main(["predict", "--text", "hello there my friend", "--model", str(tmp_path)]) == 2
    assert "model.json" in capsys.readouterr().err


def test_record_writes_a_wav(monkeypatch, tmp_path, capsys):
    fake = FakeSound()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    assert main(["record", "--seconds", "2", str(tmp_path / "out.wav")]) == 0
    wave, rate = soundfile.read(tmp_path / "out.wav")
    assert (len(wave), rate) == (32_000, 16_000)
    assert wave[0] == pytest.approx(0.25, abs=1e-3)
    assert fake.asked[1]["channels"] == 1


def test_no_portaudio_is_said(monkeypatch):
    class Broken:
        def find_spec(self, name, *_):
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(MicrophoneUnavailable, match="libportaudio2"):
        record(1.0)


def test_no_microphone_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSound(broken=True))
    with pytest.raises(MicrophoneUnavailable, match="No microphone"):
        record(1.0)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 31.0, float("nan")])
def test_length_of_a_recording_is_bounded(seconds):
    with pytest.raises(InvalidInput, match="between"):
        record(seconds)


def test_evaluate_writes_report_rows_and_card(saved, tmp_path, capsys):
    data = write_tables(tmp_path)
    card = tmp_path / "card.md"
    card.write_text(f"# Title\n{BEGIN}\nold\n{END}\nrest\n")
    out, rows = tmp_path / "report.json", tmp_path / "rows.parquet"
    arguments = ["evaluate", "--data", str(data), "--out", str(out), "--model", saved, "--quiet"]
    assert main([*arguments, "--rows", str(rows), "--card", str(card)]) == 0
    report = read_evaluation(json.loads(out.read_text()))
    assert rows.is_file()
    text = card.read_text()
    assert "old" not in text
    assert figures_table(report) in text
    assert text.endswith(f"{END}\nrest\n")
    assert f"{report.emotion['image']['fer2013'].accuracy.value:.3f}" in text
    assert "emotion" in capsys.readouterr().out


def test_a_card_without_markers_is_refused(tmp_path):
    path = tmp_path / "x.md"
    path.write_text("nothing here")
    with pytest.raises(ValueError, match="no place for figures"):
        fill(path, EvaluationReport(emotion={}))


def test_every_command_explains_itself(capsys):
    for name in ("predict", "record", "train", "evaluate"):
        with pytest.raises(SystemExit) as left:
            parser().parse_args([name, "--help"])
        assert left.value.code == 0
    assert "--data" in capsys.readouterr().out


def test_compress_writes_beside_its_models_and_never_into_the_shipped_report(monkeypatch, tmp_path):
    from mm_core.research.compression import suite, workshop

    written = []
    monkeypatch.setattr("mm_core.storage.load", lambda *_: None)
    monkeypatch.setattr(workshop, "CompressionContext", lambda *_, **__: None)
    monkeypatch.setattr(suite, "run_suite", lambda *_, **__: "report")
    monkeypatch.setattr(suite, "table", str)
    monkeypatch.setattr("mm_core.evaluation.records.write_report", lambda report, path: written.append(path))
    arguments = ["compress", "run", "--data", str(tmp_path), "--runs", str(tmp_path / "runs")]
    assert main(arguments) == 0
    assert main([*arguments, "--out", str(tmp_path / "mine.json")]) == 0
    assert written == [tmp_path / "runs" / "compression.json", tmp_path / "mine.json"]
