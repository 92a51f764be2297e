"""The first three stages: each encoder learns emotion from its own modality, with a plain head on mean tokens.

The head is for training and comparison only; the shipped model reads the tokens through the fusion. What differs from
tower to tower (what is kept of an input, augmentation, mixing) is asked of the encoder; what differs from data to
data stands in the recipe.

Shapes: N rows, B rows of a batch, C classes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, recall_score
from torch import Tensor, nn

from mm_core.datasets.bank import contents
from mm_core.datasets.tables import Table
from mm_core.encoders import Encoder
from mm_core.encoders.augment import mixed
from mm_core.encoders.base import Condensed, TowerConfig
from mm_core.labels import SENTIMENTS
from mm_core.training.distillation import Shares, SoftTargets, distillation_loss
from mm_core.training.loop import Schedule
from mm_core.training.objectives import (
    mixing,
    multilabel_cross_entropy,
    one_hot_or_zero,
    soft_cross_entropy,
)

_POOL: Final = 50
"""Batches whose rows are sorted by length among themselves: little padding, still shuffled."""

_AT_ONCE: Final = 64
"""Rows that are read at once outside of training."""

Heads3 = tuple[Tensor, Tensor, Tensor]
"""Emotion (B, C), sentiment (B, 3) and multilabel (B, C) logits."""


@dataclass(frozen=True)
class TowerTeacher:
    """A tower that only teaches. shares: see ``distillation.Shares``. tower: its own configuration, where it is
    another than the student's; then it learns from the corpora in its own languages."""

    name: str
    recipe: TowerRecipe
    shares: Shares
    tower: TowerConfig | None = None


@dataclass(frozen=True)
class TowerRecipe:
    """How a tower is trained.

    batch_size: rows a step. smoothing: label smoothing of emotion and sentiment. dropout: before the stage's own
    head. mixup: alpha of the Beta that rows are mixed by, 0 for none; mixed_share: of steps. like_length: rows of
    like length share a batch. repeats: how often an epoch shows each row of a source, epoch by epoch (the last number
    holds on; a source that is not named is seen once). thinned: for a source that is full of the two commonest
    classes, the share of those rows that an epoch shows, others each time. emotion_weight, multilabel_weight,
    sentiment_weight: of the softmax losses and the loss of each label on its own. sentiment_share: a source's part in
    the sentiment loss, 1 where it is not named. teachers: trained first; distillation: weight of their answers
    against the labels. readings: where the tower's backbone rests, how many augmented readings of each row it makes
    once (see ``condensed``); there, reference_share: of rows that are judged beside the same speaker's neutral ones,
    and drawn: how much more or less often than by its size a source is drawn, 1 where it is not named.
    """

    schedule: Schedule
    batch_size: int
    smoothing: float = 0.0
    dropout: float = 0.1
    mixup: float = 0.0
    mixed_share: float = 1.0
    like_length: bool = False
    repeats: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    thinned: Mapping[str, float] = field(default_factory=dict)
    emotion_weight: float = 1.0
    multilabel_weight: float = 0.0
    sentiment_weight: float = 0.0
    sentiment_share: Mapping[str, float] = field(default_factory=dict)
    teachers: tuple[TowerTeacher, ...] = ()
    distillation: float = 0.6
    readings: int = 0
    reference_share: float = 0.0
    drawn: Mapping[str, float] = field(default_factory=dict)


class TowerClassifier(nn.Module):
    """An encoder with linear heads on its mean token: emotion, sentiment, each label on its own."""

    def __init__(self, encoder: Encoder, classes: int, dropout: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.emotion = nn.Linear(encoder.width, classes)
        self.sentiment = nn.Linear(encoder.width, len(SENTIMENTS))
        self.multilabel = nn.Linear(encoder.width, classes)

    def forward(self, batch: Any) -> Heads3:
        """Emotion (B, C), sentiment (B, 3) and multilabel (B, C) logits of a batch of inputs or of condensed ones."""
        tokens = self.encoder.from_condensed(batch) if isinstance(batch, Condensed) else self.encoder(batch)
        pooled = self.dropout(tokens.mean().float())
        return self.emotion(pooled), self.sentiment(pooled), self.multilabel(pooled)


class TowerTask:
    """One tower's stage as a task of the loop: rows shuffled into batches, validation by accuracy, F1 and recall.

    soft: what teachers say about the train rows.
    """

    def __init__(
        self,
        module: TowerClassifier,
        train: Table,
        valid: Table,
        recipe: TowerRecipe,
        soft: SoftTargets | None = None,
    ) -> None:
        self.module, self.recipe, self.soft = module, recipe, soft
        self.train, self.valid, self.seed = train, valid, recipe.schedule.seed
        self.inputs = self._kept(train)
        self.valid_inputs = self._kept(valid)
        shares = recipe.sentiment_share
        self.sentiment_share = torch.tensor([shares.get(str(s), 1.0) for s in train.source])[:, None]  # (N, 1)
        commonest = np.argsort(train.targets.sum(0))[-2:]
        crowded = np.isin(train.targets.argmax(1), commonest)
        thinned = np.array([recipe.thinned.get(str(s), 1.0) for s in train.source])
        self.shown_share = np.where(crowded, thinned, 1.0)  # (N,)

    def counts(self, epoch: int) -> NDArray[np.int64]:
        """How often each train row may be seen in that epoch: (N,)."""
        repeats = {s: r[min(epoch, len(r) - 1)] for s, r in self.recipe.repeats.items()}
        return np.array([repeats.get(str(source), 1) for source in self.train.source])

    def steps(self) -> int:
        """The mean over epochs, since a source may be repeated more often in one than in another."""
        epochs = self.recipe.schedule.epochs
        rows = sum(int((self.counts(epoch) * self.shown_share).sum()) for epoch in range(epochs))
        return rows // (epochs * self.recipe.batch_size)

    def batches(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        """Row numbers of each full batch; what is left over waits for another epoch."""
        random = np.random.default_rng((self.seed, epoch))
        shown = random.random(len(self.train)) < self.shown_share
        rows = random.permutation(np.repeat(np.flatnonzero(shown), self.counts(epoch)[shown]))
        size = self.recipe.batch_size
        if not self.recipe.like_length:
            yield from (rows[start : start + size] for start in range(0, len(rows) - size + 1, size))
            return
        lengths = np.array([len(self.inputs[i]) for i in rows])
        pools = np.split(np.arange(len(rows)), range(_POOL * size, len(rows), _POOL * size))
        joined = rows[np.concatenate([pool[np.argsort(lengths[pool], kind="stable")] for pool in pools])]
        full = [joined[start : start + size] for start in range(0, len(joined) - size + 1, size)]
        yield from (full[i] for i in random.permutation(len(full)))

    def loss(self, module: nn.Module, rows: NDArray[np.int64]) -> Tensor:
        """Scalar loss of these train rows, augmented."""
        recipe, device = self.recipe, next(module.parameters()).device
        random = np.random.default_rng((int(rows[0]), int(rows[-1]), self.seed))
        batch = self.module.encoder.augmented([self.inputs[i] for i in rows], random, crop=True)
        targets = torch.from_numpy(self.train.shares[rows])
        signs = one_hot_or_zero(torch.from_numpy(self.train.sentiment[rows]), len(SENTIMENTS))
        if recipe.mixup and random.random() < recipe.mixed_share:
            mix = mixing(len(rows), recipe.mixup, random)
            batch = self.module.encoder.mixed(batch, *mix)
            targets, signs = mixed(targets, *mix), mixed(signs, *mix)
        logits: Heads3 = module(batch.to(device))
        emotion, sentiment, multilabel = logits
        share = self.sentiment_share[rows].to(device)
        targets, signs = targets.to(device), signs.to(device)
        loss = (
            recipe.multilabel_weight * multilabel_cross_entropy(multilabel, targets)
            + recipe.emotion_weight * soft_cross_entropy(emotion, targets, recipe.smoothing)
            + recipe.sentiment_weight * soft_cross_entropy(sentiment, signs * share, recipe.smoothing)
        )
        if self.soft is None:
            return loss
        soft = self.soft.take(rows).to(device)
        taught = distillation_loss(logits, soft, recipe.emotion_weight, recipe.sentiment_weight, share)
        return torch.lerp(loss, taught, recipe.distillation)

    def validate(self, module: nn.Module) -> dict[str, float]:
        emotion, sentiment, _ = _answers(self.module.encoder, module, self.valid_inputs)
        return scores(emotion.numpy(), self.valid) | _sentiment_score(sentiment.numpy(), self.valid)

    def _kept(self, table: Table) -> list[Any]:
        return [self.module.encoder.keep(given) for given in contents(table)]


@torch.inference_mode()
def tower_answers(classifier: TowerClassifier, table: Table) -> Heads3:
    """Emotion (N, C), sentiment (N, 3) and multilabel (N, C) logits of every row, on the CPU."""
    return _answers(classifier.encoder, classifier.eval(), contents(table))


def _answers(encoder: Encoder, module: nn.Module, inputs: Sequence[Any]) -> Heads3:
    device = next(module.parameters()).device
    order = np.argsort([len(given) for given in inputs], kind="stable")
    out = []
    for rows in np.split(order, range(_AT_ONCE, len(order), _AT_ONCE)):
        out.append(module(encoder.prepare([inputs[i] for i in rows]).to(device)))
    back = torch.from_numpy(np.argsort(order))
    emotion, sentiment, multilabel = (torch.cat(parts).cpu()[back] for parts in zip(*out, strict=True))
    return emotion, sentiment, multilabel


def scores(logits: NDArray[np.float32], table: Table) -> dict[str, float]:
    """Accuracy (right if the top label is one of the row's), macro-F1 and UAR over rows with one label."""
    top = logits.argmax(1)
    known, single = table.targets.sum(1) > 0, table.targets.sum(1) == 1
    truth = table.targets.argmax(1)
    return {
        "accuracy": float(table.targets[np.arange(len(top)), top][known].mean()),
        "single_accuracy": float(accuracy_score(truth[single], top[single])),
        "macro_f1": float(f1_score(truth[single], top[single], average="macro", zero_division=0)),
        "uar": float(recall_score(truth[single], top[single], average="macro", zero_division=0)),
    }


def _sentiment_score(logits: NDArray[np.float32], table: Table) -> dict[str, float]:
    known = table.sentiment >= 0
    return {"sentiment_f1": float(f1_score(table.sentiment[known], logits[known].argmax(1), average="macro"))}
