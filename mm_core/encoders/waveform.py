"""Audio encoder of hub size: a transformers model that reads the waveform (wav2vec 2.0, HuBERT, WavLM, ...).

Shapes: B clips, T samples, L frames, D width.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoConfig, AutoFeatureExtractor, AutoModel, PreTrainedModel

from mm_core.encoders.augment import excerpt, mixed, voice
from mm_core.encoders.base import Batch, Encoder, TowerConfig
from mm_core.encoders.checks import require
from mm_core.encoders.tokens import Span, Tokens
from mm_core.samples.limits import SAMPLE_RATE


@dataclass(frozen=True)
class WaveformConfig(TowerConfig):
    """A transformers audio model. source: hub name or folder of the base weights. crop_seconds: as much of a longer
    clip is read at once in training."""

    source: str = "facebook/wav2vec2-base"
    crop_seconds: float = 3.0

    def __post_init__(self) -> None:
        require(0.5 <= self.crop_seconds <= 30, "crop_seconds must lie in 0.5..30")

    def based_on(self, source: str) -> Self:
        return dataclasses.replace(self, source=source)


@dataclass(frozen=True, eq=False)
class WaveformBatch(Batch):
    """waveform (B, T) float, normalised and zero-padded; lengths (B,) samples of each clip."""

    waveform: Tensor
    lengths: Tensor


class WaveformEncoder(Encoder[WaveformConfig, WaveformBatch]):
    """Waveforms in, one token a frame (20 ms for wav2vec 2.0) out: Tokens (B, L, D)."""

    modality = "audio"
    kind = "waveform"
    config_type = WaveformConfig

    def __init__(self, config: WaveformConfig, extractor: Any, backbone: PreTrainedModel) -> None:
        super().__init__()
        self.config = config
        self.extractor = extractor
        self.backbone = backbone
        self.width = backbone.config.hidden_size

    @classmethod
    def from_pretrained(cls, config: WaveformConfig) -> Self:
        """Load base weights from ``config.source``: a hub name or a folder in the hub's format."""
        extractor = AutoFeatureExtractor.from_pretrained(config.source)
        return cls(config, extractor, AutoModel.from_pretrained(config.source, dtype=torch.float32))

    @classmethod
    def from_folder(cls, config: WaveformConfig, folder: Path) -> Self:
        extractor = AutoFeatureExtractor.from_pretrained(folder)
        return cls(config, extractor, AutoModel.from_config(AutoConfig.from_pretrained(folder)))

    def save_structure(self, folder: Path) -> None:
        """Write the backbone's and the feature extractor's configuration, without weights."""
        folder.mkdir(parents=True, exist_ok=True)
        self.extractor.save_pretrained(folder)
        self.backbone.config.save_pretrained(folder)

    def prepare(self, inputs: Sequence[NDArray[np.float32]]) -> WaveformBatch:
        """Waveforms (T,) float32 at 16 kHz, normalised one by one so that a batch equals its singles."""
        shortest = self._samples_for_one_frame()
        normalised = []
        for waveform in inputs:
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

    def feature_mask(self, batch: WaveformBatch, features: Tensor) -> Tensor:
        """The frame that each sample lies in: (T,)."""
        length = int(batch.lengths[0])
        place = (torch.arange(features.shape[1], dtype=torch.float64) + 0.5) / length  # 0..1
        return (place * self._frames(length)).long().to(features.device)

    def baseline(self, batch: WaveformBatch, features: Tensor) -> Tensor:
        """Silence."""
        return torch.zeros_like(features)

    def augmented(
        self, inputs: Sequence[NDArray[np.float32]], random: np.random.Generator, *, crop: bool = False
    ) -> WaveformBatch:
        """Other speed and noise; ``crop`` cuts to ``crop_seconds``."""
        changed = [voice(waveform, random) for waveform in inputs]
        if crop:
            longest = round(self.config.crop_seconds * SAMPLE_RATE)
            changed = [waveform[excerpt(len(waveform), longest, random)] for waveform in changed]
        return self.prepare(changed)

    def mixed(self, batch: WaveformBatch, weight: float, order: Tensor) -> WaveformBatch:
        """The sum of both; a mixed clip is as long as the longer of the two."""
        lengths = torch.maximum(batch.lengths, batch.lengths[order])
        return WaveformBatch(mixed(batch.waveform, weight, order), lengths)

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
        return self.backbone.config.conv_kernel, self.backbone.config.conv_stride
