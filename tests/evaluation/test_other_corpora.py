"""Corpora, aligned clips and people's votes in the evaluation report, on the toy model and a made-up folder."""

from __future__ import annotations

import numpy as np
import pytest

from mm_core.datasets.human import HumanTargets
from mm_core.evaluation.aligned_answers import NEUTRAL_SENTENCES
from mm_core.evaluation.evaluate import evaluate
from mm_core.evaluation.evaluation_report import ALL
from mm_core.evaluation.heading import data_digest
from mm_core.evaluation.peoples_votes import correlation
from mm_core.labels import EMOTIONS
from tests.data_factory import write_tables
from tests.datasets import corpora_factory as make
from tests.toys import toy_model

FEW = ("anger", "fear", "joy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = write_tables(tmp_path_factory.mktemp("data"), rows_per_class=9)
    make.write_voices(folder, "casia", FEW * 4)
    make.write_texts(
        folder, "isear", [("when i was happy", "joy", "positive", ""), ("angry", "anger", "negative", "")]
    )
    make.write_voices(folder, "savee", EMOTIONS)
    make.write_aligned(folder, [(f"person_{n:02d}", label, "test") for n, label in enumerate(FEW * 2)])
    make.write_votes(folder, {row: {"happiness": 9, "neutral": 1} for row in range(20)})
    make.write_human(folder, {("anger", "joy"): "anger", ("joy", "fear"): "joy", ("neutral", "joy"): "joy"})
    return folder


@pytest.fixture(scope="module")
def report(folder):
    return evaluate(toy_model(), folder, draws=70, quiet=True)[0]


def test_a_corpus_for_testing_only_is_said_to_be_never_seen(report):
    assert {(s.modalities, s.source) for s in report.strangers() if s.task == "emotion"} == {
        ("audio", "casia"),
        ("text", "isear"),
    }
    assert report.scores("emotion", "audio", "ravdess").met is None
    assert "savee" not in report.emotion["audio"], "all of it trains"


def test_all_rows_are_those_that_were_learned_from(report):
    audio = report.emotion["audio"]
    assert audio[ALL].n == audio["ravdess"].n
    assert audio["casia"].n == 24


def test_own_labels_take_the_other_answers_away(report):
    casia = report.scores("emotion", "audio", "casia")
    answered = np.array(casia.own_labels.confusion.matrix).sum(0)
    assert set(np.flatnonzero(answered).tolist()) <= {EMOTIONS.index(label) for label in FEW}
    assert casia.own_labels.uar.value >= casia.uar.value
    assert casia.own_labels.n == casia.n


def test_aligned_clips_stand_under_their_corpus(report):
    for name in ("image", "audio", "image+audio", "text+image+audio"):
        assert report.scores("emotion", name, "javanese_av").n == 6
    agreement = report.scores("agreement", "image+audio", "javanese_av")
    assert agreement.n == 6
    assert agreement.per_class["same"].n == 6
    assert report.scores("emotion", "image+audio", ALL).n == 70, "composed ones stay under all"


def test_faces_are_judged_by_votes_and_once_by_their_own_labels(report):
    by_votes, own = (report.scores("emotion", "image", s) for s in ("fer2013", "fer2013 (original labels)"))
    assert by_votes.n < own.n == 21
    assert by_votes.per_class["joy"].n == by_votes.n, "all that were voted on were called joy"
    assert own.per_class["anger"].n == 3


def test_conflicts_stand_beside_two_answers_that_need_no_model(report, folder):
    votes = report.peoples_votes
    # Faces of this folder are all joy or without votes, so no pair of two different labels can be composed.
    assert votes is None
    people = HumanTargets.read(folder)
    assert len(people.pairs()) == 3


def test_conflicts_of_face_and_voice_are_correlated_with_the_votes(tmp_path):
    folder = write_tables(tmp_path)
    make.write_human(folder, {("anger", "joy"): "anger", ("joy", "fear"): "joy", ("neutral", "joy"): "joy"})
    votes = evaluate(toy_model(), folder, draws=70, quiet=True)[0].peoples_votes
    assert votes.pairs == 3
    # The face's label is people's in two of three pairs: by hand, over 3 x 6 numbers.
    assert votes.always_the_face == pytest.approx((2 / 18 - 1 / 36) / (3 / 18 - 1 / 36))
    assert -1 <= votes.correlation <= 1


def test_correlation_is_one_for_peoples_own_answer_and_scale_free():
    votes = np.random.default_rng(0).dirichlet(np.ones(6), 23)
    assert correlation(votes, votes) == pytest.approx(1.0)
    assert correlation(0.5 * votes + 0.1, votes) == pytest.approx(1.0)
    assert correlation(1 - votes, votes) == pytest.approx(-1.0)


def test_the_digest_tells_another_corpus_apart(tmp_path):
    folder = write_tables(tmp_path)
    before = data_digest(folder)
    make.write_voices(folder, "savee", EMOTIONS)
    assert data_digest(folder) != before


def test_neutral_sentences_are_ten_different_ones():
    assert NEUTRAL_SENTENCES[0] == "The dogs are sitting by the door."
    assert len(set(NEUTRAL_SENTENCES)) == 10
