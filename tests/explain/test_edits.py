"""Changes to a sample for what-if questions."""

import numpy as np
import pytest

from mm_core.explain.edits import mask_region, mask_words, mute, noise_floor, put, without_units
from mm_core.explain.sample_trace import SampleTrace
from mm_core.explain.trace import Trace
from mm_core.labels import MODALITIES
from mm_core.samples import Box, Clip, InvalidInput, Notice, Picture, Sample
from tests.predictors.toy import Votes
from tests.toys import toy_model, toy_sample


@pytest.fixture(scope="module")
def units():
    return Trace(toy_model(), Sample(text="so sad, so SAD today")).units["text"]


def test_words_are_masked_by_index_and_by_name(units):
    sample = Sample(text="so sad, so SAD today")
    assert mask_words(sample, units, [1], "[MASK]").text == "so [MASK], so SAD today"
    assert mask_words(sample, units, ["sad", 5], "[MASK]").text == "so [MASK], so [MASK] [MASK]"
    assert sample.text == "so sad, so SAD today"


@pytest.mark.parametrize("words", [["joy"], [6], [-1], []])
def test_words_that_are_not_there_are_refused(units, words):
    with pytest.raises(InvalidInput):
        mask_words(Sample(text="so sad, so SAD today"), units, words, "[MASK]")


def test_a_region_takes_the_face_s_mean_colour():
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, 30:] = (200, 100, 50)
    sample = Sample(image=Picture(pixels, Box(20, 0, 40, 40)))
    changed = mask_region(sample, (10, 5, 20.4, 15)).image
    assert (changed.pixels[5:15, 10:20] == (100, 50, 25)).all()
    assert changed.face == sample.image.face
    untouched = np.ones((40, 60), bool)
    untouched[5:15, 10:20] = False
    assert (changed.pixels[untouched] == pixels[untouched]).all()
    assert (sample.image.pixels == pixels).all()


@pytest.mark.parametrize("region", [(70, 0, 80, 10), (10, 10, 5, 20), (0, 0, 1), (0, 0, float("nan"), 5)])
def test_a_region_outside_the_picture_is_refused(region):
    with pytest.raises(InvalidInput):
        mask_region(Sample(image=Picture(np.zeros((40, 60, 3), np.uint8))), region)


def test_muting_brings_a_part_to_the_noise_floor_in_seconds_of_the_given_clip():
    random = np.random.default_rng(0)
    waveform = np.concatenate([0.001 * random.standard_normal(4000), 0.1 * random.standard_normal(12_000)])
    sample = Sample(audio=Clip(waveform.astype(np.float32), start=0.5, given_seconds=2.0))
    changed = mute(sample, 1.0, 1.25).audio
    inside = changed.waveform[8000 + 320 : 12_000 - 320]
    assert np.sqrt(np.mean(inside**2)) == pytest.approx(noise_floor(sample.audio.waveform), rel=0.1)
    assert np.array_equal(changed.waveform[:8000], sample.audio.waveform[:8000])
    assert np.array_equal(changed.waveform[12_000:], sample.audio.waveform[12_000:])
    assert (changed.start, changed.given_seconds) == (0.5, 2.0)


@pytest.mark.parametrize("span", [(0.0, 0.2), (0.9, 0.7), (3.0, 4.0), (float("nan"), 1.0)])
def test_muting_outside_the_voice_is_refused(span):
    with pytest.raises(InvalidInput, match=r"runs from 0\.50 to 1\.50 seconds"):
        mute(Sample(audio=Clip(np.ones(16_000, np.float32), 0.5, 2.0)), *span)


def test_something_else_is_put_in_the_place_of_one_modality():
    old = Notice("text", "cut", "The text is long.")
    sample = toy_sample().replace(notices=(old,))
    changed = put(sample, Sample.read(text="never this awful day"))
    assert changed.text == "never this awful day"
    assert changed.image is sample.image
    assert old not in changed.notices


def test_what_is_put_there_is_checked_like_anything_given():
    changed = put(toy_sample(), Sample.read(audio=(16_000, np.zeros(16_000, np.float32))))
    assert "audio" in changed.ignored
    assert [notice.code for notice in changed.notices] == ["silence"]


def test_there_must_be_something_to_change():
    with pytest.raises(InvalidInput, match="no picture"):
        mask_region(toy_sample(modalities=("text",)), (0, 0, 5, 5))
    with pytest.raises(InvalidInput, match="no voice"):
        mute(toy_sample(modalities=("text",)), 0, 1)


def test_units_are_taken_away_from_the_sample_itself():
    sample = toy_sample()
    trace = SampleTrace(Votes(), sample)
    words, patches, moments = (trace.units[m] for m in MODALITIES)
    one = np.arange(len(words)) == 3
    assert without_units(sample, words, one).text == "i am so today"
    assert without_units(sample, words, np.ones(len(words), bool)).text == ""
    covered = without_units(sample, patches, np.ones(len(patches), bool)).image.pixels
    assert np.ptp(covered.reshape(-1, 3), axis=0).tolist() == [0, 0, 0]
    assert np.abs(covered[0, 0] - sample.image.pixels.reshape(-1, 3).mean(0)).max() <= 0.5
    quiet = without_units(sample, moments, np.arange(len(moments)) == 2).audio.waveform
    start, end = (moments.spans[2] * 16_000).round().astype(int)
    assert np.array_equal(quiet[:start], sample.audio.waveform[:start])
    assert np.array_equal(quiet[end:], sample.audio.waveform[end:])
    assert np.abs(quiet[start + 320 : end - 320]).max() < np.abs(sample.audio.waveform[start:end]).max()
    assert without_units(sample, moments, np.zeros(len(moments), bool)) is sample


def test_a_region_of_a_leaning_face_lies_in_the_upright_picture():
    pixels = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    sample = Sample(image=Picture(pixels, Box(10, 10, 50, 50), turn=30.0))
    changed = mask_region(sample, (20, 20, 30, 30)).image
    outside = np.ones((60, 60), bool)
    outside[20:30, 20:30] = False
    assert (changed.upright[outside] == sample.image.upright[outside]).all()
    assert (changed.upright[20:30, 20:30] == changed.upright[20, 20]).all()
