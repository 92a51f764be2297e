"""Generated sounds without a voice, and encoders for test files."""

from __future__ import annotations

import io

import numpy as np
import soundfile

RATE = 16_000
"""Hz of all generated sounds."""


def tone(seconds: float, hertz: float = 440.0, level: float = 0.5, rate: int = RATE) -> np.ndarray:
    """A sine, (T,) float64."""
    return level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def chord(seconds: float) -> np.ndarray:
    """A major triad with overtones."""
    parts = [
        tone(seconds, 220 * ratio * overtone, 0.2 / overtone) for ratio in (1, 1.25, 1.5) for overtone in (1, 2, 3)
    ]
    return np.sum(parts, axis=0) / 2


def noise(seconds: float, slope: float = 0.0, level: float = 0.2, seed: int = 0) -> np.ndarray:
    """White noise (slope 0), pink (1) or brown (2): power falls with frequency to the power of the slope."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    frequency = np.maximum(np.fft.rfftfreq(count), 1 / count)
    values = np.fft.irfft(spectrum / frequency ** (slope / 2), count)
    return level * values / np.abs(values).max()


def hum(seconds: float) -> np.ndarray:
    """Mains hum: 50 Hz and its overtones."""
    return np.sum([tone(seconds, 50 * n, 0.3 / n) for n in range(1, 8)], axis=0) / 2


def clicks(seconds: float) -> np.ndarray:
    """Ten single-sample clicks a second."""
    values = np.zeros(round(seconds * RATE))
    values[:: RATE // 10] = 0.9
    return values


def encoded(samples: np.ndarray, rate: int = RATE, container: str = "WAV", subtype: str | None = None) -> bytes:
    """Encode samples (T,) or (T, C) as the bytes of a sound file."""
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=container, subtype=subtype)
    return buffer.getvalue()
