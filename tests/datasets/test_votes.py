"""FER+ votes: what is learned from a picture, and by what it is judged."""

from __future__ import annotations

import numpy as np
import pytest

from mm_core.datasets.corpora import learned_from
from mm_core.datasets.tables import read_table
from mm_core.datasets.votes import read_votes
from mm_core.labels import EMOTIONS
from tests.data_factory import write_tables
from tests.datasets import corpora_factory as make

ANGER, JOY, NEUTRAL, SADNESS = (EMOTIONS.index(name) for name in ("anger", "joy", "neutral", "sadness"))

VOTES = {
    0: {"anger": 6, "neutral": 4},
    1: {"sadness": 5, "neutral": 5},  # no unique choice
    2: {"contempt": 6, "neutral": 4},
    3: {"unknown": 3, "NF": 3, "happiness": 4},  # most people saw nothing to name
    4: {"happiness": 4, "unknown": 4, "neutral": 2},  # a tie with unknown
}


@pytest.fixture
def faces(tmp_path):
    folder = write_tables(tmp_path)
    make.write_votes(folder, VOTES)
    return read_table(folder, "image", EMOTIONS)


def test_a_clear_picture_teaches_its_votes_and_is_judged_by_the_first_choice(faces):
    assert faces.targets[0, ANGER] == 1
    assert faces.targets[0].sum() == 1
    assert faces.shares[0, [ANGER, NEUTRAL]].tolist() == pytest.approx([0.6, 0.4])


def test_a_picture_without_a_unique_choice_is_learned_from_but_not_judged(faces):
    assert faces.targets[1].sum() == 0
    assert faces.shares[1, [SADNESS, NEUTRAL]].tolist() == [0.5, 0.5]
    assert faces.targets[4].sum() == 0
    assert faces.shares[4, [JOY, NEUTRAL]].tolist() == pytest.approx([4 / 6, 2 / 6])
    assert (faces.sentiment[[1, 4]] == -1).all()


@pytest.mark.parametrize("row", [2, 5], ids=["contempt", "no votes"])
def test_a_picture_of_nothing_that_we_name_teaches_nothing(faces, row):
    assert faces.shares[row].sum() == faces.targets[row].sum() == 0


def test_where_most_people_saw_no_emotion_nothing_is_learned(faces):
    assert faces.shares[3].sum() == 0
    assert faces.targets[3, JOY] == 1, "but one emotion was named more often than anything else"


def test_the_sources_own_label_stays(faces):
    assert (faces.original.sum(1) == 1).all()
    assert faces.original[:5, ANGER].tolist() == [1] * 5


def test_training_leaves_out_what_teaches_nothing(faces):
    kept = learned_from(faces, "all")
    assert (kept.shares.sum(1) > 0).sum() == 3
    assert kept.shares[0, ANGER] == pytest.approx(0.6)


def test_labels_of_ones_own_take_the_votes_that_they_share(tmp_path):
    make.write_votes(tmp_path, {0: {"happiness": 3, "fear": 6}, 1: {"happiness": 8, "fear": 2}})
    votes = read_votes(tmp_path, 3, ("joy", "calm"))
    assert votes is not None
    assert votes.first.tolist() == [[0, 0], [1, 0], [0, 0]], "row 0 was called something else"
    np.testing.assert_array_equal(votes.shares, votes.first)


def test_a_folder_without_votes_keeps_its_labels(tmp_path):
    table = read_table(write_tables(tmp_path), "image", EMOTIONS)
    np.testing.assert_array_equal(table.targets, table.original)
    np.testing.assert_array_equal(table.shares, table.original)
