"""Composed cases whose labels differ learn what people answered to such a face and voice."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mm_core.datasets.bank import contents, fill_bank
from mm_core.datasets.compose import Composition
from mm_core.datasets.human import FEWEST_CLIPS, HumanTargets
from mm_core.datasets.tables import read_table
from mm_core.labels import EMOTIONS, MODALITIES, SENTIMENTS
from mm_core.training.fusing import CaseMaker
from tests.data_factory import write_tables
from tests.toys import toy_model

ANGER, JOY, NEUTRAL = (EMOTIONS.index(name) for name in ("anger", "joy", "neutral"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = write_tables(tmp_path_factory.mktemp("data"))
    tables = {m: read_table(folder, m, EMOTIONS).only("train") for m in MODALITIES}
    model = toy_model()
    banks = {m: [fill_bank(model.encoders[m], contents(t), quiet=True)] for m, t in tables.items()}
    return SimpleNamespace(tables=tables, banks=banks)


def _people() -> HumanTargets:
    """Six of ten people follow an angry face over a joyful voice, one says neutral."""
    perceived = np.full((7, 7), 0.05) + 0.65 * np.eye(7)
    votes = np.zeros((7, 7, 7))
    votes[ANGER, JOY, [ANGER, JOY, NEUTRAL]] = 0.6, 0.3, 0.1
    clips = np.zeros((7, 7), np.int64)
    clips[ANGER, JOY] = FEWEST_CLIPS
    return HumanTargets(dict.fromkeys(MODALITIES, perceived), votes, clips)


def _composed(made, people, **labels):
    rows = {m: np.flatnonzero(made.tables[m].targets[:, label] > 0)[:1] for m, label in labels.items()}
    composition = Composition(rows, {m: np.array([label]) for m, label in labels.items()})
    return CaseMaker(made.tables, made.banks, people=people).composed(composition, np.random.default_rng(0))


def test_a_conflict_learns_the_votes_and_their_sentiment(made):
    case = _composed(made, _people(), image=ANGER, audio=JOY)
    assert case.emotion[0, [ANGER, JOY, NEUTRAL]].tolist() == pytest.approx([0.6, 0.3, 0.1], abs=2e-3)
    signs = dict(zip(SENTIMENTS, case.sentiment[0].tolist(), strict=True))
    assert signs == pytest.approx({"negative": 0.6, "neutral": 0.1, "positive": 0.3}, abs=2e-3)
    assert case.single["image"][0, ANGER] == 1.0, "each modality alone still learns its own label"
    assert case.agreement[0].tolist() == [-1, -1, 0]


def test_neutral_words_carry_no_veto(made):
    case = _composed(made, _people(), text=NEUTRAL, image=ANGER, audio=ANGER)
    assert case.emotion[0, ANGER] == 1.0
    assert case.sentiment[0].tolist() == [1.0, 0.0, 0.0]


def test_without_votes_the_target_is_the_mean_of_the_labels(made):
    case = _composed(made, None, text=NEUTRAL, image=ANGER, audio=ANGER)
    assert case.emotion[0, [ANGER, NEUTRAL]].tolist() == pytest.approx([2 / 3, 1 / 3])


def test_cases_whose_labels_agree_are_as_without_votes(made):
    with_votes, without = (_composed(made, p, text=JOY, image=JOY, audio=JOY) for p in (_people(), None))
    torch.testing.assert_close(with_votes.emotion, without.emotion)
    torch.testing.assert_close(with_votes.sentiment, without.sentiment)
