"""Taking units away at the input: the fast way in feature space against what a person would do by hand."""

import numpy as np
import pytest
import torch

from mm_core.explain.features import sum_over_units
from mm_core.explain.trace import Trace
from mm_core.samples import Box, Clip, Picture, Sample
from tests.toys import toy_clip, toy_model, toy_picture, toy_sample


@pytest.fixture(scope="module")
def trace():
    return Trace(toy_model(), toy_sample())


def without(trace, modality, *units):
    removed = np.zeros((1, len(trace.units[modality])), bool)
    removed[0, list(units)] = True
    return trace.encode_without(modality, removed).values


def test_a_removed_word_is_the_mask_token(trace):
    by_hand = Trace(trace.model, Sample(text="i am so [MASK] today"))
    assert torch.allclose(without(trace, "text", 3), by_hand.encoded["text"].given.values, atol=1e-5)
    assert by_hand.units["text"].labels == ("i", "am", "so", "today")


def test_a_removed_patch_is_the_mean_colour():
    model, rng = toy_model(), np.random.default_rng(1)
    grey = np.repeat(rng.integers(0, 256, (48, 48, 1), np.uint8), 3, 2)  # 6 x 6 patches of 8 x 8 pixels
    trace = Trace(model, Sample(image=Picture(grey)))
    features = trace.encoded["image"].features.detach().clone()
    features[:, :, 8:16, 40:48] = features.mean()
    assert torch.allclose(
        without(trace, "image", 6 + 5),
        model.encoders["image"](trace.encoded["image"].batch, features).values,
        atol=1e-5,
    )


def test_a_removed_moment_is_the_noise_floor_of_each_band(trace):
    given = trace.encoded["audio"]
    removed = torch.zeros(1, len(given.units), dtype=torch.bool)
    removed[0, 2] = True
    found = given.removable.without(removed)[0, 0]  # (T, F)
    mel = given.batch.mel[0, 0]
    real = given.batch.mask[0, 0]
    floor = mel[real].quantile(0.1, dim=0)
    assert torch.allclose(found[16:24], floor.expand(8, -1))
    assert torch.equal(found[:16], mel[:16])
    assert torch.equal(found[24:], mel[24:])


def test_nothing_removed_changes_nothing(trace):
    for modality, given in trace.encoded.items():
        assert torch.allclose(without(trace, modality), given.given.values, atol=1e-5)


def test_special_tokens_and_padding_are_never_removed(trace):
    for given in trace.encoded.values():
        kept = (given.feature_mask < 0).expand_as(given.features[0])
        assert torch.equal(given.baseline[0][kept], given.features.detach()[0][kept])


def test_every_unit_owns_features(trace):
    for given in trace.encoded.values():
        units = given.feature_mask.unique()
        assert units[units >= 0].tolist() == list(range(len(given.units)))


def test_variants_in_a_batch_equal_variants_alone(trace):
    for modality, given in trace.encoded.items():
        removed = np.random.default_rng(0).random((7, len(given.units))) < 0.5
        together = trace.encode_without(modality, removed).values
        for row in range(len(removed)):
            alone = trace.encode_without(modality, removed[row : row + 1]).values[0]
            assert torch.allclose(together[row], alone, atol=1e-5)


def test_units_of_a_long_clip_follow_its_windows():
    clip = toy_clip(seconds=7.3)
    trace = Trace(toy_model(), Sample(audio=Clip(clip.waveform, 0.4, 8.0)))
    given = trace.encoded["audio"]
    assert given.features.shape[1] == 3  # windows
    units = given.feature_mask[..., 0][given.batch.mask[0]]
    assert (units >= 0).all()
    assert (units.diff() >= 0).all()  # frames follow each other in time
    assert int(units.max()) == len(given.units) - 1
    assert np.allclose(given.units.spans[1:, 0], given.units.spans[:-1, 1])
    for index, (t0, t1) in enumerate(given.units.spans - 0.4):
        frames = torch.nonzero(units == index).flatten() * given.batch.hop_seconds
        assert float(frames.min()) >= t0 - 0.016
        assert float(frames.max()) <= t1 + 0.016


def test_patches_of_a_face_box_are_those_of_its_crop():
    pixels = toy_picture(3, (90, 80)).pixels
    boxed = Trace(toy_model(), Sample(image=Picture(pixels, Box(10, 20, 58, 68)))).encoded["image"]
    cropped = Trace(toy_model(), Sample(image=Picture(pixels[20:68, 10:58]))).encoded["image"]
    assert torch.equal(boxed.features, cropped.features)
    assert np.allclose(boxed.units.spans - [10, 20, 10, 20], cropped.units.spans)


def test_sums_over_units_keep_the_total():
    units = torch.tensor([[0, 1], [1, -1]]).unsqueeze(0)  # (1, 2, 2), as for a picture
    values = torch.arange(12.0).reshape(1, 3, 2, 2)
    assert sum_over_units(values, units, 2).tolist() == [0 + 4 + 8, 1 + 5 + 9 + 2 + 6 + 10]


def test_repeated_batches_keep_what_is_not_a_row(trace):
    batch = trace.encoded["audio"].batch.repeat(3)
    assert batch.mel.shape[0] == batch.starts.shape[0] == 3
    assert batch.hop_seconds == trace.encoded["audio"].batch.hop_seconds
    assert len(trace.encoded["text"].batch.repeat(3).spans) == 3
