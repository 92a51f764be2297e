"""TriadModel: encoders -> fusion -> heads, and the walk from Samples to Predictions.

Shapes: B samples, L tokens, D width.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import torch
from torch import Tensor, nn

from mm_core import fusion
from mm_core.calibration import TASKS, Calibration
from mm_core.encoders import Batch, Encoder, Encoders, Tokens
from mm_core.familiarity import Familiarity
from mm_core.fusion import Fused
from mm_core.heads import Heads, Logits
from mm_core.labels import MODALITIES, PAIRS, SENTIMENTS, pair_name
from mm_core.locale import say
from mm_core.prediction import Answer, Prediction, verdict
from mm_core.predictors import TaskLogits, accepted, require_usable
from mm_core.presets import ModelConfig
from mm_core.samples import Notice, Sample

UNFAMILIAR: Final = "unfamiliar"
"""The notice's code of an input that is like nothing learned from."""

ROWS_AT_ONCE: Final = 64
"""Sets of modalities that go through the fusion at once; bounds memory."""


@dataclass(frozen=True, eq=False)
class Encoded:
    """Samples after the encoders. tokens: for each modality that any sample has, (B, L, D) with absent rows
    masked; presence: (B, 3) bool; batches: what the encoders were given, rows of present samples only."""

    tokens: dict[str, Tokens]
    presence: Tensor
    batches: dict[str, Batch]


@dataclass(frozen=True, eq=False)
class Probabilities:
    """Calibrated: emotion (B, C) and sentiment (B, 3) sum to 1 a row; agreement (B, 3) each in [0, 1]."""

    emotion: Tensor
    sentiment: Tensor
    agreement: Tensor


class TriadModel(nn.Module):
    """The shared model. Encoders may run in lower precision on a GPU; fusion and heads always run in float32."""

    def __init__(self, config: ModelConfig, encoders: Mapping[str, Encoder]) -> None:
        super().__init__()
        self.config = config
        self.encoders = Encoders({m: encoders[m] for m in MODALITIES})
        widths = {m: encoders[m].width for m in MODALITIES}
        self.fusion = fusion.build(widths, config.fusion)
        compared = len(config.agreement_labels or config.labels)
        self.heads = Heads(widths, config.fusion.width, len(config.labels), compared, config.agreement)
        self.familiarity = Familiarity(widths)
        self.calibration = Calibration()
        self.hash = "unsaved"
        self.custom_scores: dict[str, Any] = {}

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def labels(self) -> tuple[str, ...]:
        return self.config.labels

    @property
    def tasks(self) -> tuple[str, ...]:
        return TASKS

    @property
    def languages(self) -> tuple[str, ...]:
        return self.config.languages

    @property
    def device(self) -> torch.device:
        return self.heads.emotion.weight.device

    @property
    def reads_reference(self) -> bool:
        """Whether a tower judges relative to how the same person normally is."""
        return any(self.encoders[modality].reads_reference for modality in MODALITIES)

    @property
    def learned_modalities(self) -> tuple[str, ...]:
        return self.config.learned_modalities

    @property
    def tested(self) -> Mapping[str, Any]:
        """What fine-tuning measured on held-out cases of its own labels; see ``training.custom_report``."""
        return self.custom_scores

    def encode(self, samples: Sequence[Sample]) -> Encoded:
        """Run each encoder once over the samples that have its modality."""
        present = [[m in sample.present for m in MODALITIES] for sample in samples]
        presence = torch.tensor(present, dtype=torch.bool).reshape(-1, len(MODALITIES)).to(self.device)
        tokens: dict[str, Tokens] = {}
        batches: dict[str, Batch] = {}
        for column, modality in enumerate(MODALITIES):
            rows = [i for i, flags in enumerate(present) if flags[column]]
            if not rows:
                continue
            batch = self.prepare(modality, [samples[i] for i in rows])
            batches[modality] = batch
            tokens[modality] = scatter_rows(self.encoders[modality](batch), rows, len(samples))
        return Encoded(tokens, presence, batches)

    def prepare(self, modality: str, samples: Sequence[Sample]) -> Batch:
        """One modality of these samples, which must all have it, as the encoder's batch on the model's device."""
        batch: Batch = self.encoders[modality].prepare(
            [accepted(self, sample).content(modality) for sample in samples]
        )
        return batch.to(self.device)

    def fuse(self, tokens: Mapping[str, Tokens], presence: Tensor, attention: bool = False) -> Fused:
        """Fuse tokens; a modality that ``presence`` (B, 3) marks absent is replaced by its learned token."""
        with torch.autocast(self.device.type, enabled=False):
            return self.fusion(tokens, presence, attention)

    def logits(self, tokens: Mapping[str, Tokens], presence: Tensor, attention: bool = False) -> Logits:
        """Uncalibrated answers of all heads, less sure of classes where a case is like nothing learned from."""
        fused = self.fuse(tokens, presence, attention)
        with torch.autocast(self.device.type, enabled=False):
            answers = self.heads(fused, tokens)
            damping = self.familiarity.damping(tokens, presence)
        return replace(answers, emotion=answers.emotion / damping, sentiment=answers.sentiment / damping)

    def probabilities(self, logits: Logits, presence: Tensor) -> Probabilities:
        """Calibrated answers, with each row's temperatures."""
        scale = self.calibration.scale
        return Probabilities(
            emotion=scale("emotion", logits.emotion, presence).softmax(1),
            sentiment=scale("sentiment", logits.sentiment, presence).softmax(1),
            agreement=scale("agreement", logits.agreement, presence).sigmoid(),
        )

    @torch.inference_mode()
    def predict_logits(self, samples: Sequence[Sample]) -> TaskLogits:
        """Uncalibrated answers of all tasks; see ``Predictor``."""
        encoded = self.encode(samples)
        return task_logits(self.logits(encoded.tokens, encoded.presence))

    @torch.inference_mode()
    def subset_logits(
        self, samples: Sequence[Sample], rows: Sequence[tuple[int, tuple[str, ...]]]
    ) -> tuple[TaskLogits, list[Sample]]:
        """Uncalibrated answers (R, C) to sets of modalities, each row a sample's index and the modalities of it that
        count; and the samples with what their encoders note. Every sample is encoded once, however many rows ask."""
        encoded = self.encode(samples)
        asked = [[m in subset for m in MODALITIES] for _, subset in rows]
        presence = torch.tensor(asked, dtype=torch.bool).reshape(-1, len(MODALITIES)).to(self.device)
        index = torch.tensor([sample for sample, _ in rows], device=self.device)
        parts = []
        for part in range(0, len(rows), ROWS_AT_ONCE):
            chosen = index[part : part + ROWS_AT_ONCE]
            tokens = {m: Tokens(t.values[chosen], t.mask[chosen]) for m, t in encoded.tokens.items()}
            parts.append(task_logits(self.logits(tokens, presence[part : part + ROWS_AT_ONCE])))
        return parts[0].joined(*parts[1:]), self.noted(samples, encoded)

    def predict(self, sample: Sample) -> Prediction:
        """Answer one sample; InvalidInput where none of its modalities can be used."""
        return self.predict_batch([sample])[0]

    @torch.inference_mode()
    def predict_batch(self, samples: Sequence[Sample]) -> list[Prediction]:
        """Answer several samples at once; each answer is the one it would get alone (to 1e-4 in float32)."""
        if not samples:
            return []
        started = time.perf_counter()
        samples = [accepted(self, sample) for sample in samples]
        for sample in samples:
            require_usable(sample)
        encoded = self.encode(samples)
        logits = self.logits(encoded.tokens, encoded.presence)
        answers = self.probabilities(logits, encoded.presence)
        samples = self.noted(samples, encoded)
        took = 1000.0 * (time.perf_counter() - started) / len(samples)
        return [self.prediction(sample, answers, row, took) for row, sample in enumerate(samples)]

    def noted(self, samples: Sequence[Sample], encoded: Encoded) -> list[Sample]:
        """The samples, with what is to be said of how they were read: a text was cut, a voice is like none learned
        from."""
        noted = list(samples)
        for modality, batch in encoded.batches.items():
            rows = [row for row, sample in enumerate(samples) if modality in sample.present]
            strange = self.familiarity.strangeness(modality, encoded.tokens[modality])[rows] > 1
            for row, notice, far in zip(rows, self.encoders[modality].notices(batch), strange.tolist(), strict=True):
                if notice is not None:
                    noted[row] = noted[row].with_notices(notice)
                if far:
                    unlike = Notice(modality, UNFAMILIAR, say("unfamiliar", modality=modality))
                    noted[row] = noted[row].with_notices(unlike)
        return noted

    def prediction(self, sample: Sample, answers: Probabilities, row: int, milliseconds: float) -> Prediction:
        """Put one row of calibrated answers into words and numbers."""
        agreement = {
            pair_name((a, b)): float(answers.agreement[row, index])
            for index, (a, b) in enumerate(PAIRS)
            if a in sample.present and b in sample.present
        }
        bounds = self.calibration.said_outside
        return Prediction(
            emotion=self._answer("emotion", self.config.labels, answers.emotion[row]),
            sentiment=self._answer("sentiment", SENTIMENTS, answers.sentiment[row]),
            agreement=agreement,
            present=sample.present,
            warnings=tuple(notice.message for notice in sample.notices),
            model={"name": self.name, "hash": self.hash},
            milliseconds=milliseconds,
            said={pair: verdict(chance, bounds[pair]) for pair, chance in agreement.items()},
            referenced=sample.referenced,
        )

    def _answer(self, task: str, labels: Sequence[str], probabilities: Tensor) -> Answer:
        return Answer.of(labels, probabilities.tolist(), self.calibration.unsure_below.get(task, 0.0))


def task_logits(logits: Logits) -> TaskLogits:
    """The heads' answers as arrays."""
    tensors = (logits.emotion, logits.sentiment, logits.agreement, logits.multilabel)
    return TaskLogits(*(tensor.cpu().numpy() for tensor in tensors))


def scatter_rows(tokens: Tokens, rows: list[int], size: int) -> Tokens:
    """Spread tokens of some rows over all samples: (B', L, D) to (B, L, D), the other rows masked zeros."""
    if len(rows) == size:
        return tokens
    values = tokens.values.new_zeros(size, *tokens.values.shape[1:])
    mask = tokens.mask.new_zeros(size, tokens.mask.shape[1])
    values[rows], mask[rows] = tokens.values, tokens.mask
    return Tokens(values, mask)
