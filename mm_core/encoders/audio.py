"""The mel audio encoder: log-mel windows, a mask-aware convolutional stem and a small transformer.

Letters: B clips, W windows a clip, T mel frames a window, F mel bands, L tokens a clip, D width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers.audio_utils import mel_filter_bank

from mm_core.encoders.tokens import Span, Tokens
from mm_core.presets.configs import AudioConfig

SAMPLE_RATE: Final = 16_000
"""Samples a second of every waveform in the house."""

FRAMES_PER_TOKEN: Final = 8
"""Three poolings by two along time."""

_LEVEL: Final = 0.05
"""Root mean square that a clip is brought to (about -26 dBFS): a microphone's gain says nothing."""

_POOLING: Final = ((2, 2), (2, 2), (2, 2), (1, 2))
"""Pooling of (frames, bands) in each of the four convolutional blocks."""


@dataclass(frozen=True, eq=False)
class AudioBatch:
    """mel (B, W, T, F) float, zero where masked; mask (B, W, T) bool; starts (B, W): first frame of each window
    in its clip; hop_seconds: seconds a frame."""

    mel: Tensor
    mask: Tensor
    starts: Tensor
    hop_seconds: float

    def to(self, device: torch.device | str) -> AudioBatch:
        return AudioBatch(self.mel.to(device), self.mask.to(device), self.starts.to(device), self.hop_seconds)


class LogMel(nn.Module):
    """Waveform (T,) float32 at 16 kHz to a log-mel spectrogram (frames, F), in units of natural log."""

    filters: Tensor  # (bins, F)
    window: Tensor  # (fft,)

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        self.fft, self.hop = config.fft, config.hop
        bank = mel_filter_bank(
            num_frequency_bins=config.fft // 2 + 1,
            num_mel_filters=config.mel_bands,
            min_frequency=50.0,
            max_frequency=SAMPLE_RATE / 2,
            sampling_rate=SAMPLE_RATE,
            norm="slaney",
            mel_scale="slaney",
        )
        self.register_buffer("filters", torch.from_numpy(bank).float(), persistent=False)  # (bins, F)
        self.register_buffer("window", torch.hann_window(config.fft), persistent=False)

    def forward(self, waveform: Tensor) -> Tensor:
        if waveform.shape[0] < self.fft:
            waveform = nn.functional.pad(waveform, (0, self.fft - waveform.shape[0]))
        level = waveform.square().mean().sqrt().clamp(min=1e-5)
        spectrum = torch.stft(
            waveform * (_LEVEL / level),
            self.fft,
            self.hop,
            window=self.window,
            center=True,
            pad_mode="constant",
            return_complex=True,
        )
        power = spectrum.abs().square().transpose(0, 1)  # (frames, bins)
        return torch.log((power @ self.filters).clamp(min=1e-6))


class AudioEncoder(nn.Module):
    """Waveforms in, a statistics token and one token for every eight frames of each window out: (B, L, D)."""

    band_mean: Tensor  # (F,)
    band_std: Tensor  # (F,)
    positions: Tensor  # (L, D)

    def __init__(self, config: AudioConfig) -> None:
        super().__init__()
        self.config = config
        self.width = config.width
        self.log_mel = LogMel(config)
        # Whole tokens only, so that a window's last token never mixes with padding.
        frames = config.window_seconds * SAMPLE_RATE / config.hop
        self.max_frames = math.floor(frames / FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN
        # Level of each band over the training clips, set once by training (`measure_bands`).
        self.register_buffer("band_mean", torch.full((config.mel_bands,), -6.0))
        self.register_buffer("band_std", torch.full((config.mel_bands,), 3.0))
        sizes = (1, *config.channels)
        self.blocks = nn.ModuleList(
            _Block(i, o, pool) for i, o, pool in zip(sizes, config.channels, _POOLING, strict=False)
        )
        bands = math.prod(band for _, band in _POOLING[: len(config.channels)])
        self.project = nn.Linear(config.channels[-1] * (config.mel_bands // bands), config.width)
        self.statistics = nn.Sequential(
            nn.LayerNorm(4 * config.mel_bands),
            nn.Linear(4 * config.mel_bands, config.width),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.width, config.width),
        )
        layer = nn.TransformerEncoderLayer(
            config.width,
            config.heads,
            2 * config.width,
            config.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.transformer = nn.TransformerEncoder(
            layer, config.layers, nn.LayerNorm(config.width), enable_nested_tensor=False
        )
        self.dropout = nn.Dropout(config.dropout)
        longest = self.max_frames // FRAMES_PER_TOKEN
        self.register_buffer("positions", _sinusoids(longest, config.width), persistent=False)

    def save_structure(self, folder: Path) -> None:
        """Nothing to write: the model's configuration says it all."""

    def measure_bands(self, mels: Sequence[Tensor]) -> None:
        """Store mean and deviation of each band over these log-mel spectrograms (frames, F)."""
        frames = torch.cat(list(mels))
        self.band_mean.copy_(frames.mean(0))
        self.band_std.copy_(frames.std(0))

    def prepare(self, waveforms: Sequence[NDArray[np.float32]]) -> AudioBatch:
        """Waveforms (T,) float32 at 16 kHz, cut into equal windows of at most ``window_seconds``."""
        with torch.no_grad():
            device = self.log_mel.window.device
            mels = [self.log_mel(torch.from_numpy(np.ascontiguousarray(w)).to(device)) for w in waveforms]
        return self.stack(mels)

    def stack(self, mels: Sequence[Tensor]) -> AudioBatch:
        """Log-mel spectrograms (frames, F) of several clips to one padded batch of windows."""
        plans = [_windows(mel.shape[0], self.max_frames) for mel in mels]
        width = max(len(plan) for plan in plans)
        longest = max(size for plan in plans for _, size in plan)
        longest = math.ceil(longest / FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN
        mel = mels[0].new_zeros(len(mels), width, longest, self.config.mel_bands)
        mask = torch.zeros(len(mels), width, longest, dtype=torch.bool, device=mel.device)
        starts = torch.zeros(len(mels), width, dtype=torch.long, device=mel.device)
        for b, (clip, plan) in enumerate(zip(mels, plans, strict=True)):
            for w, (start, size) in enumerate(plan):
                mel[b, w, :size] = clip[start : start + size]
                mask[b, w, :size] = True
                starts[b, w] = start
        return AudioBatch(mel, mask, starts, self.config.hop / SAMPLE_RATE)

    def features(self, batch: AudioBatch) -> Tensor:
        """The log-mel windows (B, W, T, F)."""
        return batch.mel

    def forward(self, batch: AudioBatch, features: Tensor | None = None) -> Tokens:
        mel = batch.mel if features is None else features
        clips, windows, frames, bands = mel.shape
        x = mel.reshape(clips * windows, frames, bands)  # (N, T, F), N windows of all clips
        mask = batch.mask.reshape(clips * windows, frames)  # (N, T)
        x = (x - self.band_mean) / self.band_std
        summary = self.statistics(_statistics(x, mask)) if self.config.statistics else None  # (N, D)

        x, kept = x.unsqueeze(1), mask  # (N, 1, T, F)
        x = x.contiguous(memory_format=torch.channels_last) * _keep(kept)
        for block in self.blocks:
            x, kept = block(x, kept)
        x = x.permute(0, 2, 1, 3).flatten(2)  # (N, L', channels * bands left)
        x = self.dropout(self.project(x)) + self.positions[: x.shape[1]]
        if summary is not None:
            x = torch.cat((summary.unsqueeze(1), x), 1)  # (N, 1 + L', D)
            kept = torch.cat((kept.any(1, keepdim=True), kept), 1)
        # A window that is all padding would softmax over nothing: let it look at itself, masked afterwards.
        blocked = ~kept & kept.any(1, keepdim=True)
        x = self.transformer(x, src_key_padding_mask=blocked)
        return Tokens(x.reshape(clips, -1, self.width), kept.reshape(clips, -1))

    def spans(self, batch: AudioBatch, index: int) -> list[Span | None]:
        """Seconds of each token; a window's statistics token has no place in time."""
        spans: list[Span | None] = []
        per_window = batch.mel.shape[2] // FRAMES_PER_TOKEN
        for start, mask in zip(batch.starts[index].tolist(), batch.mask[index], strict=True):
            length = int(mask.sum())
            spans.extend([None] * self.config.statistics)
            for token in range(per_window):
                low, high = token * FRAMES_PER_TOKEN, min((token + 1) * FRAMES_PER_TOKEN, length)
                second = batch.hop_seconds
                spans.append(((start + low) * second, (start + high) * second) if low < length else None)
        return spans


class _Block(nn.Module):
    """Two 3x3 convolutions with a pooling between; padding frames are zeroed, as beyond a clip's own end."""

    def __init__(self, inputs: int, outputs: int, pool: tuple[int, int]) -> None:
        super().__init__()
        self.pool = pool
        self.first = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm_first = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm_second = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """x (N, C, T, F), mask (N, T) to the same with T and F pooled."""
        x = nn.functional.relu(self.norm_first(self.first(x))) * _keep(mask)
        x = nn.functional.avg_pool2d(x, self.pool)
        mask = mask.unflatten(1, (-1, self.pool[0])).any(2)
        x = nn.functional.relu(self.norm_second(self.second(x))) * _keep(mask)
        return x, mask


def _keep(mask: Tensor) -> Tensor:
    """(N, T) bool to a factor (N, 1, T, 1)."""
    return mask[:, None, :, None].float()


def _windows(frames: int, longest: int) -> list[tuple[int, int]]:
    """Cut a clip into the fewest equal windows: (start, size) in frames."""
    count = math.ceil(frames / longest)
    size = math.ceil(frames / count)
    return [(start, min(size, frames - start)) for start in range(0, frames, size)]


def _statistics(x: Tensor, mask: Tensor) -> Tensor:
    """Mean, deviation, mean absolute change and maximum of each band over a window's frames: (N, 4 F)."""
    keep = mask.unsqueeze(-1)
    count = keep.sum(1).clamp(min=1)
    mean = torch.where(keep, x, 0.0).sum(1) / count
    spread = (torch.where(keep, x - mean.unsqueeze(1), 0.0).square().sum(1) / count + 1e-6).sqrt()
    change = torch.where(keep[:, 1:], (x[:, 1:] - x[:, :-1]).abs(), 0.0).sum(1) / count
    peak = torch.where(keep, x, -10.0).amax(1)
    return torch.cat((mean, spread, change, peak), 1)


def _sinusoids(length: int, width: int) -> Tensor:
    """Sinusoidal positions (length, width), after Vaswani et al. (2017)."""
    scale = torch.exp(-math.log(10_000.0) * torch.arange(0, width, 2) / width)
    angle = torch.arange(length).unsqueeze(1) * scale
    return torch.cat((angle.sin(), angle.cos()), 1)
