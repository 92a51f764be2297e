"""Losses, augmentation, the loop, vocabulary pruning, and the stages end to end on a made-up folder."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from mm_core.datasets.bank import contents, fill_bank
from mm_core.datasets.tables import read_table
from mm_core.encoders import augment, base_encoder
from mm_core.encoders.augment import mixed
from mm_core.encoders.text import TextConfig
from mm_core.labels import EMOTIONS, MODALITIES
from mm_core.training.fusing import CaseMaker, FusingRecipe
from mm_core.training.loop import Schedule, fit, one_cycle
from mm_core.training.objectives import (
    mixing,
    multilabel_cross_entropy,
    normalised,
    one_hot_or_zero,
    soft_cross_entropy,
)
from mm_core.training.stages import cross_validate, load_tower, train_fusion, train_tower
from mm_core.training.towers import TowerRecipe
from tests.data_factory import write_tables
from tests.toys import toy_clip, toy_config, toy_model, toy_text_encoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tables(tmp_path_factory.mktemp("data"))


def test_soft_cross_entropy_equals_torchs_on_hard_labels():
    logits, labels = torch.randn(5, 4), torch.tensor([0, 3, 1, 1, 2])
    hard = functional.one_hot(labels, 4).float()
    torch.testing.assert_close(soft_cross_entropy(logits, hard), functional.cross_entropy(logits, labels))
    torch.testing.assert_close(
        soft_cross_entropy(logits, hard, 0.1), functional.cross_entropy(logits, labels, label_smoothing=0.1)
    )


def test_rows_without_a_target_are_masked():
    logits = torch.randn(3, 4, requires_grad=True)
    targets = one_hot_or_zero(torch.tensor([2, -1, 0]), 4)
    soft_cross_entropy(logits, targets).backward()
    assert (logits.grad[1] == 0).all()
    assert (logits.grad[[0, 2]] != 0).any()
    assert float(soft_cross_entropy(logits, torch.zeros(3, 4))) == 0.0
    assert float(multilabel_cross_entropy(logits, torch.zeros(3, 4))) == 0.0


def test_multilabel_loss_by_hand():
    value = multilabel_cross_entropy(torch.zeros(2, 3), torch.tensor([[1.0, 0, 1], [0, 1, 0]]))
    assert float(value) == pytest.approx(3 * np.log(2))


def test_normalised_targets_share_one():
    assert normalised(torch.tensor([[1.0, 1, 0], [0, 0, 0]])).tolist() == [[0.5, 0.5, 0], [0, 0, 0]]


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(0, 99))
def test_mixup_keeps_the_larger_part_and_the_mass(size, seed):
    weight, order = mixing(size, 0.3, np.random.default_rng(seed))
    assert 0.5 <= weight <= 1.0
    assert sorted(order.tolist()) == list(range(size))
    targets = torch.eye(9)[:size]
    assert mixed(targets, weight, order).sum(1).tolist() == pytest.approx([1.0] * size)


def test_face_augmentation_is_repeatable_bounded_and_differs():
    pixels = torch.rand(6, 1, 48, 48) * 4 - 2
    one = augment.faces(pixels, torch.Generator().manual_seed(1))
    assert torch.equal(one, augment.faces(pixels, torch.Generator().manual_seed(1)))
    assert not torch.equal(one, augment.faces(pixels, torch.Generator().manual_seed(2)))
    assert one.shape == pixels.shape
    assert one.isfinite().all()
    assert float(one.abs().max()) < 2 * 1.3 + 0.5 + 1e-4


def test_voice_augmentation_changes_length_and_stays_finite():
    wave = toy_clip(0).waveform
    lengths = {len(augment.voice(wave, np.random.default_rng(s))) for s in range(8)}
    assert len(lengths) > 3
    assert all(0.87 < n / len(wave) < 1.15 for n in lengths)
    assert np.isfinite(augment.voice(wave, np.random.default_rng(3))).all()


def test_mel_masks_become_the_floor():
    floor = torch.full((32,), -9.0)
    out = augment.mel(torch.zeros(60, 32), floor, np.random.default_rng(4))
    assert (out == -9.0).any()
    assert (out != -9.0).any()


def test_token_dropout_spares_special_pieces():
    ids = torch.arange(20).repeat(4, 1)
    special = ids < 2
    out = augment.word_pieces(ids, special, 99, 0.5, torch.Generator().manual_seed(0))
    assert (out[special] == ids[special]).all()
    assert 0.2 < (out == 99).float().mean() < 0.7


def test_one_cycle_rises_then_falls():
    values = [one_cycle(p, 0.1) for p in np.linspace(0, 1, 101)]
    assert values[0] == 0.0
    assert max(values) == pytest.approx(1.0)
    assert int(np.argmax(values)) == 10
    assert values[-1] == pytest.approx(0.0)


class Line:
    """Fit y = 2x; the smallest task that the loop can train."""

    def __init__(self):
        torch.manual_seed(5)
        self.module = nn.Linear(1, 1, bias=False)

    def steps(self):
        return 20

    def batches(self, epoch):
        random = torch.Generator().manual_seed(epoch)
        for _ in range(20):
            yield torch.randn(8, 1, generator=random)

    def loss(self, module, batch):
        return (module(batch) - 2 * batch).square().mean()

    def validate(self, module):
        return {"error": float((module.weight - 2).abs())}


PLAIN = Schedule(6, 0.3, weight_decay=0.0, precision="no")


def test_the_loop_learns(tmp_path):
    report = fit(Line(), PLAIN, tmp_path, quiet=True)
    assert report["history"][-1]["error"] < 0.05
    assert len(report["history"]) == 6


def test_a_launcher_of_several_processes_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("mm_core.training.loop.Accelerator.num_processes", 2)
    with pytest.raises(ValueError, match="one process"):
        fit(Line(), PLAIN, tmp_path, quiet=True)


@pytest.mark.parametrize("average", [0.0, 0.5])
def test_an_interrupted_run_goes_on_and_ends_the_same(tmp_path, average):
    schedule = dataclasses.replace(PLAIN, average=average)
    whole = Line()
    fit(whole, schedule, tmp_path / "whole", quiet=True)

    class Stopped(Line):
        def batches(self, epoch):
            if epoch == 3:
                raise KeyboardInterrupt
            yield from super().batches(epoch)

    with pytest.raises(KeyboardInterrupt):
        fit(Stopped(), schedule, tmp_path / "parts", quiet=True)
    rest = Line()
    report = fit(rest, schedule, tmp_path / "parts", quiet=True)
    assert [row["epoch"] for row in report["history"]] == [1, 2, 3, 4, 5, 6]
    torch.testing.assert_close(rest.module.weight, whole.module.weight)


def test_pruning_keeps_what_texts_use_and_any_word_can_be_spelled():
    encoder = toy_text_encoder().eval()
    texts = ["i am happy", "what a day"]
    before = encoder(encoder.prepare(texts)).values
    size = len(encoder.tokenizer) - 12
    assert encoder.prune_vocabulary(texts, size) == size == len(encoder.tokenizer)
    torch.testing.assert_close(encoder(encoder.prepare(texts)).values, before)
    spelled = encoder.tokenizer.tokenize("hated")
    assert "[UNK]" not in spelled
    assert encoder.backbone.config.vocab_size == size


def tower(epochs):
    return TowerRecipe(Schedule(epochs, 3e-3, precision="no"), 7, smoothing=0.0, dropout=0.0)


@pytest.mark.slow
def test_stages_end_to_end(folder, base, tmp_path):
    config = dataclasses.replace(toy_config(), text=TextConfig(source=str(base), vocabulary=80, max_pieces=32))
    for modality in MODALITIES:
        report = train_tower(modality, config, tower(2), folder, tmp_path / modality, quiet=True)
        assert 0 <= report["valid"]["ravdess" if modality == "audio" else next(iter(report["valid"]))]["uar"] <= 1
        assert load_tower(modality, config, tmp_path / modality).width > 0
    recipe = FusingRecipe(steps=4, validation_cases=60, copies={"text": 0, "image": 1, "audio": 1})
    schedule = Schedule(2, 1e-3, precision="no")
    model = train_fusion(config, recipe, schedule, folder, tmp_path, tmp_path / "fusion", quiet=True)
    description = json.loads((tmp_path / "fusion" / "model" / "model.json").read_text())
    assert description["notes"]["splits"]["audio"]["test"]
    assert model.calibration.multilabel.keys() == set(EMOTIONS)
    from mm_core.storage import load

    assert load(tmp_path / "fusion" / "model", "cpu").hash == model.hash


def test_a_tower_learns_its_rows(folder, base, tmp_path):
    """The made-up texts name their label: a few epochs must learn that, or the stage is broken."""
    config = dataclasses.replace(toy_config(), text=TextConfig(source=str(base), max_pieces=32))
    report = train_tower("text", config, tower(40), folder, tmp_path, quiet=True)
    assert report["test"]["goemotions"]["accuracy"] > 0.8


def test_folds_write_one_file_each_and_a_mean(folder, tmp_path):
    summary = cross_validate("audio", toy_config(), tower(1), folder, tmp_path, count=2, only=[0], quiet=True)
    assert summary == {}
    summary = cross_validate("audio", toy_config(), tower(1), folder, tmp_path, count=2, quiet=True)
    assert len(summary["ravdess_uar"]) == 2
    assert summary["ravdess_uar_mean"] == pytest.approx(np.mean(summary["ravdess_uar"]))
    tested = [set(row["speakers"]) for row in summary["folds"]]
    assert not tested[0] & tested[1]


def test_checkpoints_hold_plain_tensors_only(tmp_path):
    fit(Line(), PLAIN, tmp_path, quiet=True)
    names = load_file(tmp_path / "checkpoint.safetensors").keys()
    assert any(name.startswith("optimizer.") for name in names)
    assert any(name.startswith("module.") for name in names)


def test_cases_follow_their_pattern(folder):
    tables = {m: read_table(folder, m, EMOTIONS).only("train") for m in MODALITIES}
    model = toy_model()
    banks = {m: [fill_bank(model.encoders[m], contents(t), quiet=True)] for m, t in tables.items()}
    maker = CaseMaker(tables, banks)
    random = np.random.default_rng(0)
    for pattern in FusingRecipe().cases:
        case = maker.draw(pattern, 10, 0.5, random)
        members = [m for m in MODALITIES if m in pattern.split("+")]
        assert case.presence.tolist() == [[m in members for m in MODALITIES]] * 10
        assert case.emotion.sum(1).tolist() == pytest.approx([1.0] * 10)
        assert list(case.tokens) == members
        agreeing = (case.emotion.max(1).values == 1).float().mean()
        if len(members) > 1:
            assert agreeing == 0.5, "half of these compositions carry different labels"
        if not members:
            assert case.emotion[0].tolist() == pytest.approx([1 / 7] * 7)


def test_presets_of_hub_size_are_named_by_hub(monkeypatch):
    """The embedded preset loads its text base by hub name where no folder is given."""
    asked = []

    def refuse(name):
        asked.append(name)
        raise ConnectionError

    monkeypatch.setattr("mm_core.encoders.text.AutoTokenizer.from_pretrained", refuse)
    from mm_core.presets import preset

    with pytest.raises(ConnectionError):
        base_encoder("text", preset("embedded").text)
    assert asked == ["intfloat/multilingual-e5-small"]
