"""Corpora beside the three tables: which are read, for what, and how their rows are split."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import pytest

from mm_core.datasets.aligned import read_aligned
from mm_core.datasets.compose import Composer
from mm_core.datasets.corpora import CORPORA, TEST_ONLY, files_of, learned_from, read_corpora
from mm_core.datasets.tables import read_table
from mm_core.labels import EMOTIONS, MODALITIES, SENTIMENTS
from mm_core.samples import InvalidInput
from mm_core.samples.stored import decode_face
from tests.data_factory import write_tables
from tests.datasets import corpora_factory as make


@pytest.fixture
def folder(tmp_path):
    return write_tables(tmp_path)


def test_a_folder_without_further_corpora_reads_as_its_tables(folder):
    for modality in MODALITIES:
        own, every = read_table(folder, modality, EMOTIONS), read_corpora(folder, modality, EMOTIONS)
        np.testing.assert_array_equal(own.targets, every.targets)
        assert own.group.tolist() == every.group.tolist()
        assert own.left_out == every.left_out


def test_custom_rows_stay_first_and_others_follow(folder):
    make.write_voices(folder, "savee", EMOTIONS)
    make.write_voices(folder, "tess", EMOTIONS)
    own, every = read_table(folder, "audio", EMOTIONS), read_corpora(folder, "audio", EMOTIONS)
    assert every.content[: len(own)] == own.content
    assert set(every.source[len(own) :].tolist()) == {"savee", "tess"}
    assert set(every.split[every.source == "savee"].tolist()) == {"train"}
    assert set(every.split[every.source == "tess"].tolist()) == {"test"}
    assert set(every.group[every.source == "savee"].tolist()) == {"savee_A", "savee_B"}


def test_what_is_for_testing_only():
    assert {"tess", "casia", "isear"} == TEST_ONLY
    assert {c.modality for c in CORPORA if c.test_only} == {"audio", "text"}


@pytest.mark.parametrize("name", ["tess", "casia"])
def test_no_training_takes_a_corpus_for_testing_only(folder, name):
    """Even where somebody moved its rows into the folder's own table, as train rows."""
    make.write_voices(folder, name, EMOTIONS)
    table = read_corpora(folder, "audio", EMOTIONS)
    assert name not in learned_from(table).source
    with pytest.raises(InvalidInput, match=f"{name} are for testing only"):
        learned_from(table, "test")
    moved = pd.read_parquet(folder / "more" / name / "speech.parquet")
    pd.concat([pd.read_parquet(folder / "speech.parquet"), moved]).to_parquet(folder / "speech.parquet")
    with pytest.raises(InvalidInput, match=f"{name} are for testing only"):
        learned_from(read_corpora(folder, "audio", EMOTIONS))


def test_what_is_for_testing_only_is_never_composed(folder):
    make.write_voices(folder, "casia", EMOTIONS)
    table = read_corpora(folder, "audio", EMOTIONS).only("test")
    members = np.concatenate(list(Composer({"audio": table}).members["audio"].values()))
    assert len(members) == (table.source != "casia").sum()
    assert set(table.source[members].tolist()) == {"ravdess"}


def test_chinese_is_read_only_by_models_of_chinese(folder):
    make.write_texts(folder, "brighter_zh", [("真好", "joy", "", "train")])
    make.write_texts(folder, "tweeteval_emotion", [("so cute", "joy", "positive", "train")])
    english = read_corpora(folder, "text", EMOTIONS)
    both = read_corpora(folder, "text", EMOTIONS, ("en", "zh"))
    assert set(english.source.tolist()) == {"goemotions", "tweeteval_emotion"}
    assert set(both.source.tolist()) == {"goemotions", "tweeteval_emotion", "brighter_zh"}


def test_usual_posts_of_smp2020_are_learned_less_a_tenth(folder):
    rows = [(f"今天{number}", "joy", "positive", "valid") for number in range(300)] + [("明天", "fear", "", "test")]
    make.write_texts(folder, "smp2020", rows, source="smp2020_usual")
    table = read_corpora(folder, "text", EMOTIONS, ("zh",))
    posts = table.split[table.source == "smp2020_usual"]
    assert (posts == "valid").sum() == pytest.approx(30, abs=12)
    assert (posts == "train").sum() + (posts == "valid").sum() == 300
    assert (posts == "test").sum() == 1


def test_a_review_without_emotion_teaches_its_sentiment_alone(folder):
    make.write_texts(folder, "chinese_reviews", [("不好", "", "negative", ""), ("?", "", "", "")], source="reviews")
    table = read_corpora(folder, "text", EMOTIONS, ("zh",))
    reviews = table.where(table.source == "reviews")
    assert len(reviews) == 1, "a row that says nothing is left out"
    assert reviews.targets.sum() == reviews.shares.sum() == 0
    assert SENTIMENTS[reviews.sentiment[0]] == "negative"
    assert "reviews" in learned_from(table).source


def test_an_unknown_corpus_is_named_and_not_read(folder, caplog):
    make.write_voices(folder, "elsewhere", EMOTIONS)
    with caplog.at_level(logging.WARNING):
        table = read_corpora(folder, "audio", EMOTIONS)
    assert "elsewhere" not in table.source
    assert "more/elsewhere" in caplog.text


def test_aligned_clips_join_faces_and_voices_by_clip(folder):
    clips = [("person_01a", "joy", "train"), ("person_02a", "fear", "test"), ("person_02b", "anger", "test")]
    make.write_aligned(folder, clips)
    (found,) = read_aligned(folder, EMOTIONS, "test")
    assert found.source == "javanese_av"
    assert found.image.case.tolist() == found.audio.case.tolist() == ["person_02a", "person_02b"]
    np.testing.assert_array_equal(found.image.targets, found.audio.targets)
    assert [int(decode_face(data).mean()) for data in found.image.content] == [60, 60], "the middle one of three"
    faces = read_corpora(folder, "image", EMOTIONS)
    aligned = faces.where(faces.source == "javanese_av")
    assert len(aligned) == 9
    assert aligned.only("train").case.tolist() == ["person_01a"] * 3


def test_files_that_are_read_are_listed_once(folder):
    before = files_of(folder)
    make.write_voices(folder, "savee", EMOTIONS)
    make.write_aligned(folder, [("person_01a", "joy", "train")])
    make.write_votes(folder, {0: {"anger": 10}})
    assert [path.name for path in before] == ["text.parquet", "faces.parquet", "speech.parquet"]
    after = files_of(folder)
    assert after[:3] == before
    assert len(after) == len(set(after)) == 7
