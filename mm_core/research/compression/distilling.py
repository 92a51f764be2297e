"""Distillation: a smaller text tower, and a smaller fusion, learn what the shipped model answers.

Hinton et al., "Distilling the knowledge in a neural network" (2015); the student starts from the teacher's own layers
(Sanh et al., "DistilBERT", 2019) and also learns its tokens (Jiao et al., "TinyBERT", EMNLP 2020).

Shapes: B cases, L tokens, D width.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mm_core.datasets.bank import TokenBank
from mm_core.datasets.compose import Composer
from mm_core.datasets.tables import Table
from mm_core.encoders.tokens import Tokens
from mm_core.heads import Logits
from mm_core.labels import COALITIONS, MODALITIES
from mm_core.model import TriadModel
from mm_core.training.distillation import SoftTargets, distillation_loss
from mm_core.training.fusing import Fuser
from mm_core.training.loop import Schedule, fit
from mm_core.training.objectives import soft_cross_entropy

PATTERNS: Final = COALITIONS[1:]
"""Every set of modalities but the empty one."""

_TOKEN_WEIGHT: Final = 1.0
"""Of the mean squared error of tokens, in units of the teacher's own variance."""


@dataclass(frozen=True)
class DistillationConfig:
    """steps of batch_size cases at this peak learning rate."""

    steps: int
    learning_rate: float
    batch_size: int = 32

    def run(self, task: TextLesson | FusionLesson) -> None:
        schedule = Schedule(1, self.learning_rate, precision="no")
        with tempfile.TemporaryDirectory() as folder:  # the suite keeps whole models, nothing smaller
            fit(task, schedule, Path(folder), quiet=True, validate_each_epoch=False)
        task.module.cpu()  # the loop takes a GPU where there is one; figures are of the CPU
        task.teacher.cpu()


class _Text(nn.Module):
    """A text tower with the rest of a model, frozen, behind it."""

    def __init__(self, model: TriadModel) -> None:
        super().__init__()
        self.encoder = model.encoders["text"]
        self.rest = Fuser(model.fusion, model.heads)
        self.rest.requires_grad_(False)

    def forward(self, texts: Sequence[str]) -> tuple[Tokens, Logits]:
        tokens: Tokens = self.encoder(self.encoder.prepare(texts).to(self.rest.heads.emotion.weight.device))
        presence = torch.tensor([m == "text" for m in MODALITIES], device=tokens.mask.device).expand(len(texts), -1)
        return tokens, self.rest({"text": tokens}, presence)

    def train(self, mode: bool = True) -> _Text:
        super().train(mode)
        self.rest.eval()
        return self


class TextLesson:
    """The student's text tower, of the same vocabulary and width, learns the teacher's tokens and its answers to
    texts alone."""

    def __init__(
        self, teacher: TriadModel, student: TriadModel, texts: Sequence[str], lesson: DistillationConfig
    ) -> None:
        self.teacher, self.module = _Text(teacher).eval(), _Text(student)
        self.texts, self.lesson = texts, lesson

    def steps(self) -> int:
        return self.lesson.steps

    def batches(self, epoch: int) -> Iterator[list[str]]:
        """Texts of like length together, in random order."""
        random = np.random.default_rng(epoch)
        rows = random.permutation(
            np.resize(random.permutation(len(self.texts)), self.steps() * self.lesson.batch_size)
        )
        pools = np.array_split(rows, max(1, len(rows) // (20 * self.lesson.batch_size)))
        ordered = np.concatenate([sorted(pool, key=lambda row: len(self.texts[row])) for pool in pools])
        for batch in random.permutation(ordered.reshape(self.steps(), -1)):
            yield [self.texts[row] for row in batch]

    def loss(self, module: nn.Module, texts: list[str]) -> Tensor:
        tokens, logits = module(texts)
        with torch.no_grad():
            target, said = self.teacher.to(tokens.values.device)(texts)
        error = (tokens.values - target.values)[target.mask].square().mean()
        return _answers_loss(logits, said) + _TOKEN_WEIGHT * error / target.values[target.mask].var()

    def validate(self, module: nn.Module) -> dict[str, float]:
        return {}


class FusionLesson:
    """A student's fusion and heads learn the teacher's answers to composed cases of every set of modalities.

    banks: tokens of the tables' rows, the teacher's and the student's, which differ where the text towers do.
    """

    def __init__(
        self,
        teacher: TriadModel,
        student: TriadModel,
        tables: Mapping[str, Table],
        banks: tuple[Mapping[str, TokenBank], Mapping[str, TokenBank]],
        lesson: DistillationConfig,
    ) -> None:
        self.teacher, self.module = Fuser(teacher.fusion, teacher.heads).eval(), Fuser(student.fusion, student.heads)
        self.module.requires_grad_(True)
        self.composer = Composer(tables)
        self.banks, self.lesson = banks, lesson

    def steps(self) -> int:
        return self.lesson.steps

    def batches(self, epoch: int) -> Iterator[list[tuple[dict[str, NDArray[np.int64]], Tensor]]]:
        """A step: some cases of each pattern, half of them with labels that differ."""
        random = np.random.default_rng(epoch)
        half = max(1, self.lesson.batch_size // 2)
        for _ in range(self.steps()):
            step = []
            for members in PATTERNS:
                drawn = [self.composer.matched(members, half, random)]
                if len(members) > 1:
                    drawn.append(self.composer.mismatched(members, half, random))
                rows = {m: np.concatenate([d.rows[m] for d in drawn]) for m in members}
                presence = torch.tensor([m in members for m in MODALITIES]).expand(half * len(drawn), -1)
                step.append((rows, presence))
            yield step

    def loss(self, module: nn.Module, batch: list[tuple[dict[str, NDArray[np.int64]], Tensor]]) -> Tensor:
        losses = []
        device = next(module.parameters()).device
        self.teacher.to(device)
        for rows, presence in batch:
            here = presence.to(device)
            with torch.no_grad():
                said = self.teacher({m: self.banks[0][m].take(r).to(device) for m, r in rows.items()}, here)
            logits = module({m: self.banks[1][m].take(r).to(device) for m, r in rows.items()}, here)
            loss = _answers_loss(logits, said)
            for modality in rows:
                loss = loss + 0.5 * soft_cross_entropy(logits.single[modality], said.single[modality].softmax(1))
            agreed = functional.binary_cross_entropy_with_logits(logits.agreement, said.agreement.sigmoid())
            losses.append(loss + 0.5 * agreed)
        return torch.stack(losses).mean()

    def validate(self, module: nn.Module) -> dict[str, float]:
        return {}


def _answers_loss(logits: Logits, said: Logits) -> Tensor:
    """Emotion, sentiment and each label on its own against the teacher's answers."""
    soft = SoftTargets.of_logits((said.emotion, said.sentiment, said.multilabel))
    weights = torch.ones(len(logits.emotion), 1, device=logits.emotion.device)
    return distillation_loss((logits.emotion, logits.sentiment, logits.multilabel), soft, 1.0, 0.5, weights)


def fresh_fusion(model: TriadModel, width: int, layers: int) -> TriadModel:
    """A model with the same encoders and a new, smaller fusion with heads, untrained."""
    fusion = replace(model.config.fusion, width=width, layers=layers)
    config = replace(model.config, fusion=fusion)
    torch.manual_seed(0)
    smaller = TriadModel(config, {m: model.encoders[m] for m in MODALITIES})
    smaller.calibration = model.calibration
    return smaller.to(model.device)
