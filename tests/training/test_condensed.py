"""Towers on a resting backbone: rows are read once, references are the speaker's own, draws are even."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from mm_core.datasets.bank import contents
from mm_core.datasets.references import References, neutral_rows, with_references
from mm_core.datasets.tables import Table, read_table
from mm_core.encoders.whisper import WhisperConfig, WhisperEncoder
from mm_core.labels import EMOTIONS
from mm_core.training.condensed import CondensedTask, even_chances, read_condensed
from mm_core.training.loop import Schedule, fit
from mm_core.training.towers import TowerClassifier, TowerRecipe
from tests.data_factory import write_tables
from tests.tiny_hub import make_whisper
from tests.toys import toy_text_encoder


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return read_table(write_tables(tmp_path_factory.mktemp("data")), "audio", EMOTIONS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("whisper")
    make_whisper(made)
    return made


def tower(folder):
    torch.manual_seed(1)
    return WhisperEncoder.from_pretrained(WhisperConfig(source=str(folder), hidden=8)).eval()


def test_the_plain_reading_comes_first_and_is_kept(table, folder, tmp_path):
    encoder, few = tower(folder), table.where(np.arange(len(table)) < 5)
    values = read_condensed(encoder, few, 2, tmp_path / "kept.safetensors", quiet=True)
    assert values.shape == (5, 3, 2, 3, 16)
    plain = torch.cat([encoder.condense(encoder.prepare([wave])) for wave in contents(few)])
    torch.testing.assert_close(values[:, 0], plain, atol=2e-3, rtol=2e-3)
    assert not torch.allclose(values[:, 1], values[:, 2])
    again = read_condensed(encoder, few, 2, tmp_path / "kept.safetensors", quiet=True)
    assert torch.equal(again, values)


def test_a_tower_that_learns_as_a_whole_can_not_be_read_once(table, folder, tmp_path):
    config = WhisperConfig(source=str(folder), hidden=8, tune_backbone=True)
    with pytest.raises(ValueError, match="all of this tower learns"):
        read_condensed(WhisperEncoder.from_pretrained(config), table, 0, tmp_path / "none.safetensors", quiet=True)


def test_towers_without_a_resting_part_say_so():
    text = toy_text_encoder()
    assert text.condense(text.prepare(["a"])) is None
    with pytest.raises(ValueError, match="reads inputs only"):
        text.adapt_condensed(torch.zeros(1, 1), torch.zeros(1, dtype=torch.bool))


def test_references_are_neutral_rows_of_the_same_speaker_but_never_the_row_itself(table):
    neutral, drawn = neutral_rows(table, EMOTIONS), References(table, EMOTIONS)
    random = np.random.default_rng(0)
    assert neutral.any()
    for row in range(len(table)):
        for other in drawn.draw(row, 3, random):
            assert other != row
            assert neutral[other]
            assert table.group[other] == table.group[row]
    lonely = dataclasses.replace(table, group=np.array([f"speaker {i}" for i in range(len(table))]))
    assert len(References(lonely, EMOTIONS).draw(0, 3, random)) == 0
    assert not neutral_rows(table, ("calm", "upset")).any()


def test_labels_of_a_corpus_are_drawn_evenly_and_corpora_by_the_root_of_their_size():
    shares = np.zeros((20, 7), np.float32)
    shares[:12, 0], shares[12:16, 1] = 1, 1  # 16 rows of one corpus
    shares[16:, 2] = 1  # 4 of another
    source = np.array(["large"] * 16 + ["small"] * 4)
    table = dataclasses.replace(toy_rows(20), shares=shares, source=source)
    chance = even_chances(table, {})
    assert chance.sum() == pytest.approx(1)
    assert chance[:12].sum() == pytest.approx(chance[12:16].sum())
    assert chance[:16].sum() == pytest.approx(2 * chance[16:].sum())
    assert even_chances(table, {"large": 0.5})[:16].sum() == pytest.approx(0.5)


def toy_rows(count):
    empty = np.zeros((count, 7), np.float32)
    names = np.full(count, "")
    return Table(
        "audio", [b""] * count, empty, empty, empty, np.zeros(count, np.int64), names, names, names, names, {}
    )


def test_the_stage_learns_what_tells_voices_apart(folder, tmp_path):
    """Readings in which the label shows."""
    encoder = WhisperEncoder.from_pretrained(
        WhisperConfig(source=str(folder), hidden=32, input_dropout=0.0, dropout=0.0)
    )
    random = np.random.default_rng(0)

    def rows(count):
        shares = np.eye(7, dtype=np.float32)[np.arange(count) % 7]
        group = np.array([f"speaker {i // 14}" for i in range(count)])
        return dataclasses.replace(toy_rows(count), targets=shares, shares=shares, group=group)

    def readings(table):
        values = random.normal(size=(len(table), 2, 2, 3, 16)).astype(np.float32)
        values[np.arange(len(table)), :, 0, 0, table.targets.argmax(1)] += 8.0
        return torch.from_numpy(values)

    train, valid = rows(140), rows(35)
    both = readings(train), readings(valid)
    encoder.adapt_condensed(both[0][:, 0], torch.from_numpy(neutral_rows(train, EMOTIONS)))
    recipe = TowerRecipe(
        Schedule(15, 1e-2, precision="no"), 14, dropout=0.0, mixup=0.3, readings=1, reference_share=0.5
    )
    task = CondensedTask(TowerClassifier(encoder, 7, 0.0), train, valid, recipe, both, EMOTIONS)
    with torch.inference_mode():
        before = task.validate(task.module.eval())["accuracy"]
    history = fit(task, recipe.schedule, tmp_path, quiet=True)["history"]
    assert history[-1]["accuracy"] > 0.8 > before + 0.3


def test_a_share_of_voices_comes_with_neutral_ones_of_the_same_speaker(table):
    waves = contents(table)
    neutral = {id(waves[row]): table.group[row] for row in np.flatnonzero(neutral_rows(table, EMOTIONS))}
    given = with_references(waves, table, EMOTIONS, 0.5, np.random.default_rng(0))
    assert 0 < sum(bool(voice.references) for voice in given) < len(given)
    for row, voice in enumerate(given):
        assert voice.waveform is waves[row]
        for reference in voice.references:
            assert neutral[id(reference)] == table.group[row]
            assert reference is not waves[row]
    assert not any(v.references for v in with_references(waves, table, EMOTIONS, 0.0, np.random.default_rng(0)))
