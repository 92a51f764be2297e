"""Hub-sized audio encoder: a transformers model that reads the waveform (wav2vec 2.0, HuBERT, WavLM, ...).

Letters: B clips, T samples, L frames, D width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoConfig, AutoFeatureExtractor, AutoModel

from mm_core.encoders.audio import SAMPLE_RATE
from mm_core.encoders.tokens import Span, Tokens
from mm_core.presets.configs import AudioConfig


@dataclass(frozen=True, eq=False)
class WaveformBatch:
    """waveform (B, T) float, normalised and zero-padded; lengths (B,) samples of each clip."""

    waveform: Tensor
    lengths: Tensor

    def to(self, device: torch.device | str) -> WaveformBatch:
        return WaveformBatch(self.waveform.to(device), self.lengths.to(device))


class WaveformEncoder(nn.Module):
    """Waveforms in, one token a frame (20 ms for wav2vec 2.0) out: Tokens (B, L, D)."""

    def __init__(self, config: AudioConfig, extractor: Any, backbone: nn.Module) -> None:
        super().__init__()
        self.config = config
        self.extractor = extractor
        self.backbone = backbone
        self.width: int = backbone.config.hidden_size  # type: ignore[union-attr,assignment]

    @classmethod
    def from_pretrained(cls, config: AudioConfig) -> WaveformEncoder:
        """Load base weights from ``config.tower``: a hub name or a folder in the hub's format."""
        extractor = AutoFeatureExtractor.from_pretrained(config.tower)
        return cls(config, extractor, AutoModel.from_pretrained(config.tower))

    @classmethod
    def from_folder(cls, config: AudioConfig, folder: Path) -> WaveformEncoder:
        """Rebuild the structure that ``save_structure`` wrote; weights are loaded by the caller."""
        extractor = AutoFeatureExtractor.from_pretrained(folder)
        return cls(config, extractor, AutoModel.from_config(AutoConfig.from_pretrained(folder)))

    def save_structure(self, folder: Path) -> None:
        """Write the backbone's and the feature extractor's configuration, without weights."""
        folder.mkdir(parents=True, exist_ok=True)
        self.extractor.save_pretrained(folder)
        self.backbone.config.save_pretrained(folder)  # type: ignore[union-attr,operator]

    def prepare(self, waveforms: Sequence[NDArray[np.float32]]) -> WaveformBatch:
        """Waveforms (T,) float32 at 16 kHz, normalised one by one so that a batch equals its singles."""
        shortest = self._samples_for_one_frame()
        normalised = []
        for waveform in waveforms:
            padded = np.pad(waveform, (0, max(0, shortest - len(waveform))))
            features = self.extractor(padded, sampling_rate=SAMPLE_RATE, return_tensors="np")
            normalised.append(torch.from_numpy(np.asarray(features["input_values"][0], np.float32)))
        lengths = torch.tensor([len(w) for w in normalised])
        return WaveformBatch(nn.utils.rnn.pad_sequence(normalised, batch_first=True), lengths)

    def features(self, batch: WaveformBatch) -> Tensor:
        """The normalised waveform (B, T)."""
        return batch.waveform

    def forward(self, batch: WaveformBatch, features: Tensor | None = None) -> Tokens:
        waveform = batch.waveform if features is None else features
        # Models with group-normalised stems mix padding into every frame, so clips of one length go together.
        rows: list[Tensor] = []
        for row, length in enumerate(batch.lengths.tolist()):
            rows.append(self.backbone(waveform[row : row + 1, :length]).last_hidden_state[0])  # (L, D)
        values = nn.utils.rnn.pad_sequence(rows, batch_first=True)
        counts = torch.tensor([len(r) for r in rows], device=values.device)
        mask = torch.arange(values.shape[1], device=values.device)[None] < counts[:, None]
        return Tokens(values, mask)

    def spans(self, batch: WaveformBatch, index: int) -> list[Span | None]:
        """Seconds of each frame; None for padding."""
        frames = [self._frames(int(length)) for length in batch.lengths.tolist()]
        seconds = float(batch.lengths[index]) / SAMPLE_RATE
        own = frames[index]
        spans: list[Span | None] = [(i * seconds / own, (i + 1) * seconds / own) for i in range(own)]
        return spans + [None] * (max(frames) - own)

    def _frames(self, length: int) -> int:
        for kernel, stride in zip(*self._stem(), strict=True):
            length = (length - kernel) // stride + 1
        return length

    def _samples_for_one_frame(self) -> int:
        length = 1
        for kernel, stride in reversed(list(zip(*self._stem(), strict=True))):
            length = (length - 1) * stride + kernel
        return length

    def _stem(self) -> tuple[Sequence[int], Sequence[int]]:
        config: Any = self.backbone.config
        return config.conv_kernel, config.conv_stride
