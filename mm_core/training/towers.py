"""The first three stages: each encoder learns emotion from its own modality, with a plain head on mean tokens.

The head is for training and comparison only; the shipped model reads the tokens through the fusion.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, recall_score
from torch import Tensor, nn

from mm_core.data.bank import contents
from mm_core.data.tables import Table
from mm_core.encoders.audio import AudioBatch, AudioEncoder
from mm_core.encoders.image import ImageBatch, ImageEncoder
from mm_core.encoders.text import TextBatch, TextEncoder
from mm_core.labels import SENTIMENTS
from mm_core.training import augment
from mm_core.training.distillation import SoftTargets, distillation_loss
from mm_core.training.objectives import (
    mixed,
    mixing,
    multilabel_cross_entropy,
    normalised,
    one_hot_or_zero,
    soft_cross_entropy,
)


class TowerClassifier(nn.Module):
    """An encoder with a linear emotion head, and a sentiment head, on the mean of its tokens."""

    def __init__(self, encoder: nn.Module, classes: int, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.emotion = nn.Linear(encoder.width, classes)  # type: ignore[arg-type]
        self.sentiment = nn.Linear(encoder.width, len(SENTIMENTS))  # type: ignore[arg-type]
        self.multilabel = nn.Linear(encoder.width, classes)  # type: ignore[arg-type]

    def forward(self, batch: Any) -> tuple[Tensor, Tensor, Tensor]:
        """Emotion (B, C), sentiment (B, 3) and multilabel (B, C) logits."""
        pooled = self.dropout(self.encoder(batch).mean().float())
        return self.emotion(pooled), self.sentiment(pooled), self.multilabel(pooled)


class TowerTask(ABC):
    """What the three stages share: rows, targets, shuffled batches, validation by accuracy, F1 and recall."""

    def __init__(
        self,
        module: TowerClassifier,
        train: Table,
        valid: Table,
        *,
        batch_size: int,
        smoothing: float,
        seed: int = 0,
    ) -> None:
        self.module = module
        self.train, self.valid = train, valid
        self.batch_size, self.smoothing, self.seed = batch_size, smoothing, seed
        self._read()

    @abstractmethod
    def _read(self) -> None:
        """Decode the rows once, ahead of the first epoch."""

    def steps(self) -> int:
        return len(self.train) // self.batch_size

    def targets(self, rows: NDArray[np.int64]) -> Tensor:
        return normalised(torch.from_numpy(self.train.targets[rows]))

    def epoch_rows(self, random: np.random.Generator) -> NDArray[np.int64]:
        return random.permutation(len(self.train))

    def batches(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        random = np.random.default_rng((self.seed, epoch))
        rows = self.epoch_rows(random)
        for start in range(0, self.steps() * self.batch_size, self.batch_size):
            yield rows[start : start + self.batch_size]

    @abstractmethod
    def loss(self, module: nn.Module, rows: NDArray[np.int64]) -> Tensor:
        """Scalar loss of these training rows."""

    @abstractmethod
    def logits(self, module: nn.Module, table: Table) -> tuple[Tensor, Tensor]:
        """Emotion (N, C) and sentiment (N, 3) logits of every row."""

    def validate(self, module: nn.Module) -> dict[str, float]:
        emotion, sentiment = self.logits(module, self.valid)
        return scores(emotion.numpy(), self.valid) | _sentiment_score(sentiment.numpy(), self.valid)


def scores(logits: NDArray[np.float32], table: Table) -> dict[str, float]:
    """Accuracy (right if the top label is one of the row's), macro-F1 and UAR over rows with one label."""
    top = logits.argmax(1)
    single = table.targets.sum(1) == 1
    truth = table.targets.argmax(1)
    return {
        "accuracy": float(table.targets[np.arange(len(top)), top].mean()),
        "single_accuracy": float(accuracy_score(truth[single], top[single])),
        "macro_f1": float(f1_score(truth[single], top[single], average="macro", zero_division=0)),
        "uar": float(recall_score(truth[single], top[single], average="macro", zero_division=0)),
    }


def _sentiment_score(logits: NDArray[np.float32], table: Table) -> dict[str, float]:
    known = table.sentiment >= 0
    return {"sentiment_f1": float(f1_score(table.sentiment[known], logits[known].argmax(1), average="macro"))}


@dataclass(frozen=True)
class TextSettings:
    """What the text stage weighs and repeats.

    repeats: how often an epoch shows each row of a source, epoch by epoch (the last number holds on; a source that is
    not named is seen once). emotion_weight, sentiment_weight: the softmax losses beside the multilabel one.
    sentiment_share: a source's part in the sentiment loss, 1 where it is not named. token_dropout: share of word
    pieces masked. distillation: weight of the teachers' answers against the labels, where there are teachers.
    """

    repeats: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    emotion_weight: float = 0.5
    sentiment_weight: float = 0.5
    sentiment_share: Mapping[str, float] = field(default_factory=dict)
    token_dropout: float = 0.08
    distillation: float = 0.6


class TextTask(TowerTask):
    """Emotion and sentiment from word pieces; texts of like length share a batch."""

    def __init__(
        self,
        module: TowerClassifier,
        train: Table,
        valid: Table,
        *,
        batch_size: int,
        smoothing: float,
        seed: int = 0,
        epochs: int = 1,
        settings: TextSettings | None = None,
        soft: SoftTargets | None = None,
    ) -> None:
        self.epochs, self.settings, self.soft = epochs, settings or TextSettings(), soft
        super().__init__(module, train, valid, batch_size=batch_size, smoothing=smoothing, seed=seed)

    def _read(self) -> None:
        encoder: TextEncoder = self.module.encoder  # type: ignore[assignment]
        self.encoder = encoder
        pieces = encoder.tokenizer(list(self.train.content), truncation=True, max_length=encoder.max_pieces)[
            "input_ids"
        ]
        self.pieces = [torch.tensor(p) for p in pieces]
        self.special = torch.tensor(encoder.tokenizer.all_special_ids)
        shares = self.settings.sentiment_share
        self.sentiment_share = torch.tensor([shares.get(str(s), 1.0) for s in self.train.source])[:, None]  # (N, 1)

    def counts(self, epoch: int) -> NDArray[np.int64]:
        """How often each train row is seen in that epoch: (N,)."""
        repeats = {s: r[min(epoch, len(r) - 1)] for s, r in self.settings.repeats.items()}
        return np.array([repeats.get(str(source), 1) for source in self.train.source])

    def steps(self) -> int:
        """The mean over epochs, since a source may be repeated more often in one than in another."""
        rows = sum(int(self.counts(epoch).sum()) for epoch in range(self.epochs))
        return rows // (self.epochs * self.batch_size)

    def batches(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        random = np.random.default_rng((self.seed, epoch))
        rows = random.permutation(np.repeat(np.arange(len(self.train)), self.counts(epoch)))
        lengths = np.array([len(self.pieces[i]) for i in rows])
        pool = 50 * self.batch_size  # sorted within pools: little padding, still shuffled
        chunks = [
            rows[s : s + pool][np.argsort(lengths[s : s + pool], kind="stable")] for s in range(0, len(rows), pool)
        ]
        joined = np.concatenate(chunks)
        batches = [joined[s : s + self.batch_size] for s in range(0, len(joined), self.batch_size)]
        full = [b for b in batches if len(b) == self.batch_size]
        yield from (full[i] for i in random.permutation(len(full)))

    def loss(self, module: nn.Module, rows: NDArray[np.int64]) -> Tensor:
        pad: int = self.encoder.tokenizer.pad_token_id
        ids = nn.utils.rnn.pad_sequence([self.pieces[i] for i in rows], True, pad)
        mask = nn.utils.rnn.pad_sequence([torch.ones(len(self.pieces[i])) for i in rows], True, 0).bool()
        random = torch.Generator().manual_seed(int(rows[0]) * 7919 + self.seed)
        settings = self.settings
        ids = augment.word_pieces(
            ids,
            torch.isin(ids, self.special),
            self.encoder.tokenizer.mask_token_id,
            settings.token_dropout,
            random,
        )
        device = next(module.parameters()).device
        logits = module(TextBatch(ids, mask, [], []).to(device))
        emotion, sentiment, multilabel = logits
        share = self.sentiment_share[rows].to(device)
        signs = one_hot_or_zero(torch.from_numpy(self.train.sentiment[rows]), len(SENTIMENTS)).to(device)
        targets = self.targets(rows).to(device)
        loss = (
            multilabel_cross_entropy(multilabel, targets)
            + settings.emotion_weight * soft_cross_entropy(emotion, targets, self.smoothing)
            + settings.sentiment_weight * soft_cross_entropy(sentiment, signs * share, self.smoothing)
        )
        if self.soft is None:
            return loss
        taught = distillation_loss(
            logits, self.soft.take(rows).to(device), settings.emotion_weight, settings.sentiment_weight, share
        )
        return torch.lerp(loss, taught, settings.distillation)

    def logits(self, module: nn.Module, table: Table) -> tuple[Tensor, Tensor]:
        emotion, sentiment, _ = self.answers(module, table)
        return emotion, sentiment

    def answers(self, module: nn.Module, table: Table) -> tuple[Tensor, Tensor, Tensor]:
        """Emotion (N, C), sentiment (N, 3) and multilabel (N, C) logits of every row."""
        device = next(module.parameters()).device
        order = np.argsort([len(text) for text in table.content], kind="stable")
        out = [
            module(self.encoder.prepare([table.content[i] for i in order[s : s + 64]]).to(device))
            for s in range(0, len(order), 64)
        ]
        back = torch.from_numpy(np.argsort(order))
        emotion, sentiment, multilabel = (torch.cat(parts).cpu()[back] for parts in zip(*out, strict=True))
        return emotion, sentiment, multilabel


class ImageTask(TowerTask):
    """Emotion from face crops. Each epoch sees a fresh part of the classes that one source is full of."""

    mixup_alpha = 0.2
    crowded_share = 0.4
    """muxspace is nine tenths joy and neutral; this share of those rows is enough an epoch."""

    def _read(self) -> None:
        encoder: ImageEncoder = self.module.encoder  # type: ignore[assignment]
        self.encoder = encoder
        self.pixels = self._resized(self.train)
        self.valid_pixels = self._resized(self.valid)
        counts = self.train.targets.sum(0)
        crowded = np.isin(self.train.targets.argmax(1), np.argsort(counts)[-2:])
        self.skippable = crowded & (self.train.source == "muxspace")

    def _resized(self, table: Table) -> NDArray[np.uint8]:
        return np.stack([self.encoder.resize(face) for face in contents(table)])

    def steps(self) -> int:
        kept = len(self.train) - int(self.skippable.sum() * (1 - self.crowded_share))
        return kept // self.batch_size

    def epoch_rows(self, random: np.random.Generator) -> NDArray[np.int64]:
        kept = ~self.skippable | (random.random(len(self.train)) < self.crowded_share)
        return random.permutation(np.resize(np.flatnonzero(kept), self.steps() * self.batch_size))

    def loss(self, module: nn.Module, rows: NDArray[np.int64]) -> Tensor:
        random = torch.Generator().manual_seed(int(rows[0]) * 7919 + int(rows[1]) + self.seed)
        pixels = augment.faces(self.encoder.normalise(self.pixels[rows]), random)
        mix = mixing(len(rows), self.mixup_alpha, random)
        pixels, targets = mixed(pixels, *mix), mixed(self.targets(rows), *mix)
        device = next(module.parameters()).device
        emotion, *_ = module(ImageBatch(pixels.to(device, memory_format=torch.channels_last)))
        return soft_cross_entropy(emotion, targets.to(device), self.smoothing)

    def logits(self, module: nn.Module, table: Table) -> tuple[Tensor, Tensor]:
        pixels = self.valid_pixels if table is self.valid else self._resized(table)
        device = next(module.parameters()).device
        out = []
        for start in range(0, len(pixels), 256):
            straight = self.encoder.normalise(pixels[start : start + 256]).to(device)
            out.append(module(ImageBatch(straight)))
        return torch.cat([o[0] for o in out]).cpu(), torch.cat([o[1] for o in out]).cpu()


class AudioTask(TowerTask):
    """Emotion from voices: speed, noise, masks of time and band, mixup; one window a clip."""

    mixup_alpha = 0.3

    def _read(self) -> None:
        encoder: AudioEncoder = self.module.encoder  # type: ignore[assignment]
        self.encoder = encoder
        self.waves = contents(self.train)
        mels = [self._mel(wave) for wave in self.waves]
        encoder.measure_bands(mels)
        self.valid_mels = [self._mel(wave) for wave in contents(self.valid)]

    def _mel(self, waveform: NDArray[np.float32]) -> Tensor:
        with torch.no_grad():
            return self.encoder.log_mel(torch.from_numpy(waveform).to(self.encoder.log_mel.window.device))

    def loss(self, module: nn.Module, rows: NDArray[np.int64]) -> Tensor:
        draws = np.random.default_rng((int(rows[0]), int(rows[1]), self.seed))
        floor = self.encoder.band_mean.cpu() - self.encoder.band_std.cpu()
        mels = []
        for row in rows:
            spectrum = self._mel(augment.voice(self.waves[row], draws)).cpu()
            spare = spectrum.shape[0] - self.encoder.max_frames
            start = int(draws.integers(0, spare + 1)) if spare > 0 else 0
            mels.append(augment.mel(spectrum[start : start + self.encoder.max_frames].clone(), floor, draws))
        batch = self.encoder.stack(mels)
        random = torch.Generator().manual_seed(int(draws.integers(2**31)))
        targets = self.targets(rows)
        if draws.random() < 0.5:
            weight, order = mixing(len(rows), self.mixup_alpha, random)
            # A mixed clip is as long as the longer of the two; the shorter one goes on in the noise floor.
            filled = torch.where(batch.mask.unsqueeze(-1), batch.mel, floor)
            joined = batch.mask | batch.mask[order]
            batch = AudioBatch(mixed(filled, weight, order), joined, batch.starts, batch.hop_seconds)
            targets = mixed(targets, weight, order)
        device = next(module.parameters()).device
        emotion, *_ = module(batch.to(device))
        return soft_cross_entropy(emotion, targets.to(device), self.smoothing)

    def logits(self, module: nn.Module, table: Table) -> tuple[Tensor, Tensor]:
        mels = self.valid_mels if table is self.valid else [self._mel(w) for w in contents(table)]
        device = next(module.parameters()).device
        out = [module(self.encoder.stack(mels[s : s + 32]).to(device)) for s in range(0, len(mels), 32)]
        return torch.cat([o[0] for o in out]).cpu(), torch.cat([o[1] for o in out]).cpu()
