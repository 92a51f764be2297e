"""Tables, token banks and compositions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mm_core.datasets.bank import contents, fill_bank
from mm_core.datasets.compose import Composer, join
from mm_core.datasets.tables import SPEAKERS, Table, folds, read_table
from mm_core.labels import EMOTIONS, MODALITIES, SENTIMENTS
from tests.data_factory import write_tables
from tests.toys import toy_model


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = write_tables(tmp_path_factory.mktemp("data"))
    return {m: read_table(folder, m, EMOTIONS) for m in MODALITIES}


def test_labels_targets_and_sentiment(tables):
    text = tables["text"]
    assert text.targets[-1].tolist() == [1, 0, 0, 1, 0, 0, 0]
    assert text.sentiment[-1] == -1
    surprised = tables["image"].targets.argmax(1) == EMOTIONS.index("surprise")
    assert (tables["image"].sentiment[surprised] == -1).all()
    joyful = tables["audio"].targets.argmax(1) == EMOTIONS.index("joy")
    assert (tables["audio"].sentiment[joyful] == SENTIMENTS.index("positive")).all()


def test_labels_outside_are_left_out_and_counted(tables):
    assert tables["audio"].left_out == {"boredom": 1}
    assert len(tables["audio"]) == 42


def test_splits_are_disjoint_and_by_speaker(tables):
    audio = tables["audio"]
    for split, speakers in SPEAKERS.items():
        assert set(audio.only(split).group.tolist()) <= set(speakers)
    parts = [len(audio.only(s)) for s in ("train", "valid", "test")]
    assert min(parts) > 0
    assert sum(parts) == len(audio.only("all"))


def test_speakers_for_validation_and_test_do_not_overlap():
    assert not set(SPEAKERS["valid"]) & set(SPEAKERS["test"])


def test_hashed_subjects_stay_together(tmp_path):
    frame = pd.DataFrame(
        {
            "image": [b"x"] * 400,
            "label": ["joy"] * 400,
            "source": ["muxspace"] * 400,
            "subject": [f"s{i % 80}" for i in range(400)],
            "split": [""] * 400,
        }
    )
    frame.to_parquet(tmp_path / "faces.parquet")
    table = read_table(tmp_path, "image", EMOTIONS)
    for subject in set(table.group.tolist()):
        assert len(set(table.split[table.group == subject].tolist())) == 1
    assert {"train", "valid", "test"} == set(table.split.tolist())


def test_melds_own_validation_part_tests(tmp_path):
    frame = pd.DataFrame(
        {
            "text": [f"line {i}" for i in range(200)],
            "label": ["joy"] * 200,
            "sentiment": ["positive"] * 200,
            "source": ["meld"] * 200,
            "split": ["valid"] * 20 + ["train"] * 180,
        }
    )
    frame.to_parquet(tmp_path / "text.parquet")
    table = read_table(tmp_path, "text", EMOTIONS)
    assert (table.split[:20] == "test").all()
    assert set(table.split[20:].tolist()) == {"train", "valid"}


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"speech\.parquet"):
        read_table(tmp_path, "audio", EMOTIONS)


@given(st.integers(2, 6), st.integers(6, 24))
def test_folds_are_disjoint_and_complete(count, speakers):
    names = [f"ravdess_{i:02d}" for i in range(1, speakers + 1)] + ["emodb_03", "emodb_09"]
    groups = folds(names * 3, count)
    flat = [name for group in groups for name in group]
    assert sorted(flat) == sorted(names)
    assert len(groups) == count


def test_bank_gives_back_each_rows_own_tokens(tables):
    model = toy_model()
    for modality in MODALITIES:
        table = tables[modality]
        encoder = model.encoders[modality]
        inputs = contents(table)[:9]
        bank = fill_bank(encoder, inputs, batch_size=4, quiet=True)
        rows = np.array([7, 0, 3])
        taken = bank.take(rows)
        for position, row in enumerate(rows):
            with torch.no_grad():
                alone = encoder(encoder.prepare([inputs[row]]))
            expected = alone.values[0][alone.mask[0]]
            kept = taken.values[position][taken.mask[position]]
            torch.testing.assert_close(kept, expected, atol=5e-3, rtol=5e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(0, 5), st.sampled_from([("text", "audio"), MODALITIES]))
def test_compositions_match_or_do_not(tables, count, seed, members):
    composer = Composer(tables)
    random = np.random.default_rng(seed)
    matched, odd = composer.matched(members, count, random), composer.mismatched(members, count, random)
    assert matched.matched.all()
    assert not odd.matched.any()
    for composition in (matched, odd):
        for m in members:
            truth = tables[m].targets[composition.rows[m]]
            assert (truth.sum(1) == 1).all()
            assert (truth.argmax(1) == composition.labels[m]).all()
    both = join(matched, odd)
    agreements = both.agreements()
    assert len(both) == 2 * count
    assert (agreements[:count][agreements[:count] >= 0] == 1).all()
    assert ((agreements >= 0).sum(1) == (3 if len(members) == 3 else 1)).all()


def test_matched_compositions_are_balanced(tables):
    labels = Composer(tables).matched(MODALITIES, 70, np.random.default_rng(0)).labels["text"]
    assert np.bincount(labels).tolist() == [10] * 7


def test_classes_missing_in_one_modality_are_not_drawn(tables):
    faces = tables["image"]
    without = faces.where(faces.targets.argmax(1) != EMOTIONS.index("surprise"))
    composer = Composer({"text": tables["text"], "image": without})
    assert EMOTIONS.index("surprise") not in composer.classes(("text", "image"))
    assert isinstance(without, Table)
