"""CMU-MOSI made ready: order, windows, narrowing, folds, and the tower on its transcripts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mm_core.encoders.tokens import Tokens
from mm_core.research.lab.mosi import (
    UNSEEN,
    feature_tokens,
    in_windows,
    linear_references,
    mosi_material,
    narrowed,
    narrowing_for,
    read_mosi,
    standardised,
    windows,
)
from mm_core.research.lab.transcripts import Tuning, transcript_tokens
from tests.research.lab.toys import write_mosi
from tests.toys import toy_text_encoder

TUNED = Tuning(epochs=1, learning_rate=1e-3, batch_size=6)


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mosi")
    write_mosi(folder)
    return read_mosi(folder)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mosi\.parquet"):
        read_mosi(tmp_path)


def test_reading_keeps_rows_together(given):
    assert given.train.sum() == 36
    assert set(given.texts) == {"i am happy", "i am sad"}
    assert all((text == "i am happy") == bool(truth) for text, truth in zip(given.texts, given.truth, strict=True))
    assert given.order.min() == 10
    dead = given.features["image"][:, 0]
    assert (dead == 0).all(), "a column without spread says nothing"
    means = {m: values[given.train].mean() for m, values in given.features.items()}
    assert list(means.values()) == pytest.approx([0.0] * 3, abs=1e-5)


def test_standardising_uses_train_rows_only():
    values = np.array([[0.0], [2.0], [100.0]], np.float32)
    scaled = standardised(values, np.array([True, True, False]))
    assert scaled[:, 0].tolist() == [-1.0, 1.0, 5.0]  # clipped at five deviations


def test_narrowing_moves_class_means_and_nothing_else():
    values = np.array([[1.0], [3.0], [-1.0], [-3.0]], np.float32)  # means 2 and -2
    moved = narrowed(values, np.array([1, 1, 0, 0]), 0.25)
    assert moved[:, 0].tolist() == pytest.approx([-0.5, 1.5, 0.5, -1.5])
    assert np.array_equal(narrowed(values, np.array([1, 1, 0, 0]), 1.0), values)


def test_narrowing_goes_as_far_as_the_accuracy_on_unseen_videos():
    random = np.random.default_rng(0)
    truth = np.arange(600) % 2
    videos = np.array([f"v{n // 20}" for n in range(600)])
    learnt = (random.standard_normal((600, 8)) + 2.0 * (2 * truth - 1)[:, None]).astype(np.float32)
    share = narrowing_for(learnt, truth, videos, 0.75)
    assert 0.0 < share < 0.5
    honest = random.standard_normal((600, 8)).astype(np.float32)
    assert narrowing_for(honest, truth, videos, 0.75) == 1.0


def test_windows_follow_the_order_in_the_video(given):
    rows = windows(given, 2)
    here = int(np.flatnonzero(given.names == "v3_14")[0])
    assert given.names[rows[here]].tolist() == ["v3_10", "v3_12", "v3_14", "v3_16", "v3_18"]
    last = int(np.flatnonzero(given.names == "v3_20")[0])
    assert rows[last][-2:].tolist() == [-1, -1]
    tokens = {"text": Tokens(torch.arange(48.0).view(48, 1, 1), torch.ones(48, 1, dtype=torch.bool))}
    window = in_windows(tokens, rows)["text"]
    assert window.mask[last].tolist() == [True, True, True, False, False]
    assert window.values[here, :, 0].tolist() == rows[here].tolist()


@pytest.mark.parametrize("variant", ["utterance", "neighbours"])
def test_material_has_videos_on_one_side_only(given, variant):
    material = mosi_material("mosi-features", variant, given, feature_tokens(given))
    assert (len(material.train), len(material.test)) == (36, 12)
    assert material.places == (9 if variant == "neighbours" else 0)
    assert not set(material.train.groups) & set(material.test.groups)
    assert len(material.folds) == 5
    assert material.widths == {"text": 5, "image": 4, "audio": 4}
    assert material.train.tokens["text"].values.shape[1] == (material.places or 1)


def test_linear_references_read_what_is_there(given):
    found = {reference["name"]: reference for reference in linear_references(given)}
    assert set(found) == {f"logistic regression, {name}" for name in ("text", "image", "audio", "all")}
    assert found["logistic regression, text"]["value"] > 0.7
    assert {reference["kind"] for reference in found.values()} == {"measured"}


def test_every_transcript_is_read_by_a_tower_that_does_not_know_it(given, tmp_path):
    torch.manual_seed(0)
    encoder = toy_text_encoder().eval()
    before = {k: v.clone() for k, v in encoder.state_dict().items()}
    path = tmp_path / "text.safetensors"
    plain = transcript_tokens(encoder, given, Tuning(epochs=0), tmp_path / "plain.safetensors", quiet=True)
    tuned = transcript_tokens(encoder, given, TUNED, path, quiet=True)
    assert tuned.values.shape == plain.values.shape
    assert tuned.values[tuned.mask].isfinite().all()
    assert all(torch.equal(v, before[k]) for k, v in encoder.state_dict().items()), "the given tower is left alone"
    videos = given.videos[given.train]
    same = {}  # one text in one video is read by one tower, in another fold by another
    for row in np.flatnonzero(given.train):
        same.setdefault((given.texts[row], given.videos[row]), []).append(tuned.values[row])
    for found in same.values():
        assert all(torch.equal(found[0], other) for other in found)
    happy = {video: same["i am happy", video][0] for video in np.unique(videos)}
    distinct = {tuple(v.flatten().tolist()) for v in happy.values()}
    assert len(distinct) == 5, "five folds, five towers"
    assert torch.equal(transcript_tokens(encoder, given, TUNED, path).values, tuned.values)


def test_the_shipped_corpus_is_as_described(data_dir):
    given = read_mosi(data_dir)
    assert (int(given.train.sum()), int((~given.train).sum())) == (1447, 752)
    assert given.narrowing["text"] < 0.5
    assert given.narrowing["audio"] == 1.0
    assert set(UNSEEN) == set(given.narrowing)
    assert linear_references(given)[-1]["value"] > 0.74
