"""Trace: one sample's way through the model, kept so that every explanation starts from the same encoding.

Shapes: L tokens, D width, S coalitions, C classes, U units, V variants.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mm_core.encoders import Batch, Tokens
from mm_core.encoders.removal import Removable
from mm_core.explain.features import feature_mask_of
from mm_core.explain.records import Coalitions, Segments
from mm_core.explain.removal import VARIANTS_AT_ONCE
from mm_core.explain.segments import segments_of
from mm_core.explain.shapley import members
from mm_core.explain.target import Target
from mm_core.heads import Logits
from mm_core.labels import MODALITIES, PAIRS, SENTIMENTS
from mm_core.model import TriadModel
from mm_core.predictors import accepted, require_usable
from mm_core.samples import Sample


@dataclass(frozen=True, eq=False)
class EncodedModality:
    """One present modality of a trace. features (1, ...) require gradients; tokens (1, L, D) are a function of them
    in the graph. baseline: the features with every unit taken away. feature_mask: the unit of each feature,
    -1 for none (see ``feature_mask_of``)."""

    batch: Batch
    features: Tensor
    tokens: Tokens
    units: Segments
    baseline: Tensor
    feature_mask: Tensor

    @property
    def given(self) -> Tokens:
        """The tokens outside the graph."""
        return Tokens(self.tokens.values.detach(), self.tokens.mask)

    @property
    def removable(self) -> Removable:
        """The features outside the graph, and what takes their place."""
        return Removable(self.features.detach(), self.baseline, self.feature_mask)


class Trace:
    """A sample, encoded once, with the graph from features to answers kept.

    Gradients are only asked for by ``torch.autograd.grad``, so the model's parameters gather none. ``reuse``:
    modalities encoded already, which are the same as in another trace of the same model.
    """

    def __init__(self, model: TriadModel, sample: Sample, reuse: Mapping[str, EncodedModality] | None = None) -> None:
        sample = accepted(model, sample)
        require_usable(sample)
        self.model = model
        self.sample = sample
        known = reuse or {}
        self.encoded = {m: known[m] if m in known else encode_modality(model, sample, m) for m in sample.present}
        self._gradients: dict[Target, dict[str, Tensor]] = {}

    @property
    def present(self) -> tuple[str, ...]:
        return self.sample.present

    @cached_property
    def answers(self) -> Logits:
        """The answer (1, C) to everything present, with attention, in the graph."""
        with torch.enable_grad():
            tokens = {m: s.tokens for m, s in self.encoded.items()}
            return self.model.logits(tokens, self.presence([self.present]), attention=True)

    def presence(self, coalitions: Iterable[Iterable[str]]) -> Tensor:
        """Sets of modalities to presence rows (B, 3)."""
        rows = [[m in chosen for m in MODALITIES] for chosen in map(set, coalitions)]
        return torch.tensor(rows, dtype=torch.bool, device=self.model.device)

    @property
    def units(self) -> dict[str, Segments]:
        """What can be taken away from each present modality."""
        return {m: given.units for m, given in self.encoded.items()}

    def labels(self, task: str) -> tuple[str, ...]:
        return tuple(self.model.config.labels) if task == "emotion" else SENTIMENTS

    def target(self, task: str, label: str) -> Target:
        return Target(task, label, self.labels(task).index(label))

    @torch.no_grad()
    def coalitions(self) -> Coalitions:
        """The answers of all 2^n coalitions, in one pass of fusion and heads over tokens encoded once."""
        subsets = [members(self.present, row) for row in range(2 ** len(self.present))]
        presence = self.presence(subsets)
        logits = self.model.logits({m: _times(s.given, len(subsets)) for m, s in self.encoded.items()}, presence)
        pairs = torch.stack([presence[:, [MODALITIES.index(a), MODALITIES.index(b)]].all(1) for a, b in PAIRS], 1)
        agreement = self.model.probabilities(logits, presence).agreement
        return Coalitions(
            players=self.present,
            logits={task: as_array(getattr(logits, task)) for task in ("emotion", "sentiment")},
            temperatures={task: self._temperatures(task, presence) for task in ("emotion", "sentiment")},
            labels={task: self.labels(task) for task in ("emotion", "sentiment")},
            agreement=as_array(torch.where(pairs, agreement, 0.5)),
            unsure_below=dict(self.model.calibration.unsure_below),
            said_outside=dict(self.model.calibration.said_outside),
        )

    def answer(self, modality: str, tokens: Tokens, present: Iterable[str]) -> Logits:
        """Answers (V, C) to variants of one modality's tokens (V, L, D), with the other ``present`` ones as they
        are."""
        count, chosen = len(tokens.values), set(present)
        given = {m: _times(s.given, count) for m, s in self.encoded.items() if m in chosen and m != modality}
        return self.model.logits({**given, modality: tokens}, self.presence([chosen] * count))

    def probability(
        self, target: Target, modality: str, tokens: Tokens, present: Iterable[str]
    ) -> NDArray[np.float32]:
        """The target's calibrated probability (V,) in ``answer``."""
        chosen = set(present)
        logits = self.answer(modality, tokens, chosen)
        answers = self.model.probabilities(logits, self.presence([chosen] * len(tokens.values)))
        return as_array(getattr(answers, target.task)[:, target.index])

    @torch.no_grad()
    def probabilities_without(
        self, modality: str, target: Target, removed: NDArray[np.bool_], settings: Sequence[Sequence[str]]
    ) -> NDArray[np.float32]:
        """See ``RemovalTrace``; the encoder runs once for all settings."""
        tokens = self.encode_without(modality, removed)
        return np.stack([self.probability(target, modality, tokens, given) for given in settings])

    def encode(self, modality: str, features: Tensor) -> Tokens:
        """Run one encoder on variants of its features (V, ...): tokens (V, L, D)."""
        return self.model.encoders[modality](self.encoded[modality].batch.repeat(len(features)), features)

    @torch.no_grad()
    def encode_without(self, modality: str, removed: NDArray[np.bool_]) -> Tokens:
        """Run one encoder on variants without the units that ``removed`` (V, U) marks: tokens (V, L, D)."""
        given = self.encoded[modality]
        marks = torch.from_numpy(removed).to(given.feature_mask.device)
        return self.model.encoders[modality].without(given.batch, given.removable, marks)

    @torch.no_grad()
    def scores_without(self, modality: str, target: Target, removed: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The target's score (V,) without the units that ``removed`` (V, U) marks, other modalities as they are."""
        parts = [
            as_array(target.score(self.answer(modality, self.encode_without(modality, part), self.present)))
            for part in np.split(removed, range(VARIANTS_AT_ONCE, len(removed), VARIANTS_AT_ONCE))
        ]
        return np.concatenate(parts)

    def gradients(self, target: Target) -> dict[str, Tensor]:
        """Gradients of the target's score by each modality's features (1, ...), from one backward pass."""
        if target not in self._gradients:
            found = self.gradients_of(target, [s.features for s in self.encoded.values()])
            self._gradients[target] = dict(zip(self.encoded, found, strict=True))
        return self._gradients[target]

    def gradients_of(self, target: Target, wanted: list[Tensor]) -> list[Tensor]:
        """Gradients of the target's score with respect to tensors in the graph of ``answers``."""
        score = target.score(self.answers).sum()
        return list(torch.autograd.grad(score, wanted, retain_graph=True))

    def _temperatures(self, task: str, presence: Tensor) -> NDArray[np.float64]:
        ones = torch.ones(len(presence), 1, dtype=torch.float64, device=presence.device)
        return 1.0 / self.model.calibration.scale(task, ones, presence)[:, 0].cpu().numpy()


def encode_modality(model: TriadModel, sample: Sample, modality: str) -> EncodedModality:
    """Encode one modality of a sample, with the graph kept."""
    encoder = model.encoders[modality]
    batch = model.prepare(modality, [sample])
    features: Tensor = encoder.features(batch).detach().requires_grad_()
    with torch.enable_grad():
        tokens = encoder(batch, features)
    units = segments_of(getattr(sample, modality), encoder.spans(batch, 0), encoder.grid)
    feature_mask = feature_mask_of(encoder, batch, features, units)
    with torch.no_grad():
        baseline = torch.where(feature_mask >= 0, encoder.baseline(batch, features), features)
    return EncodedModality(batch, features, tokens, units, baseline, feature_mask)


def as_array(tensor: Tensor) -> NDArray[np.float32]:
    """A tensor of any device as float32 array."""
    return tensor.detach().float().cpu().numpy()


def _times(tokens: Tokens, count: int) -> Tokens:
    return Tokens(tokens.values.expand(count, -1, -1), tokens.mask.expand(count, -1))
