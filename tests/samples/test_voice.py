"""The voice detector: equal to its slow form, hears voices, and nothing else."""

import io

import numpy as np
import pytest
import soundfile
import torch
from torch import nn
from torch.nn import functional

from mm_core.samples import voice
from mm_core.samples.audio import read_clip
from mm_core.samples.voice import CONTEXT, WINDOW, voice_probabilities, voiced_seconds

from .sounds import RATE, chord, clicks, hum, noise, tone


def window_by_window(waveform: np.ndarray) -> list[float]:
    """The network as its package describes it: one window at a time, the cell's state carried along."""
    network = voice._network()
    cell = nn.LSTMCell(128, 128)
    cell.load_state_dict({name.removesuffix("_l0"): w for name, w in network.lstm_cell.state_dict().items()})
    padded = torch.from_numpy(np.concatenate([np.zeros(CONTEXT, np.float32), waveform.astype(np.float32)]))
    state, answers = None, []
    for start in range(0, len(waveform), WINDOW):
        x = functional.pad(padded[None, None, start : start + WINDOW + CONTEXT], (0, 64), mode="reflect")
        spectrum = functional.conv1d(x, network.stft_conv.weight, stride=128)
        x = (spectrum[:, :129] ** 2 + spectrum[:, 129:] ** 2).sqrt()
        for convolution in (network.conv1, network.conv2, network.conv3, network.conv4):
            x = convolution(x).relu()
        state = cell(x.squeeze(-1), state)
        answers.append(float(network.final_conv(state[0].unsqueeze(-1).relu()).sigmoid()))
    return answers


@torch.inference_mode()
@pytest.mark.parametrize("windows", [1, 2, 40])
def test_all_windows_at_once_equal_one_at_a_time(voice_files: list[bytes], windows: int):
    speech = read_clip(voice_files[0])[0].waveform[: windows * WINDOW]
    np.testing.assert_allclose(voice_probabilities(speech), window_by_window(speech), atol=1e-5)


def test_the_detector_agrees_with_its_package_on_which_clips_hold_a_voice(voice_files: list[bytes]):
    silero_vad = pytest.importorskip("silero_vad")
    threads = torch.get_num_threads()
    reference = silero_vad.load_silero_vad()  # other weights of the same network, run as TorchScript
    torch.set_num_threads(threads)  # the package sets one thread for the whole process
    clips = [soundfile.read(io.BytesIO(content), dtype="float32")[0][: 80 * WINDOW] for content in voice_files[:4]]
    clips += [sound.astype(np.float32)[: 80 * WINDOW] for sound in (tone(3), hum(3), noise(3), noise(3, slope=1))]
    for clip in clips:
        with torch.inference_mode():
            answers = reference.audio_forward(torch.from_numpy(clip), RATE)[0].numpy()
        assert ((answers > 0.5).sum() >= 5) == ((voice_probabilities(clip) > 0.5).sum() >= 5)


@pytest.mark.parametrize("length", [1, WINDOW - 1, WINDOW, WINDOW + 1, 5 * WINDOW])
def test_every_sample_is_heard(length: int):
    assert voice_probabilities(np.zeros(length, np.float32)).shape == (-(-length // WINDOW),)


def test_voices_are_heard_for_most_of_a_trimmed_clip(voice_files: list[bytes]):
    for content in voice_files:
        clip, _ = read_clip(content)
        assert 0.4 * clip.seconds < voiced_seconds(clip.waveform) <= clip.seconds + WINDOW / RATE


@pytest.mark.parametrize(
    "sound",
    [
        tone(3),
        tone(3, 120),
        chord(3),
        hum(3),
        clicks(3),
        noise(3),
        noise(3, slope=1),
        noise(3, slope=2),
        np.zeros(9000),
    ],
)
def test_tones_noise_and_clicks_are_no_voices(sound: np.ndarray):
    assert voiced_seconds(sound.astype(np.float32)) < 0.1


def test_loading_the_detector_leaves_the_number_of_threads_alone():
    threads = torch.get_num_threads()
    voice._network.cache_clear()
    voiced_seconds(np.zeros(100, np.float32))
    assert torch.get_num_threads() == threads
