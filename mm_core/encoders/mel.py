"""The mel audio encoder: log-mel windows, a mask-aware convolutional stem and a small transformer.

Shapes: B clips, W windows a clip, T mel frames a window, F mel bands, L tokens a clip, D width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers.audio_utils import mel_filter_bank

from mm_core.encoders.augment import excerpt, mel, mixed, voice
from mm_core.encoders.base import Batch, Encoder, TowerConfig
from mm_core.encoders.checks import require
from mm_core.encoders.clips import equal_windows, levelled, noise_floor, stack_windows
from mm_core.encoders.tokens import Span, Tokens
from mm_core.samples.limits import SAMPLE_RATE

FRAMES_PER_TOKEN: Final = 8
"""Three poolings by two along time."""

_POOLING: Final = ((2, 2), (2, 2), (2, 2), (1, 2))
"""Pooling of (frames, bands) in each of the four convolutional blocks."""


@dataclass(frozen=True)
class MelConfig(TowerConfig):
    """Our mel tower. mel_bands; fft and hop in samples at 16 kHz. window_seconds: the clip is cut into equal windows
    no longer than this, each read on its own. statistics: one more token a window, of its bands' statistics."""

    mel_bands: int = 64
    fft: int = 512
    hop: int = 256
    window_seconds: float = 3.0
    channels: tuple[int, ...] = (24, 48, 96, 128)
    width: int = 160
    layers: int = 2
    heads: int = 4
    dropout: float = 0.2
    statistics: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(self.channels))
        require(self.width % self.heads == 0, f"width {self.width} must be a multiple of heads {self.heads}")
        require(0.5 <= self.window_seconds <= 30, "window_seconds must lie in 0.5..30")


@dataclass(frozen=True, eq=False)
class MelBatch(Batch):
    """mel (B, W, T, F) float, zero where masked; mask (B, W, T) bool; starts (B, W): first frame of each window
    in its clip; hop_seconds: seconds a frame."""

    mel: Tensor
    mask: Tensor
    starts: Tensor
    hop_seconds: float


class LogMel(nn.Module):
    """Waveform (T,) float32 at 16 kHz to a log-mel spectrogram (frames, F), in units of natural log."""

    filters: Tensor  # (bins, F)
    window: Tensor  # (fft,)

    def __init__(self, config: MelConfig) -> None:
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
        spectrum = torch.stft(
            levelled(waveform),
            self.fft,
            self.hop,
            window=self.window,
            center=True,
            pad_mode="constant",
            return_complex=True,
        )
        power = spectrum.abs().square().transpose(0, 1)  # (frames, bins)
        return torch.log((power @ self.filters).clamp(min=1e-6))


class MelEncoder(Encoder[MelConfig, MelBatch]):
    """Waveforms in, a statistics token and one token for every eight frames of each window out: (B, L, D)."""

    modality = "audio"
    kind = "mel"
    config_type = MelConfig

    band_mean: Tensor  # (F,)
    band_std: Tensor  # (F,)
    positions: Tensor  # (L, D)

    def __init__(self, config: MelConfig) -> None:
        super().__init__()
        self.config = config
        self.width = config.width
        self.log_mel = LogMel(config)
        # Whole tokens only, so that a window's last token never mixes with padding.
        frames = config.window_seconds * SAMPLE_RATE / config.hop
        self.max_frames = math.floor(frames / FRAMES_PER_TOKEN) * FRAMES_PER_TOKEN
        # Level of each band over the training clips, set once before training (`adapt`).
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

    @classmethod
    def from_pretrained(cls, config: MelConfig) -> Self:
        return cls(config)

    @classmethod
    def from_folder(cls, config: MelConfig, folder: Path) -> Self:
        return cls(config)

    def save_structure(self, folder: Path) -> None:
        """Nothing to write: the model's configuration says it all."""

    def prepare(self, inputs: Sequence[NDArray[np.float32]]) -> MelBatch:
        """Waveforms (T,) float32 at 16 kHz, cut into equal windows of at most ``window_seconds``."""
        return self.stack([self._log_mel(waveform) for waveform in inputs])

    def _log_mel(self, waveform: NDArray[np.float32]) -> Tensor:
        """(frames, F)"""
        with torch.no_grad():
            return self.log_mel(torch.from_numpy(np.ascontiguousarray(waveform)).to(self.log_mel.window.device))

    def stack(self, mels: Sequence[Tensor]) -> MelBatch:
        """Log-mel spectrograms (frames, F) of several clips to one padded batch of windows."""
        mel, mask, starts = stack_windows(mels, self.max_frames, FRAMES_PER_TOKEN)
        return MelBatch(mel, mask, starts, self.config.hop / SAMPLE_RATE)

    def features(self, batch: MelBatch) -> Tensor:
        """The log-mel windows (B, W, T, F)."""
        return batch.mel

    def forward(self, batch: MelBatch, features: Tensor | None = None) -> Tokens:
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

    def spans(self, batch: MelBatch, index: int) -> list[Span | None]:
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

    def feature_mask(self, batch: MelBatch, features: Tensor) -> Tensor:
        """The token that pools each frame, none for padding: (W, T, 1)."""
        windows, frames = batch.mask.shape[1:]
        extra = int(self.config.statistics)
        place = torch.arange(frames, device=features.device) // FRAMES_PER_TOKEN + extra  # (T,)
        first = torch.arange(windows, device=features.device)[:, None] * (frames // FRAMES_PER_TOKEN + extra)
        return torch.where(batch.mask[0], first + place, -1).unsqueeze(-1)

    def baseline(self, batch: MelBatch, features: Tensor) -> Tensor:
        """The clip's own noise floor in each band."""
        return noise_floor(features[0], batch.mask[0]).expand_as(features)

    def adapt(self, inputs: Sequence[NDArray[np.float32]]) -> None:
        """Measure mean and deviation of each band over these clips."""
        frames = torch.cat([self._log_mel(waveform) for waveform in inputs])
        self.band_mean.copy_(frames.mean(0))
        self.band_std.copy_(frames.std(0))

    def augmented(
        self, inputs: Sequence[NDArray[np.float32]], random: np.random.Generator, *, crop: bool = False
    ) -> MelBatch:
        """Other speed, noise, masks of time and band; ``crop`` leaves one window a clip."""
        floor = self._floor()
        mels = []
        for waveform in inputs:
            spectrum = self._log_mel(voice(waveform, random)).cpu()
            if crop:
                spectrum = spectrum[excerpt(len(spectrum), self.max_frames, random)]
            changed = [
                mel(spectrum[start : start + size].clone(), floor, random)
                for start, size in equal_windows(len(spectrum), self.max_frames)
            ]
            mels.append(torch.cat(changed))
        return self.stack(mels)

    def mixed(self, batch: MelBatch, weight: float, order: Tensor) -> MelBatch:
        """A mixed clip is as long as the longer of the two; the shorter one goes on in the noise floor."""
        filled = torch.where(batch.mask.unsqueeze(-1), batch.mel, self._floor())
        joined = batch.mask | batch.mask[order]
        return MelBatch(mixed(filled, weight, order), joined, batch.starts, batch.hop_seconds)

    def _floor(self) -> Tensor:
        """A quiet level of each band over the train clips, (F,), on the CPU."""
        return (self.band_mean - self.band_std).cpu()


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
