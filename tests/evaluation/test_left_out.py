"""Corpora of voices left out in turn, with and without a neutral reference."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mm_core.datasets.bank import TokenBank
from mm_core.datasets.corpora import read_corpora
from mm_core.datasets.references import MOST_REFERENCES
from mm_core.evaluation.left_out import (
    leave_one_corpus_out,
    relative_to_neutral,
    statistics_of,
)
from mm_core.evaluation.referred_answers import WITH_REFERENCE
from mm_core.labels import EMOTIONS
from tests.data_factory import write_tables
from tests.datasets import corpora_factory as make
from tests.toys import toy_model

NEUTRAL = EMOTIONS.index("neutral")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = write_tables(tmp_path_factory.mktemp("data"))
    make.write_voices(folder, "savee", EMOTIONS)
    make.write_voices(folder, "tess", EMOTIONS * 2)
    make.write_voices(folder, "ordinary", ("neutral",), split="train")
    return folder


def test_statistics_are_mean_and_deviation_over_a_rows_own_tokens():
    values = torch.tensor([[1.0, 2.0], [3.0, 2.0], [7.0, 0.0]], dtype=torch.float16)
    found = statistics_of(TokenBank(values, np.array([0, 2, 3])))
    np.testing.assert_allclose(found, [[2, 2, 1, 0], [7, 0, 0, 0]])


def test_a_reference_is_the_speakers_own_neutral_and_is_not_judged(folder):
    table = read_corpora(folder, "audio", EMOTIONS)
    features = np.arange(len(table), dtype=np.float32)[:, None]
    relative, referred = relative_to_neutral(features, table, EMOTIONS)
    tess = np.flatnonzero(table.group == "tess_A")
    neutral = tess[table.targets[tess, NEUTRAL] == 1]
    assert len(neutral) == 2 <= MOST_REFERENCES
    np.testing.assert_allclose(relative[tess, 0], tess - neutral.mean())
    assert not referred[neutral].any()
    assert referred[np.setdiff1d(tess, neutral)].all()
    assert not referred[table.source == "ordinary"].any(), "their only clip is their reference"


def test_each_corpus_is_judged_by_a_training_without_it(folder):
    found = leave_one_corpus_out(toy_model().encoders["audio"], folder, EMOTIONS, quiet=True)["emotion"]["audio"]
    plain = {"ravdess", "savee", "tess"}
    assert set(found) == plain | {f"{source}, {WITH_REFERENCE}" for source in plain}
    assert {scores.met for scores in found.values()} == {"left out"}
    assert found["tess"].n == 28
    assert found[f"tess, {WITH_REFERENCE}"].n == 24


def test_rows_of_the_corpus_itself_change_nothing(folder, tmp_path, monkeypatch):
    """Were the corpus among what was learned, its own labels would move the answer."""
    learned = []
    import mm_core.evaluation.left_out as left_out

    real = left_out.LogisticRegression

    class Spy(real):
        def fit(self, features, truth):
            learned.append(len(truth))
            return super().fit(features, truth)

    monkeypatch.setattr(left_out, "LogisticRegression", Spy)
    left_out.leave_one_corpus_out(toy_model().encoders["audio"], folder, EMOTIONS, quiet=True)
    table = read_corpora(folder, "audio", EMOTIONS)
    can_learn = (table.split != "test") & (table.source != "tess")
    without = {source: int((can_learn & (table.source != source)).sum()) for source in ("ravdess", "savee", "tess")}
    assert learned[::2] == list(without.values())
