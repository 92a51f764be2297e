"""Every way in which an input can get worse: what it measures, that it grows, that it keeps the content's form."""

from __future__ import annotations

import numpy as np
import pytest

from mm_core.evaluation import corruptions
from mm_core.evaluation.corruptions import CORRUPTIONS
from tests.toys import toy_clip

TEXT = "We never thought that this would ever happen to any of us in such a quiet street. " * 4
STEPS = [(m, name) for m, kinds in CORRUPTIONS.items() for name in kinds]


def face():
    y, x = np.mgrid[0:48, 0:48]
    pixels = 120 + 60 * np.sin(x / 3.0) + 50 * np.cos(y / 4.0)
    return np.repeat(pixels.astype(np.uint8)[:, :, None], 3, 2)


def random():
    return np.random.default_rng(0)


CONTENT = {"text": TEXT, "image": face(), "audio": toy_clip(1, 1.5).waveform}


@pytest.mark.parametrize(("modality", "name"), STEPS)
def test_form_is_kept_and_the_input_is_not_touched(modality, name):
    given = CONTENT[modality]
    before = given if isinstance(given, str) else given.copy()
    for level in CORRUPTIONS[modality][name].levels:
        made = CORRUPTIONS[modality][name].apply(given, level, random())
        assert type(made) is type(given)
        if isinstance(given, str):
            assert made.strip()
        else:
            assert made.dtype == given.dtype
            assert made.shape == given.shape
            assert np.isfinite(made).all()
    assert given == before if isinstance(given, str) else (given == before).all()


# A longer room smears more, but is not further from the clip sample by sample: it has a test of its own.
@pytest.mark.parametrize(("modality", "name"), [s for s in STEPS if s[0] != "text" and s[1] != "reverberation"])
def test_heavier_levels_change_more(modality, name):
    given = CONTENT[modality].astype(np.float64)
    kind = CORRUPTIONS[modality][name]
    moved = [np.square(kind.apply(CONTENT[modality], level, random()) - given).mean() for level in kind.levels]
    assert moved[0] > 0
    assert moved == sorted(moved)


def test_dropped_words_leave_one_at_least():
    made = corruptions.dropped_words(TEXT, 50, random()).split()
    assert set(made) <= set(TEXT.split())
    assert len(made) / len(TEXT.split()) == pytest.approx(0.5, abs=0.15)
    assert corruptions.dropped_words("only few words", 100, random()) in ("only", "few", "words")


def test_noise_has_the_ratio_it_names():
    wave = CONTENT["audio"]
    for decibels in (20.0, 0.0):
        added = corruptions.noise(wave, decibels, random()) - wave
        assert 10 * np.log10(np.square(wave).mean() / np.square(added).mean()) == pytest.approx(decibels, abs=0.3)


def test_clipping_flattens_the_share_it_names():
    made = corruptions.clipping(CONTENT["audio"], 20, random())
    assert (np.abs(made) >= np.abs(made).max() * 0.9999).mean() == pytest.approx(0.2, abs=0.01)


def test_band_limit_takes_what_lies_above():
    time = np.arange(16_000) / 16_000
    low, high = np.sin(2 * np.pi * 500 * time), np.sin(2 * np.pi * 5000 * time)
    made = corruptions.band_limit((low + high).astype(np.float32), 2000, random())
    np.testing.assert_allclose(made[800:-800], low[800:-800], atol=0.02)


def test_reverberation_keeps_loudness_and_rings_on():
    click = np.zeros(16_000, np.float32)
    click[1000] = 1.0
    made = corruptions.reverberation(click, 0.5, random())
    assert np.square(made).sum() == pytest.approx(np.square(click).sum(), rel=1e-3)
    early, late = np.square(made[1001:3000]).sum(), np.square(made[7001:9000]).sum()
    # half a second takes it from 0 to -60 dB, so 6000 samples (0.375 s) take 45 dB
    assert 10 * np.log10(early / late) == pytest.approx(45, abs=3)


def test_occlusion_covers_the_share_it_names():
    bright = np.full((60, 60, 3), 250, np.uint8)
    made = corruptions.occlusion(bright, 25, random())
    assert (made[:, :, 0] == 128).mean() == pytest.approx(0.25, abs=0.01)


def test_darkness_scales():
    assert corruptions.darkness(np.full((2, 2, 3), 200, np.uint8), 75, random()).tolist() == [[[50] * 3] * 2] * 2
