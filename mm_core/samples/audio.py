"""Sound: decoded from WAV, FLAC, OGG or MP3, mono, 16 kHz, ends trimmed, of bounded length."""

from __future__ import annotations

import io
import os
import time
from dataclasses import dataclass

import numpy as np

from .errors import InvalidInput, Notice
from .files import read_bytes
from .limits import (
    MAX_AUDIO_CHANNELS,
    MAX_AUDIO_RATE,
    MAX_AUDIO_SECONDS,
    MAX_DECODED_SECONDS,
    MAX_DECODING_SECONDS,
    MIN_AUDIO_RATE,
    SAMPLE_RATE,
)

ALLOWED = "WAV, FLAC, OGG and MP3 files are read"
TRIM_BELOW_PEAK_DB = 40.0
"""dB under the loudest frame from which a frame counts as silence at the ends."""

TRIM_FLOOR_DB = -60.0
"""dB under full scale from which a frame counts as silence in any case."""

TRIM_FRAME = 0.02
"""Seconds of one frame of the silence measure."""

TRIM_MARGIN = 0.05
"""Seconds kept before the first and after the last loud frame."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A voice: ``waveform`` (T,) float32, mono, 16 kHz, silence at the ends trimmed.

    ``start``: seconds cut from the front; ``given_seconds``: how long the clip was that the person gave.
    """

    waveform: np.ndarray
    start: float = 0.0
    given_seconds: float = 0.0

    @property
    def seconds(self) -> float:
        """Length of the waveform in seconds."""
        return len(self.waveform) / SAMPLE_RATE


def read_clip(
    given: str | os.PathLike[str] | bytes | tuple[int, np.ndarray], *, noise_reduction: bool = False
) -> tuple[Clip, tuple[Notice, ...]]:
    """Read a voice from a path, the bytes of a file, or (rate in Hz, samples (T,), (T, C) or (C, T))."""
    if isinstance(given, tuple):
        mono, rate, seconds = _from_array(given)
    else:
        mono, rate, seconds = _from_file(read_bytes(given, "sound"))
    if not np.isfinite(mono).all():
        raise InvalidInput("The sound holds values that are not numbers. Record or export it again.")
    waveform = _resampled(mono, rate)
    if noise_reduction:
        waveform = _cleaned(waveform)
    first, last = speech_bounds(waveform)
    waveform, start = waveform[first:last], first / SAMPLE_RATE
    notices: list[Notice] = []
    longest = int(MAX_AUDIO_SECONDS * SAMPLE_RATE)
    if len(waveform) > longest or seconds > MAX_DECODED_SECONDS:
        waveform = waveform[:longest]
        message = f"The sound is long ({seconds:.0f} s): {len(waveform) / SAMPLE_RATE:.0f} s from {start:.1f} s on are used."
        notices.append(Notice("audio", "cut", message))
    return Clip(np.ascontiguousarray(waveform, dtype=np.float32), start, seconds), tuple(notices)


def speech_bounds(waveform: np.ndarray) -> tuple[int, int]:
    """Return the first and last sample (exclusive) after trimming quiet ends; everything if all is quiet."""
    size = int(TRIM_FRAME * SAMPLE_RATE)
    frames = len(waveform) // size
    if frames == 0:
        return 0, len(waveform)
    energy = np.square(waveform[: frames * size].reshape(frames, size)).mean(axis=1)
    level = 10 * np.log10(energy + 1e-12)
    loud = np.flatnonzero(level > max(level.max() - TRIM_BELOW_PEAK_DB, TRIM_FLOOR_DB))
    if len(loud) == 0:
        return 0, len(waveform)
    margin = int(TRIM_MARGIN * SAMPLE_RATE)
    last = len(waveform) if loud[-1] == frames - 1 else (int(loud[-1]) + 1) * size + margin
    return max(0, int(loud[0]) * size - margin), min(len(waveform), last)


def _from_array(given: tuple[int, np.ndarray]) -> tuple[np.ndarray, int, float]:
    rate, samples = int(given[0]), np.asarray(given[1])
    if samples.ndim == 2 and samples.shape[0] < samples.shape[1] and samples.shape[0] <= MAX_AUDIO_CHANNELS:
        samples = samples.T
    if samples.ndim not in (1, 2) or samples.size == 0:
        raise InvalidInput("The sound is empty. Record it again, or leave it out.")
    _check_rate(rate, samples.shape[1] if samples.ndim == 2 else 1)
    seconds = len(samples) / rate
    samples = samples[: int(MAX_DECODED_SECONDS * rate)]
    if np.issubdtype(samples.dtype, np.integer):
        span = np.iinfo(samples.dtype)
        centre = (float(span.max) + span.min + 1) / 2
        values = (samples.astype(np.float64) - centre) / ((float(span.max) - span.min + 1) / 2)
    elif np.issubdtype(samples.dtype, np.floating):
        values = samples.astype(np.float64)
    else:
        raise InvalidInput("The samples of the sound are not numbers. Give int16, int32 or float samples.")
    return (values if values.ndim == 1 else values.mean(axis=1)).astype(np.float32), rate, seconds


def _from_file(content: bytes) -> tuple[np.ndarray, int, float]:
    import soundfile

    if not _is_sound(content):
        raise InvalidInput(f"This file is not a sound that can be read. {ALLOWED}; give one of these.")
    stop = time.monotonic() + MAX_DECODING_SECONDS
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            rate, frames = file.samplerate, file.frames
            _check_rate(rate, file.channels)
            blocks = []
            left = int(MAX_DECODED_SECONDS * rate)
            while left > 0:
                block = file.read(min(rate, left), dtype="float32", always_2d=True)
                if len(block) == 0:
                    break
                blocks.append(block.mean(axis=1))
                left -= len(block)
                if time.monotonic() > stop:
                    raise InvalidInput("Reading the sound took too long. Give a shorter or simpler file.")
    except InvalidInput:
        raise
    except Exception:  # libsndfile's errors name buffers and files
        raise InvalidInput(f"The sound file is damaged or incomplete. {ALLOWED}; save it again.") from None
    mono = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if len(mono) == 0:
        raise InvalidInput("The sound file holds no sound. Record it again, or leave it out.")
    return mono, rate, max(frames, len(mono)) / rate


def _is_sound(content: bytes) -> bool:
    wav = content[:4] in (b"RIFF", b"RF64") and content[8:12] == b"WAVE"
    mp3 = content[:3] == b"ID3" or (content[0] == 0xFF and len(content) > 1 and content[1] & 0xE6 == 0xE2)
    return wav or mp3 or content[:4] in (b"fLaC", b"OggS")


def _check_rate(rate: int, channels: int) -> None:
    if not MIN_AUDIO_RATE <= rate <= MAX_AUDIO_RATE:
        raise InvalidInput(
            f"The sound's sampling rate is {rate} Hz; {MIN_AUDIO_RATE} to {MAX_AUDIO_RATE} Hz are read. Convert it first."
        )
    if channels > MAX_AUDIO_CHANNELS:
        raise InvalidInput(f"The sound has {channels} channels; at most {MAX_AUDIO_CHANNELS} are read.")


def _resampled(mono: np.ndarray, rate: int) -> np.ndarray:
    if rate == SAMPLE_RATE:
        return mono
    import soxr

    return soxr.resample(mono, rate, SAMPLE_RATE).astype(np.float32)


def _cleaned(waveform: np.ndarray) -> np.ndarray:
    import noisereduce

    return noisereduce.reduce_noise(waveform, SAMPLE_RATE, prop_decrease=0.7).astype(np.float32)
