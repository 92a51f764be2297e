"""This machine's own microphone, for the command line. A hosted page records in the visitor's browser instead."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.samples.errors import InvalidInput
from mm_core.samples.limits import MAX_AUDIO_SECONDS, SAMPLE_RATE

MIN_SECONDS: Final = 0.5

MAX_LISTENING_SECONDS: Final = 3600.0


class MicrophoneUnavailable(InvalidInput):
    """There is no PortAudio, or no microphone."""


def record(seconds: float) -> tuple[int, NDArray[np.float32]]:
    """Record mono sound: (16 000 Hz, (T,) float32). MicrophoneUnavailable says what is missing."""
    if not MIN_SECONDS <= seconds <= MAX_AUDIO_SECONDS:
        raise InvalidInput(
            f"The length must lie between {MIN_SECONDS} and {MAX_AUDIO_SECONDS:.0f} seconds; {seconds:g} was given."
        )
    sounddevice = _sounddevice()
    print(f"Recording {seconds:g} s ...", file=sys.stderr)
    try:
        waveform = sounddevice.rec(int(seconds * SAMPLE_RATE), samplerate=SAMPLE_RATE, channels=1, dtype="float32")
        sounddevice.wait()
    except sounddevice.PortAudioError as error:
        raise _unopened() from error
    return SAMPLE_RATE, np.ascontiguousarray(waveform[:, 0])


def stream(seconds: float, piece: float) -> Iterator[NDArray[np.float32]]:
    """Listen for so many seconds: mono sound (T,) at 16 kHz in pieces as they come. MicrophoneUnavailable says what
    is missing."""
    if not 0 < seconds <= MAX_LISTENING_SECONDS:
        raise InvalidInput(
            f"The length must lie between 0 and {MAX_LISTENING_SECONDS:.0f} seconds; {seconds:g} was given."
        )
    sounddevice = _sounddevice()
    size = int(piece * SAMPLE_RATE)
    try:
        with sounddevice.InputStream(samplerate=SAMPLE_RATE, channels=1, dtype="float32", blocksize=size) as opened:
            for _ in range(int(seconds / piece)):
                block, _ = opened.read(size)
                yield np.ascontiguousarray(block[:, 0])
    except sounddevice.PortAudioError as error:
        raise _unopened() from error


def _sounddevice() -> Any:
    try:
        import sounddevice
    except (ImportError, OSError) as error:  # without PortAudio the import itself raises OSError
        raise MicrophoneUnavailable(
            "Recording needs PortAudio, which is not on this machine. Install it (Debian and Ubuntu: "
            "apt install libportaudio2; macOS: brew install portaudio), or give a sound file with --audio."
        ) from error
    return sounddevice


def _unopened() -> MicrophoneUnavailable:
    return MicrophoneUnavailable(
        "No microphone could be opened. Connect one and allow its use, or give a sound file with --audio."
    )
