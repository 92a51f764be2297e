"""Sound: decoded from WAV, FLAC, OGG or MP3, mono, 16 kHz, ends trimmed, of bounded length."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

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
    MIN_AUDIO_SECONDS,
    SAMPLE_RATE,
)

if TYPE_CHECKING:
    from soundfile import SoundFile

CONTAINERS = frozenset({"WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3", "MPEG"})
"""libsndfile's names of the formats that are read."""

ALLOWED = "WAV, FLAC, OGG and MP3 files are read"

TRIM_BELOW_PEAK_DB = 40.0
"""dB under the loudest frame from which a frame at the ends counts as silence."""

SILENCE_DB = -70.0
"""dB of full scale (root mean square) under which anything is silence; quiet voices in RAVDESS reach -60."""

TRIM_FRAME = 0.02
"""Seconds of one frame of the silence measure."""

TRIM_MARGIN = 0.05
"""Seconds kept before the first and after the last loud frame."""

NOISE_REDUCTION = 0.5
"""Share of the estimated background that is taken out: light, since more of it costs the voice more than the noise
(speech in pink noise at 5 dB gains 3.5 dB; at 0.9 it gains 2.9 dB and a clean voice loses half its energy)."""


Sound: TypeAlias = str | os.PathLike[str] | bytes | tuple[int, np.ndarray]
"""A path, the bytes of a file, or (rate in Hz, samples)."""


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
    given: Sound,
    *,
    noise_reduction: bool = False,
    decode: Callable[[bytes], tuple[np.ndarray, float]] | None = None,
) -> tuple[Clip, tuple[Notice, ...]]:
    """Decode a voice to mono float32 at 16 kHz, trim the silence at its ends and bound its length.

    ``given`` is a path, the bytes of a file (the content decides on the format, not the name), or (rate in Hz,
    samples): samples are integers or floats, (T,), (T, C) or, where the second side is the longer one, (C, T).
    ``noise_reduction`` subtracts a steady background (noisereduce; Sainburg et al., PLoS Comput. Biol. 2020).
    ``decode`` turns the bytes of a file into a waveform, by default ``decode_sound`` in this process. What is cut is
    said in a ``cut`` notice. Raises InvalidInput for other formats, for damaged or empty files and for values that
    are not finite.
    """
    if isinstance(given, tuple):
        mono, rate, seconds = _from_array(given)
        waveform = _levelled(mono, rate)
    else:
        waveform, seconds = (decode or decode_sound)(read_bytes(given, "sound"))
    if noise_reduction:
        waveform = _without_noise(waveform)
    first, last = loud_part(waveform)
    longest = int(MAX_AUDIO_SECONDS * SAMPLE_RATE)
    notices: tuple[Notice, ...] = ()
    if last - first > longest or seconds > MAX_DECODED_SECONDS:
        last = min(last, first + longest)
        part = f"from {first / SAMPLE_RATE:.1f} s to {last / SAMPLE_RATE:.1f} s"
        limit = f"at most {MAX_AUDIO_SECONDS:.0f} s out of the first {MAX_DECODED_SECONDS:.0f} s"
        notices = (Notice("audio", "cut", f"The sound is long: only the part {part} is used ({limit})."),)
    kept = np.ascontiguousarray(waveform[first:last], dtype=np.float32)
    return Clip(kept, first / SAMPLE_RATE, seconds), notices


def decode_sound(content: bytes) -> tuple[np.ndarray, float]:
    """Decode the bytes of a file to a waveform (T,) float32, mono, 16 kHz, within -1 and 1, of at most
    ``MAX_DECODED_SECONDS``; and how many seconds the file has."""
    mono, rate, seconds = _from_file(content)
    return _levelled(mono, rate), seconds


def loud_part(waveform: np.ndarray) -> tuple[int, int]:
    """Return the first and the last sample (exclusive) of ``waveform`` (T,) without the silence at its ends.

    A margin of ``TRIM_MARGIN`` is kept on both sides; a clip that is silent throughout is kept whole.
    """
    size = int(TRIM_FRAME * SAMPLE_RATE)
    frames = len(waveform) // size
    if frames == 0:
        return 0, len(waveform)
    level = loudness((waveform[: frames * size] - waveform.mean()).reshape(frames, size))
    loud = np.flatnonzero(level > max(float(level.max()) - TRIM_BELOW_PEAK_DB, SILENCE_DB))
    if len(loud) == 0:
        return 0, len(waveform)
    margin = int(TRIM_MARGIN * SAMPLE_RATE)
    last = len(waveform) if loud[-1] == frames - 1 else (int(loud[-1]) + 1) * size + margin
    return max(0, int(loud[0]) * size - margin), min(len(waveform), last)


def loudness(frames: np.ndarray) -> np.ndarray:
    """Return the root mean square of each row of ``frames`` (..., T) in dB of full scale."""
    return 10 * np.log10(np.square(frames, dtype=np.float64).mean(axis=-1) + 1e-20)


def _levelled(mono: np.ndarray, rate: int) -> np.ndarray:
    if len(mono) < MIN_AUDIO_SECONDS * rate:
        raise InvalidInput(f"The sound is too short: it takes {MIN_AUDIO_SECONDS} s at least. Record it again.")
    if not np.isfinite(mono).all():
        raise InvalidInput("The sound holds values that are not numbers. Record or export it again.")
    return _resampled(mono / max(1.0, float(np.abs(mono).max())), rate)


def _from_array(given: tuple[int, np.ndarray]) -> tuple[np.ndarray, int, float]:
    try:
        rate, samples = int(given[0]), np.asarray(given[1])
    except (TypeError, ValueError, IndexError, OverflowError):
        raise InvalidInput("Recorded sound is given as (rate in Hz, array of samples).") from None
    if samples.ndim not in (1, 2) or samples.dtype.kind not in "iuf":
        raise InvalidInput("The samples of the sound are not usable: give one or two axes of integers or floats.")
    if samples.size == 0:
        raise InvalidInput("The sound is empty. Record it again, or leave it out.")
    if samples.ndim == 2 and samples.shape[0] < samples.shape[1]:
        samples = samples.T  # (C, T) -> (T, C)
    _check_rate(rate, 1 if samples.ndim == 1 else samples.shape[1])
    seconds = len(samples) / rate
    samples = samples[: int(MAX_DECODED_SECONDS * rate)]
    values = samples.astype(np.float64)
    if samples.dtype.kind in "iu":
        half = 2.0 ** (8 * samples.dtype.itemsize - 1)
        values = values / half - (1.0 if samples.dtype.kind == "u" else 0.0)
    return values if values.ndim == 1 else values.mean(axis=1), rate, seconds


def _from_file(content: bytes) -> tuple[np.ndarray, int, float]:
    import soundfile

    if not _is_sound(content):
        raise _unreadable()
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            if file.format not in CONTAINERS:
                raise _unreadable()
            _check_rate(file.samplerate, file.channels)
            mono = _decoded(file)
            declared, rate = file.frames, file.samplerate
    except (InvalidInput, MemoryError):
        raise
    except Exception:  # libsndfile's own messages speak of buffers and internal names
        raise InvalidInput(f"The sound file is damaged or incomplete. {ALLOWED}; save it again.") from None
    return mono, rate, max(declared, len(mono)) / rate


def _decoded(file: SoundFile) -> np.ndarray:
    """Decode second by second, so that neither length nor compression can take more memory or time than allowed."""
    stop = time.thread_time() + MAX_DECODING_SECONDS
    blocks, left = [np.zeros(0, np.float32)], int(MAX_DECODED_SECONDS * file.samplerate)
    while left > 0:
        block = file.read(min(file.samplerate, left), dtype="float32", always_2d=True)  # (T, C)
        if len(block) == 0:
            break
        blocks.append(block.mean(axis=1))
        left -= len(block)
        if time.thread_time() > stop:
            raise InvalidInput("Reading the sound took too long. Give a shorter or simpler file.")
    return np.concatenate(blocks)


def _is_sound(content: bytes) -> bool:
    wav = content[:4] in (b"RIFF", b"RF64") and content[8:12] == b"WAVE"
    # An MP3 begins with a tag or with a frame: eleven set bits, then version and layer III.
    mp3 = content[:3] == b"ID3" or (len(content) > 1 and content[0] == 0xFF and content[1] & 0xE6 == 0xE2)
    return wav or mp3 or content[:4] in (b"fLaC", b"OggS")


def _unreadable() -> InvalidInput:
    return InvalidInput(f"This file is not a sound that can be read. {ALLOWED}; give one of these.")


def _check_rate(rate: int, channels: int) -> None:
    if not MIN_AUDIO_RATE <= rate <= MAX_AUDIO_RATE:
        raise InvalidInput(
            f"The sound has {rate} samples a second; {MIN_AUDIO_RATE} to {MAX_AUDIO_RATE} are read. Convert it first."
        )
    if channels > MAX_AUDIO_CHANNELS:
        raise InvalidInput(
            f"The sound has {channels} channels; at most {MAX_AUDIO_CHANNELS} are read. Mix it down first."
        )


def _resampled(mono: np.ndarray, rate: int) -> np.ndarray:
    if rate == SAMPLE_RATE:
        return mono.astype(np.float32)
    import soxr

    return soxr.resample(mono.astype(np.float32), rate, SAMPLE_RATE)


def _without_noise(waveform: np.ndarray) -> np.ndarray:
    import noisereduce

    return noisereduce.reduce_noise(waveform, SAMPLE_RATE, prop_decrease=NOISE_REDUCTION, stationary=True)
