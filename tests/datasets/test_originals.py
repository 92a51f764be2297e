"""The public data sets as downloaded, into the tables that training reads."""

from __future__ import annotations

from pkgutil import resolve_name

import cv2
import numpy as np
import pandas as pd
import pytest

from mm_core.datasets import PUBLIC
from mm_core.datasets.preparation import prepare
from mm_core.datasets.tables import read_table
from mm_core.labels import EMOTIONS, SENTIMENTS
from mm_core.samples import InvalidInput
from mm_core.samples.stored import decode_speech
from tests.datasets import originals


@pytest.fixture
def made(tmp_path):
    """Prepare the fake of one kind: its table, what was found, and the folder."""

    def make(kind, file):
        source = tmp_path / kind
        source.mkdir()
        getattr(originals, kind)(source)
        _, findings = prepare(source, tmp_path / "out", kind, quiet=True)
        return pd.read_parquet(tmp_path / "out" / file), findings, tmp_path / "out"

    return make


def test_every_public_kind_has_its_reader():
    for kind, reader in PUBLIC.items():
        assert resolve_name(reader).__name__ == kind


def test_fer2013(made):
    frame, findings, _ = made("fer2013", "faces.parquet")
    assert frame["label"].tolist() == ["anger", "joy", "neutral"]
    assert frame["split"].tolist() == ["train", "valid", "test"]
    assert frame["sentiment"].tolist() == ["negative", "positive", "neutral"]
    pixels = cv2.imdecode(np.frombuffer(frame["image"][1], np.uint8), cv2.IMREAD_GRAYSCALE)
    assert (pixels == originals.square(10, 1)).all(), "stored without loss"
    assert [(p.where, p.column) for p in findings.problems] == [
        ("row 5", "emotion"),
        ("row 6", "Usage"),
        ("row 7", "pixels"),
        ("row 8", "pixels"),
    ]


def test_muxspace(made):
    frame, findings, _ = made("muxspace", "faces.parquet")
    assert frame["label"].tolist() == ["joy", "anger"]
    assert frame["subject"].nunique() == 1
    assert "Lee" not in frame["subject"][0]
    assert findings.remarks["left out: a copy of another row"] == 1
    assert sum(times for words, times in findings.remarks.items() if "contempt" in words) == 1
    assert [(p.where, p.column) for p in findings.problems] == [
        ("row 6", "emotion"),
        ("row 7", "image"),
        ("row 8", "image"),
    ]
    assert "outside" in findings.problems[1].message


def test_ravdess(made):
    frame, findings, _ = made("ravdess", "speech.parquet")
    assert frame["label"].tolist() == ["joy", "neutral"]
    assert frame["raw_label"].tolist() == ["happy", "calm"]
    assert frame["speaker"].tolist() == ["ravdess_01", "ravdess_24"]
    assert frame["text"].tolist() == ["Kids are talking by the door", "Dogs are sitting by the door"]
    rate, waveform = decode_speech(frame["audio"][0])
    assert rate == 16_000
    assert len(waveform) == pytest.approx(0.7 * 16_000 * 16_000 / originals.RATE, rel=0.02)
    assert {p.where for p in findings.problems} == {"notes.wav", "03-01-08-01-02-02-24.wav"}
    assert sum(findings.remarks.values()) == 1


def test_emodb(made):
    frame, findings, _ = made("emodb", "speech.parquet")
    assert frame["label"].tolist() == ["joy", "boredom"]
    assert frame["speaker"].tolist() == ["emodb_03", "emodb_16"]
    assert frame["text"][0] == "Der Lappen liegt auf dem Eisschrank."
    assert [p.where for p in findings.problems] == ["03a03Fa.wav"]


def test_goemotions(made):
    frame, findings, _ = made("goemotions", "text.parquet")
    assert frame["text"][0] == 'A "quoted start'
    assert frame["label"].tolist() == ["joy", "anger,joy", "surprise", "neutral", "anger,surprise"]
    assert frame["sentiment"].tolist() == ["positive", "", "", "neutral", "negative"]
    assert frame["split"].tolist() == ["train"] * 4 + ["valid"]
    assert [p.where for p in findings.problems] == ["train.tsv row 5", "train.tsv row 6"]
    assert findings.remarks["test.tsv is not there"] == 1


def test_meld(made):
    frame, findings, _ = made("meld", "text.parquet")
    assert frame["text"].tolist() == ["Oh, that's nice", "What?"]
    assert frame["label"].tolist() == ["joy", "surprise"]
    assert frame["split"].tolist() == ["train", "valid"]
    assert [p.column for p in findings.problems] == ["Emotion", "Utterance", "Sentiment"]


def test_the_reader_of_the_tables_takes_them_all(made):
    for file, kinds in {
        "faces": ("fer2013", "muxspace"),
        "speech": ("ravdess", "emodb"),
        "text": ("goemotions", "meld"),
    }.items():
        for kind in kinds:
            *_, folder = made(kind, f"{file}.parquet")
    tables = {m: read_table(folder, m, EMOTIONS) for m in ("text", "image", "audio")}
    assert {m: sorted(set(t.source.tolist())) for m, t in tables.items()} == {
        "text": ["goemotions", "meld"],
        "image": ["fer2013", "muxspace"],
        "audio": ["emodb", "ravdess"],
    }
    assert tables["audio"].left_out == {"boredom": 1}
    assert tables["audio"].sentiment[0] == SENTIMENTS.index("positive")
    assert tables["audio"].split[tables["audio"].group == "ravdess_24"].tolist() == ["test"]


def test_a_source_is_replaced_and_others_stay(tmp_path):
    for kind in ("fer2013", "muxspace", "fer2013"):
        source = tmp_path / kind
        if not source.is_dir():
            source.mkdir()
            getattr(originals, kind)(source)
        prepare(source, tmp_path / "out", kind, quiet=True)
    frame = pd.read_parquet(tmp_path / "out" / "faces.parquet")
    assert frame["source"].value_counts().to_dict() == {"fer2013": 3, "muxspace": 2}


@pytest.mark.parametrize("kind", PUBLIC)
def test_the_wrong_folder_is_said_and_nothing_written(tmp_path, kind):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidInput) as caught:
        prepare(tmp_path / "empty", tmp_path / "out", kind, quiet=True)
    assert str(tmp_path) not in str(caught.value)
    assert not (tmp_path / "out").exists()
    with pytest.raises(InvalidInput, match="no such file or folder"):
        prepare(tmp_path / "nowhere", tmp_path / "out", kind, quiet=True)
