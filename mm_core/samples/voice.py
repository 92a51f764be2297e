"""Voice activity: which parts of a waveform hold a human voice.

The network is Silero VAD (github.com/snakers4/silero-vad, MIT) for 16 kHz, with the safetensors weights in its
package. The package's own entry point runs other weights of the same network as TorchScript, window by window: 30 ms
for 4 s of sound. Here all windows go through at once, in 3 ms, and these weights err less on the speech and the
noises of benchmarks/scope.py.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from .limits import SAMPLE_RATE

WINDOW = 512
"""Samples of one window: 32 ms."""

CONTEXT = 64
"""Samples before a window that the network also sees."""

BINS = 129
"""Frequency bins of the spectrum: 256 samples a frame."""

VOICED_PROBABILITY = 0.5
"""From here on a window counts as voiced, as in the package's own defaults."""


def voiced_seconds(waveform: np.ndarray) -> float:
    """Return how many seconds of ``waveform`` (T,), mono 16 kHz, hold a voice."""
    voiced = int((voice_probabilities(waveform) > VOICED_PROBABILITY).sum())
    return voiced * WINDOW / SAMPLE_RATE


def voice_probabilities(waveform: np.ndarray) -> np.ndarray:
    """Return the probability of a voice, (N,) float32, for each window of 32 ms of ``waveform`` (T,)."""
    windows = -(-max(1, len(waveform)) // WINDOW)
    padded = np.zeros(CONTEXT + windows * WINDOW, np.float32)
    padded[CONTEXT : CONTEXT + len(waveform)] = waveform
    with torch.inference_mode():
        return _network()(torch.from_numpy(padded).unfold(0, CONTEXT + WINDOW, WINDOW)).numpy()


class _VoiceNetwork(nn.Module):
    """Spectrum, four convolutions and a recurrent cell; N windows -> N probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.stft_conv = nn.Conv1d(1, 2 * BINS, kernel_size=256, stride=128, bias=False)
        self.conv1 = nn.Conv1d(BINS, 128, 3, padding=1)
        self.conv2 = nn.Conv1d(128, 64, 3, stride=2, padding=1)
        self.conv3 = nn.Conv1d(64, 64, 3, stride=2, padding=1)
        self.conv4 = nn.Conv1d(64, 128, 3, padding=1)
        self.lstm_cell = nn.LSTM(128, 128)
        self.final_conv = nn.Conv1d(128, 1, 1)

    def forward(self, windows: Tensor) -> Tensor:
        waves = functional.pad(windows, (0, CONTEXT), mode="reflect")  # (N, 576) -> (N, 640)
        spectrum = self.stft_conv(waves[:, None])  # (N, 2 * BINS, 4)
        x = (spectrum[:, :BINS].square() + spectrum[:, BINS:].square()).sqrt()  # (N, BINS, 4)
        for convolution in (self.conv1, self.conv2, self.conv3, self.conv4):
            x = convolution(x).relu()  # ends as (N, 128, 1)
        hidden, _ = self.lstm_cell(x[:, :, 0])  # (N, 128), one step a window
        return self.final_conv(hidden.relu()[:, :, None]).sigmoid()[:, 0, 0]  # (N,)


@cache
def _network() -> _VoiceNetwork:
    package = find_spec("silero_vad")  # importing it would set torch to one thread for the whole process
    if package is None or package.submodule_search_locations is None:
        raise ModuleNotFoundError("silero-vad is not installed; run: pip install -r requirements.txt")
    weights = load_file(Path(package.submodule_search_locations[0]) / "data" / "silero_vad_16k.safetensors")
    # The package names its cell's weights after nn.LSTMCell; nn.LSTM, which takes whole sequences, adds the layer.
    renamed = {f"{name}_l0" if name.startswith("lstm_cell.") else name: w for name, w in weights.items()}
    network = _VoiceNetwork()
    network.load_state_dict(renamed)
    return network.eval()
