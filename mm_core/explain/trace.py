"""Trace: one sample's way through the model, kept so that every explanation starts from the same encoding.

Letters: L tokens, S coalitions, C classes, H heads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mm_core.encoders.tokens import Batch, Tokens
from mm_core.explain.features import feature_owners, neutral_features
from mm_core.explain.records import Coalitions, Units
from mm_core.explain.units import units_of
from mm_core.heads import Logits
from mm_core.labels import MODALITIES, SENTIMENTS
from mm_core.model import TriadModel, require_usable
from mm_core.samples import Sample


@dataclass(frozen=True)
class Target:
    """One class of one task."""

    task: str
    label: str
    index: int

    def score(self, logits: Tensor) -> Tensor:
        """Logits (B, C) to the class's centred logit (B,)."""
        return logits[:, self.index] - logits.mean(1)


@dataclass(frozen=True, eq=False)
class Strand:
    """One present modality of a trace. features (1, ...), tokens (1, L, D) as a function of them in the graph;
    neutral: the features with every unit taken away; owners: the unit of each feature."""

    batch: Batch
    features: Tensor
    tokens: Tokens
    units: Units
    neutral: Tensor
    owners: Tensor


class Trace:
    """A sample, encoded once with the graph from features to answers kept. Gradients are only ever asked for by
    ``torch.autograd.grad``, so the model's parameters gather none."""

    def __init__(self, model: TriadModel, sample: Sample) -> None:
        require_usable(sample)
        self.model = model
        self.sample = sample
        self.strands = {modality: strand(model, sample, modality) for modality in sample.present}

    @property
    def present(self) -> tuple[str, ...]:
        return self.sample.present

    @property
    def tokens(self) -> dict[str, Tokens]:
        """The encoders' tokens, outside the graph."""
        return {m: Tokens(s.tokens.values.detach(), s.tokens.mask) for m, s in self.strands.items()}

    @cached_property
    def answers(self) -> Logits:
        """The answer to everything present, with attention, in the graph."""
        with torch.enable_grad():
            tokens = {m: s.tokens for m, s in self.strands.items()}
            return self.model.logits(tokens, self.presence([self.present]), attention=True)

    def presence(self, coalitions: Any) -> Tensor:
        """Sets of modalities to presence rows (B, 3)."""
        rows = [[m in members for m in MODALITIES] for members in coalitions]
        return torch.tensor(rows, dtype=torch.bool, device=self.model.device)

    def labels(self, task: str) -> tuple[str, ...]:
        return tuple(self.model.config.labels) if task == "emotion" else SENTIMENTS

    def target(self, task: str, label: str) -> Target:
        return Target(task, label, self.labels(task).index(label))

    @torch.no_grad()
    def coalitions(self) -> Coalitions:
        """The answers of all 2^n coalitions, in one pass of fusion and heads over tokens encoded once."""
        count = 2 ** len(self.present)
        subsets = [[p for bit, p in enumerate(self.present) if row >> bit & 1] for row in range(count)]
        presence = self.presence(subsets)
        tokens = {m: Tokens(t.values.expand(count, -1, -1), t.mask.expand(count, -1)) for m, t in self.tokens.items()}
        logits = self.model.logits(tokens, presence)
        given = {"emotion": logits.emotion, "sentiment": logits.sentiment}
        ones = torch.ones(count, 1, dtype=torch.float64, device=self.model.device)
        return Coalitions(
            players=self.present,
            logits={task: as_array(value) for task, value in given.items()},
            temperatures={
                task: 1.0 / self.model.calibration.scale(task, ones, presence)[:, 0].cpu().numpy() for task in given
            },
            labels={task: self.labels(task) for task in given},
        )

    def gradients(self, target: Target) -> dict[str, Tensor]:
        """Gradient of the target's centred logit with respect to each modality's features."""
        logits = getattr(self.answers, target.task)
        features = [s.features for s in self.strands.values()]
        found = torch.autograd.grad(target.score(logits).sum(), features, retain_graph=True)
        return dict(zip(self.strands, found, strict=True))


def strand(model: TriadModel, sample: Sample, modality: str) -> Strand:
    """Encode one modality of a sample, with the graph kept."""
    encoder = model.encoders[modality]
    batch = model.prepare(modality, [sample])
    features: Tensor = encoder.features(batch).detach().requires_grad_()  # type: ignore[operator]
    with torch.enable_grad():
        tokens = encoder(batch, features)
    units = units_of(sample, modality, encoder.spans(batch, 0), getattr(encoder, "grid", None))  # type: ignore[operator]
    start = sample.audio.start if modality == "audio" and sample.audio is not None else 0.0
    with torch.no_grad():
        neutral = neutral_features(modality, encoder, batch, features.detach())
    owners = feature_owners(modality, batch, features, units, start)
    return Strand(batch, features, tokens, units, neutral, owners)


def as_array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().float().cpu().numpy()
