"""This machine's own microphone, for the command line. A hosted page records in the visitor's browser instead."""

from __future__ import annotations

import sys
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.samples.errors import InvalidInput
from mm_core.samples.limits import MAX_AUDIO_SECONDS, SAMPLE_RATE

MIN_SECONDS: Final = 0.5


class MicrophoneUnavailable(InvalidInput):
    """There is no PortAudio, or no microphone."""


def record(seconds: float) -> tuple[int, NDArray[np.float32]]:
    """Record mono sound: (16 000 Hz, (T,) float32). MicrophoneUnavailable says what is missing."""
    if not MIN_SECONDS <= seconds <= MAX_AUDIO_SECONDS:
        raise InvalidInput(
            f"The length must lie between {MIN_SECONDS} and {MAX_AUDIO_SECONDS:.0f} seconds; {seconds:g} was given."
        )
    try:
        import sounddevice
    except (ImportError, OSError) as error:  # without PortAudio the import itself raises OSError
        raise MicrophoneUnavailable(
            "Recording needs PortAudio, which is not on this machine. Install it (Debian and Ubuntu: "
            "apt install libportaudio2; macOS: brew install portaudio), or give a sound file with --audio."
        ) from error
    print(f"Recording {seconds:g} s ...", file=sys.stderr)
    try:
        waveform = sounddevice.rec(int(seconds * SAMPLE_RATE), samplerate=SAMPLE_RATE, channels=1, dtype="float32")
        sounddevice.wait()
    except sounddevice.PortAudioError as error:
        raise MicrophoneUnavailable(
            "No microphone could be opened. Connect one and allow its use, or give a sound file with --audio."
        ) from error
    return SAMPLE_RATE, np.ascontiguousarray(waveform[:, 0])
