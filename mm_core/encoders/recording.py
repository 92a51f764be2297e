"""What a recording adds to a voice: noise, a room, a band. For training and for the test of robustness.

Shapes: T samples at 16 kHz; every function keeps the waveform's length.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfiltfilt

from mm_core.samples.limits import SAMPLE_RATE

Random = np.random.Generator
Wave = NDArray[np.float32]


def noise(wave: Wave, decibels: float, random: Random, slope: float = 0.0) -> Wave:
    """Noise at that signal-to-noise ratio whose power falls with frequency to the power of ``slope``: 0 white,
    1 pink."""
    level = np.sqrt(np.square(wave).mean() + 1e-12) * 10 ** (-decibels / 20)
    added = random.standard_normal(len(wave))
    if slope:
        spectrum = np.fft.rfft(added)
        spectrum *= np.maximum(np.arange(len(spectrum)), 1) ** (-slope / 2)
        added = np.fft.irfft(spectrum, len(wave))
        added /= np.sqrt(np.square(added).mean()) + 1e-12
    return (wave + level * added).astype(np.float32)


def reverberation(wave: Wave, seconds: float, random: Random, tail: float = 1.0) -> Wave:
    """A room in which sound falls by 60 dB in that time (Polack's decaying noise), as loud as before.

    tail: the echo's amplitude beside the direct sound's.
    """
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    room = random.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    room *= tail / np.sqrt(np.square(room).sum())
    room[0] += 1.0  # the direct sound
    wet = fftconvolve(wave, room)[: len(wave)]
    return (wet * np.sqrt(np.square(wave).mean() / (np.square(wet).mean() + 1e-12))).astype(np.float32)


def band_limit(wave: Wave, hertz: float, random: Random, low: float = 0.0) -> Wave:
    """Nothing above ``hertz`` (and below ``low``, if above 0): a Butterworth filter of order 8, without delay."""
    if low > 0:
        band = butter(4, (low, hertz), "bandpass", fs=SAMPLE_RATE, output="sos")  # of order 8: twice the lowpass's
    else:
        band = butter(8, hertz, fs=SAMPLE_RATE, output="sos")
    return np.ascontiguousarray(sosfiltfilt(band, wave, padlen=min(60, len(wave) - 1)), np.float32)
