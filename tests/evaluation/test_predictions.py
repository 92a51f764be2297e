"""The predictions beside a report: agreement by pair, and the traits that scores are sliced by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mm_core.datasets.tables import read_table
from mm_core.evaluation.evaluate import evaluate
from mm_core.evaluation.predictions import write_predictions
from mm_core.evaluation.traits import traits_of
from mm_core.labels import EMOTIONS
from tests.data_factory import SPEAKERS, write_tables
from tests.toys import toy_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tables(tmp_path_factory.mktemp("data"))


def test_traits_by_hand(folder):
    text = read_table(folder, "text", EMOTIONS)
    assert traits_of(text)["words"][0] == 5  # "i am angry angry 0"
    faces = traits_of(read_table(folder, "image", EMOTIONS))["brightness"]
    assert faces[0] == pytest.approx(30 / 255, abs=0.02)
    assert faces[-1] == pytest.approx(210 / 255, abs=0.02)
    speech = traits_of(read_table(folder, "audio", EMOTIONS))
    np.testing.assert_allclose(speech["seconds"], 0.6, atol=0.01)
    # a tone of amplitude 0.1 with noise of 0.02: 20 log10 of about 0.0735
    np.testing.assert_allclose(speech["loudness"], -22.7, atol=0.5)
    assert set(speech["speaker"]) <= set(SPEAKERS)


def test_agreement_has_a_row_for_each_pair(folder):
    report, predictions = evaluate(toy_model(), folder, split="test", draws=20, quiet=True)
    pairs = predictions[(predictions["task"] == "agreement") & (predictions["modalities"] == "text+image+audio")]
    assert len(pairs) == 3 * 40
    assert set(pairs["pair"]) == {"text+image", "text+audio", "image+audio"}
    np.testing.assert_allclose(pairs["p_same"] + pairs["p_different"], 1.0, atol=1e-6)
    hits = (pairs["truth"] == pairs["answer"]).mean()
    assert hits == pytest.approx(report.agreement["text+image+audio"]["all"].accuracy.value)


def test_predictions_carry_the_traits_of_their_rows(folder):
    _, predictions = evaluate(toy_model(), folder, split="test", draws=20, quiet=True)
    text = predictions[(predictions["task"] == "emotion") & (predictions["modalities"] == "text")]
    assert text["words"].notna().all()
    assert text["speaker"].isna().all()
    assert (text["audio_row"] == -1).all()
    triple = predictions[(predictions["task"] == "emotion") & (predictions["modalities"] == "text+image+audio")]
    table = read_table(folder, "audio", EMOTIONS).only("test")
    assert triple["speaker"].tolist() == table.group[triple["audio_row"]].tolist()
    assert triple[["words", "brightness", "loudness"]].notna().all().all()


def test_predictions_are_written_as_csv_or_parquet(tmp_path):
    predictions = pd.DataFrame({"truth": ["joy", "anger,fear"], "p_joy": [0.5, 0.25]})
    for name, read in (("a.csv", pd.read_csv), ("deep/b.parquet", pd.read_parquet)):
        write_predictions(predictions, tmp_path / name)
        pd.testing.assert_frame_equal(read(tmp_path / name), predictions, check_dtype=False)
