"""What a recording adds: its level, its colour, its band; and that the same voice stays."""

from __future__ import annotations

import numpy as np
import pytest

from mm_core.encoders import augment
from mm_core.encoders.recording import band_limit, noise, reverberation
from mm_core.samples.limits import SAMPLE_RATE
from tests.toys import toy_clip

CLIP = toy_clip(0, 2.0).waveform


def random(seed=0):
    return np.random.default_rng(seed)


def power(wave, low, high):
    spectrum = np.abs(np.fft.rfft(wave)) ** 2
    hertz = np.fft.rfftfreq(len(wave), 1 / SAMPLE_RATE)
    return spectrum[(hertz >= low) & (hertz < high)].sum()


@pytest.mark.parametrize("slope", [0.0, 1.0, 2.0])
def test_noise_has_its_level_and_its_colour(slope):
    added = noise(CLIP, 10.0, random(), slope) - CLIP
    ratio = 10 * np.log10(np.square(CLIP).mean() / np.square(added).mean())
    assert ratio == pytest.approx(10.0, abs=0.3)
    octaves = power(added, 250, 500) / power(added, 2000, 4000)  # an octave's width grows eight times
    assert np.log2(octaves) == pytest.approx(3 * slope - 3, abs=0.5)


def test_a_smaller_tail_smears_less():
    moved = [np.square(reverberation(CLIP, 0.4, random(), tail) - CLIP).mean() for tail in (0.1, 0.5, 1.0)]
    assert moved == sorted(moved)


def test_a_telephone_has_neither_low_nor_high_tones():
    hiss = random().standard_normal(SAMPLE_RATE).astype(np.float32)
    heard = band_limit(hiss, 3400.0, random(), low=300.0)
    assert power(heard, 0, 150) < 0.01 * power(hiss, 0, 150)
    assert power(heard, 6000, 8000) < 0.01 * power(hiss, 6000, 8000)
    assert power(heard, 500, 3000) == pytest.approx(power(hiss, 500, 3000), rel=0.05)


def test_recordings_of_one_voice_differ_and_are_repeatable():
    made = [augment.recording(CLIP, random(seed)) for seed in range(30)]
    assert all(wave.dtype == np.float32 and np.isfinite(wave).all() for wave in made)
    assert all(0.9 * len(CLIP) <= len(wave) <= 1.12 * len(CLIP) for wave in made)
    assert len({len(wave) for wave in made}) > 20
    np.testing.assert_array_equal(made[3], augment.recording(CLIP, random(3)))


def test_even_the_shortest_clip_can_be_recorded_again():
    for seed in range(20):
        assert np.isfinite(augment.recording(toy_clip(0, 0.05).waveform, random(seed))).all()
