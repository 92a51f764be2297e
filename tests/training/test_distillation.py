"""Teachers: their mean by hand, the loss by hand, and a text stage with teachers from end to end."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch.nn import functional

from mm_core.datasets.bank import contents, fill_bank
from mm_core.datasets.tables import read_table
from mm_core.encoders.text import TextConfig
from mm_core.labels import EMOTIONS
from mm_core.training.distillation import (
    SoftTargets,
    distillation_loss,
    ensemble,
)
from mm_core.training.fusing import CaseMaker
from mm_core.training.loop import Schedule
from mm_core.training.objectives import soft_multilabel_cross_entropy
from mm_core.training.recipes import EMBEDDED
from mm_core.training.stages import train_tower
from mm_core.training.towers import TowerClassifier, TowerRecipe, TowerTask, TowerTeacher
from tests.data_factory import write_tables
from tests.toys import toy_config, toy_text_encoder


def soft_of(emotion, sentiment=(0.2, 0.3, 0.5), multilabel=None):
    emotion = torch.tensor(emotion)
    return SoftTargets(
        emotion, torch.tensor([sentiment] * len(emotion)), emotion if multilabel is None else multilabel
    )


def shares(value):
    return {"emotion": value, "sentiment": value, "multilabel": value}


def test_teachers_mean_depends_on_the_rows_source():
    first, second = soft_of([[1.0, 0.0], [1.0, 0.0]]), soft_of([[0.0, 1.0], [0.0, 1.0]])
    source = np.array(["here", "there"])
    joined = ensemble(
        [(first, {"here": shares(0.75)}), (second, {"here": shares(0.25), "there": shares(1.0)})], source, first
    )
    assert joined.emotion.tolist() == [[0.75, 0.25], [0.0, 1.0]]
    assert joined.multilabel.tolist() == [[0.75, 0.25], [0.0, 1.0]]
    torch.testing.assert_close(joined.sentiment, first.sentiment)


def test_shares_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="emotion do not add up"):
        ensemble([(soft_of([[1.0, 0.0]]), {"here": shares(0.75)})], np.array(["here"]), soft_of([[1.0, 0.0]]))


def test_a_source_without_a_teacher_keeps_its_labels():
    soft, labels = soft_of([[0.4, 0.6], [0.4, 0.6]]), soft_of([[1.0, 0.0], [1.0, 0.0]], (0.0, 0.0, 1.0))
    joined = ensemble([(soft, {"taught": shares(1.0)})], np.array(["taught", "alone"]), labels)
    torch.testing.assert_close(joined.emotion, torch.tensor([[0.4, 0.6], [1.0, 0.0]]))
    torch.testing.assert_close(joined.sentiment[1], torch.tensor([0.0, 0.0, 1.0]))


def test_the_recipes_shares_add_up():
    (english,) = EMBEDDED.towers["text"].teachers
    soft = soft_of([[0.5] * 7] * 2)
    for teachers in ((english,), english.recipe.teachers):
        ensemble([(soft, teacher.shares) for teacher in teachers], np.array(["goemotions", "meld"]), soft)


def test_soft_multilabel_loss_is_lowest_at_the_teachers_answer():
    targets = torch.tensor([[0.2, 0.9]])
    at_best = soft_multilabel_cross_entropy(torch.logit(targets), targets)
    entropy = -(targets * targets.log() + (1 - targets) * (1 - targets).log()).sum()
    torch.testing.assert_close(at_best, entropy)
    assert soft_multilabel_cross_entropy(torch.logit(targets) + 0.3, targets) > at_best


def test_distillation_loss_by_hand():
    logits = (torch.tensor([[1.0, -1.0]]), torch.tensor([[0.5, 0.0, -0.5]]), torch.tensor([[2.0, -2.0]]))
    soft = soft_of([[0.7, 0.3]], multilabel=torch.tensor([[0.9, 0.1]]))
    found = distillation_loss(logits, soft, 0.5, 0.25, torch.tensor([[0.4]]))
    by_hand = (
        functional.binary_cross_entropy_with_logits(logits[2], soft.multilabel, reduction="sum")
        - 0.5 * (soft.emotion * logits[0].log_softmax(1)).sum()
        - 0.25 * 0.4 * (soft.sentiment * logits[1].log_softmax(1)).sum()
    )
    torch.testing.assert_close(found, by_hand)


def test_answers_are_probabilities_and_reopen_as_they_were(tmp_path):
    soft = SoftTargets.of_logits((torch.randn(3, 7), torch.randn(3, 3), torch.randn(3, 7)))
    assert soft.emotion.sum(1).tolist() == pytest.approx([1.0] * 3)
    assert ((soft.multilabel > 0) & (soft.multilabel < 1)).all()
    soft.save(tmp_path / "answers.safetensors")
    again = SoftTargets.load(tmp_path / "answers.safetensors").take(np.array([2, 0]))
    assert torch.equal(again.sentiment, soft.sentiment[[2, 0]])


def test_repeats_follow_the_epoch(tmp_path):
    train = read_table(write_tables(tmp_path), "text", EMOTIONS).only("train")
    train = dataclasses.replace(train, source=np.where(np.arange(len(train)) % 3 == 0, "meld", train.source))
    module = TowerClassifier(toy_text_encoder(), 7, 0.0)
    recipe = TowerRecipe(Schedule(3, 1e-3), 1, like_length=True, repeats={"meld": (0, 2)})
    task = TowerTask(module, train, train, recipe)
    meld = train.source == "meld"
    for epoch, times in enumerate((0, 2, 2)):
        seen = np.bincount(np.concatenate(list(task.batches(epoch))), minlength=len(train))
        assert (seen[meld] == times).all()
        assert (seen[~meld] == 1).all()
    assert task.steps() == (3 * (~meld).sum() + 4 * meld.sum()) // 3


@pytest.mark.slow
def test_a_text_stage_trains_its_teachers_once(tmp_path, base):
    (tmp_path / "data").mkdir()
    folder = write_tables(tmp_path / "data")
    config = dataclasses.replace(toy_config(), text=TextConfig(source=str(base), max_pieces=32))

    def recipe(epochs, teachers=()):
        schedule = Schedule(epochs, 3e-3, precision="no")
        return TowerRecipe(
            schedule,
            7,
            dropout=0.0,
            like_length=True,
            emotion_weight=0.5,
            multilabel_weight=1.0,
            sentiment_weight=0.5,
            teachers=teachers,
        )

    both = {"goemotions": shares(0.5), "meld": shares(0.5)}
    short = TextConfig(source=str(base), max_pieces=8)
    teachers = (TowerTeacher("one", recipe(20), both), TowerTeacher("two", recipe(1), both, short))
    report = train_tower("text", config, recipe(20, teachers), folder, tmp_path / "text", quiet=True)
    assert report["test"]["goemotions"]["accuracy"] > 0.6
    told = tmp_path / "text" / "teachers" / "one" / "answers.safetensors"
    written = told.stat().st_mtime_ns
    train_tower("text", config, recipe(20, teachers), folder, tmp_path / "text", quiet=True)
    assert told.stat().st_mtime_ns == written


@pytest.mark.parametrize("weight", [0.0, 0.6])
def test_texts_taken_alone_mix_labels_and_teachers(tmp_path, weight):
    train = read_table(write_tables(tmp_path), "text", EMOTIONS).only("train")
    encoder = toy_text_encoder()
    banks = {"text": [fill_bank(encoder, contents(train), quiet=True)]}
    taught = SoftTargets.of_logits(
        (torch.randn(len(train), 7), torch.randn(len(train), 3), torch.randn(len(train), 7))
    )

    def drawn(soft):
        maker = CaseMaker({"text": train}, banks, soft and {"text": soft}, weight)
        return maker.singles("text", 40, np.random.default_rng(3))

    plain, mixed = drawn(None), drawn(taught)
    rows = np.random.default_rng(3).integers(0, len(train), 40)
    torch.testing.assert_close(mixed.emotion, (1 - weight) * plain.emotion + weight * taught.emotion[rows])
    torch.testing.assert_close(mixed.labels, (1 - weight) * plain.labels + weight * taught.multilabel[rows])
    torch.testing.assert_close(mixed.sentiment, (1 - weight) * plain.sentiment + weight * taught.sentiment[rows])
