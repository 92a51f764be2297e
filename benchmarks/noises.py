"""Sounds without a voice: twenty kinds, from silence to melodies, mono, 16 kHz."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import signal

RATE = 16_000
SECONDS = 4
COUNT = RATE * SECONDS
TIME = np.arange(COUNT) / RATE


def made(kind: str, seed: int) -> np.ndarray:
    """Make one sound of a kind of ``KINDS``, (T,) float32, at a random level between -30 and 0 dB."""
    random = np.random.default_rng([seed, list(KINDS).index(kind)])
    values = KINDS[kind](random)
    loudest = np.abs(values).max()
    level = 10 ** random.uniform(-4, -3.3) if kind == "faint hiss" else 10 ** random.uniform(-1.5, 0)
    return (values / loudest * level if loudest else values).astype(np.float32)


def _sine(hertz: float | np.ndarray) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * TIME)


def _coloured(random: np.random.Generator, slope: float) -> np.ndarray:
    frequency = np.maximum(np.fft.rfftfreq(COUNT), 1 / COUNT)
    return np.fft.irfft(np.fft.rfft(random.standard_normal(COUNT)) / frequency ** (slope / 2), COUNT)


def _chord(random: np.random.Generator) -> np.ndarray:
    ratios = ((1, 1.25, 1.5), (1, 1.2, 1.5), (1, 1.25, 1.5, 1.875))[random.integers(3)]
    base, overtones = random.uniform(100, 500), range(1, int(random.integers(2, 6)))
    return sum(_sine(base * ratio * n) / n for ratio in ratios for n in overtones)


def _hum(random: np.random.Generator) -> np.ndarray:
    base = random.choice([50, 60])
    parts = [
        np.sin(2 * np.pi * base * n * TIME + random.uniform(0, 6)) * random.uniform(0.1, 1) / n for n in range(1, 9)
    ]
    return sum(parts) + 0.02 * random.standard_normal(COUNT)


def _clicks(random: np.random.Generator) -> np.ndarray:
    values = 1e-4 * random.standard_normal(COUNT)
    values[random.integers(0, COUNT, int(random.integers(3, 60)))] = 1
    if random.random() < 0.5:
        values = np.convolve(values, np.exp(-np.arange(200) / 30) * np.sin(np.arange(200)), "same")
    return values


def _melody(random: np.random.Generator) -> np.ndarray:
    values, start, base = np.zeros(COUNT), 0, random.uniform(120, 500)
    while start < COUNT - 2000:
        step = int(random.uniform(0.1, 0.5) * RATE)
        length = min(2 * step, COUNT - start)
        pitch = base * 2 ** (random.choice([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
        time = TIME[:length]
        note = sum(np.sin(2 * np.pi * pitch * n * time) / n ** random.uniform(0.8, 2) for n in range(1, 8))
        values[start : start + length] += np.minimum(time / 0.005, 1) * np.exp(-time / 0.25) * note
        start += step
    return values


def _drums(random: np.random.Generator) -> np.ndarray:
    values, step, time = np.zeros(COUNT), int(30 / random.uniform(80, 160) * RATE), TIME[:8000]
    for start in range(0, COUNT - 8000, step):
        stroke = random.integers(3)
        if stroke == 0:
            beat = np.sin(2 * np.pi * (50 + 80 * np.exp(-time / 0.03)) * time) * np.exp(-time / 0.12)
        elif stroke == 1:
            beat = 0.6 * random.standard_normal(8000) * np.exp(-time / 0.06)
        else:
            beat = 0.3 * np.diff(random.standard_normal(8001)) * np.exp(-time / 0.02)
        values[start : start + 8000] += beat
    return values


def _birds(random: np.random.Generator) -> np.ndarray:
    values, start = np.zeros(COUNT), 0
    while start < COUNT - 6000:
        length = int(random.uniform(0.05, 0.3) * RATE)
        time, pitch, glide = TIME[:length], random.uniform(2000, 5000), random.uniform(-5000, 5000)
        values[start : start + length] += np.hanning(length) * np.sin(2 * np.pi * (pitch * time + glide * time**2))
        start += length + int(random.uniform(0.02, 0.3) * RATE)
    return values


def _string(random: np.random.Generator) -> np.ndarray:
    pitch = random.uniform(200, 700) * (1 + 0.02 * _sine(random.uniform(4, 7)))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    return sum(np.sin(n * phase) / n for n in range(1, 8))


def _alarm(random: np.random.Generator) -> np.ndarray:
    high = (TIME * random.uniform(1, 4)).astype(int) % 2 == 1
    return np.sin(2 * np.pi * np.where(high, random.uniform(500, 900), random.uniform(900, 2500)) * TIME)


KINDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "silence": lambda random: np.zeros(COUNT),
    "faint hiss": lambda random: random.standard_normal(COUNT),
    "tone": lambda random: _sine(random.uniform(60, 4000)),
    "square wave": lambda random: signal.square(2 * np.pi * random.uniform(60, 2000) * TIME),
    "sawtooth": lambda random: signal.sawtooth(2 * np.pi * random.uniform(60, 1000) * TIME),
    "chord": _chord,
    "sweep": lambda random: signal.chirp(TIME, random.uniform(50, 500), SECONDS, random.uniform(1000, 7000)),
    "white noise": lambda random: random.standard_normal(COUNT),
    "pink noise": lambda random: _coloured(random, 1),
    "brown noise": lambda random: _coloured(random, 2),
    "mains hum": _hum,
    "clicks": _clicks,
    "melody": _melody,
    "drums": _drums,
    "waves": lambda random: _coloured(random, 1) * (0.3 + _sine(random.uniform(0.1, 0.6)) ** 2),
    "engine": lambda random: signal.sawtooth(2 * np.pi * random.uniform(20, 80) * TIME) + 0.2 * _coloured(random, 1),
    "alarm": _alarm,
    "pulsed noise": lambda random: random.standard_normal(COUNT) * np.clip(_sine(random.uniform(2, 6)), 0, 1),
    "bird song": _birds,
    "bowed string": _string,
}
