"""Fine-tuning on one's own cases, as a task of the training loop.

What the rows say is learned from them; what they don't say stays as the model had it: its answers stand in as
targets (Li and Hoiem, "Learning without forgetting", ECCV 2016). That holds for the sentiment of rows without one,
and for the agreement of modalities, with the reading of single ones that it compares.

Shapes: B cases, L tokens, D width.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mm_core.datasets.bank import TokenBank
from mm_core.encoders.tokens import Tokens
from mm_core.heads import Logits
from mm_core.labels import MODALITIES, PAIRS
from mm_core.model import TriadModel, scatter_rows
from mm_core.training.custom_cases import ABSENT, CaseDrawer, CustomCases
from mm_core.training.fusing import Fuser
from mm_core.training.objectives import multilabel_cross_entropy, soft_cross_entropy

STAGES: Final = ("heads", "fusion", "all")
"""In order: the heads alone, then the fusion with them, then the encoders too (first the head, then the rest: Kumar
et al., "Fine-tuning can distort pretrained features", ICLR 2022)."""

FEWEST_STEPS: Final = 4
"""Batches of a pass over few cases, which are then smaller: a few dozen rows need as many steps as hundreds."""

_SENTIMENT_WEIGHT: Final = 0.5
_MULTILABEL_WEIGHT: Final = 0.5
_KEEPING_WEIGHT: Final = 0.5


class TokenSource(Protocol):
    """Where the tokens of a table's rows come from."""

    def __call__(self, modality: str, rows: NDArray[np.int64]) -> Tokens: ...


@dataclass(frozen=True, eq=False)
class CachedTokens:
    """Tokens encoded once, for stages that leave the encoders as they are."""

    banks: Mapping[str, TokenBank]

    def __call__(self, modality: str, rows: NDArray[np.int64]) -> Tokens:
        return self.banks[modality].take(rows)


@dataclass(frozen=True, eq=False)
class LiveTokens:
    """Tokens encoded as they are asked for, with gradients. contents[modality]: what ``prepare`` takes of a row."""

    model: TriadModel
    contents: Mapping[str, Sequence[Any]]

    def __call__(self, modality: str, rows: NDArray[np.int64]) -> Tokens:
        encoder = self.model.encoders[modality]
        batch = encoder.prepare([self.contents[modality][int(row)] for row in rows])
        return encoder(batch.to(self.model.device))


def tokens_of(source: TokenSource, cases: CustomCases, device: torch.device) -> tuple[dict[str, Tokens], Tensor]:
    """Tokens (B, L, D) of each modality that any case has, and presence (B, 3)."""
    tokens = {}
    for modality in MODALITIES:
        rows = cases.rows[modality]
        here = np.flatnonzero(rows != ABSENT)
        if len(here):
            tokens[modality] = scatter_rows(source(modality, rows[here]).to(device), here.tolist(), len(rows))
    return tokens, torch.from_numpy(cases.presence).to(device)


@torch.inference_mode()
def make_familiar(model: TriadModel, source: TokenSource, cases: CustomCases, batch_size: int = 64) -> None:
    """Count inputs like those of these cases as familiar: what a model is fitted to is not strange to it."""
    for modality in MODALITIES:
        rows = np.unique(cases.rows[modality][cases.rows[modality] != ABSENT])
        parts = [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]
        if parts:
            means = [source(modality, part).mean().float().cpu().numpy() for part in parts]
            model.familiarity.widen(modality, np.concatenate(means))


def answers(
    model: TriadModel, source: TokenSource, cases: CustomCases, batch_size: int = 64
) -> tuple[Tensor, Tensor]:
    """Emotion (N, C) and sentiment (N, 3) logits of all cases, on the CPU."""
    emotion, sentiment = [], []
    for start in range(0, len(cases), batch_size):
        part = cases.take(np.arange(start, min(start + batch_size, len(cases))))
        logits = model.logits(*tokens_of(source, part, model.device))
        emotion.append(logits.emotion.cpu())
        sentiment.append(logits.sentiment.cpu())
    return torch.cat(emotion), torch.cat(sentiment)


class TrainableParts(nn.Module):
    """The parts of the model that a stage touches, with what it trains; the rest is frozen. Batch norms keep their
    statistics: a few rows of one's own say less about them than the data that the model was made with."""

    def __init__(self, model: TriadModel, stage: str, sentiment: bool) -> None:
        super().__init__()
        self._whole = (model,)  # in a tuple, so that it is no part: checkpoints hold only what may change
        self.stage = stage
        self.touches_sentiment = sentiment or stage != "heads"
        self.fuser = Fuser(model.fusion, model.heads)
        model.requires_grad_(False)
        parts: list[nn.Module] = [model.heads.emotion, model.heads.multilabel]
        if self.touches_sentiment:
            parts.append(model.heads.sentiment)
        if stage != "heads":
            parts.append(model.fusion)
        if stage == "all":
            self.encoders = model.encoders
            parts.append(model.encoders)
        for part in parts:
            part.requires_grad_(True)

    @property
    def model(self) -> TriadModel:
        return self._whole[0]

    def train(self, mode: bool = True) -> TrainableParts:
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eval()
        return self


class TuningTask:
    """One stage: batches of one's own train cases, judged by validation cases as they were given."""

    def __init__(
        self,
        model: TriadModel,
        stage: str,
        drawer: CaseDrawer,
        valid: CustomCases,
        source: TokenSource,
        teacher: Teacher,
        *,
        batch_size: int = 32,
        seed: int = 0,
    ) -> None:
        self.module = TrainableParts(model, stage, bool(drawer.cases.sentiment.any()))
        self.drawer, self.valid, self.source, self.teacher = drawer, valid, source, teacher
        self.batch_size, self.seed = batch_size, seed

    def steps(self) -> int:
        cases = len(self.drawer.cases)
        return min(cases, max(FEWEST_STEPS, round(cases / self.batch_size)))

    def batches(self, epoch: int) -> Iterator[CustomCases]:
        random = np.random.default_rng((self.seed, epoch))
        order = random.permutation(len(self.drawer.cases))
        for rows in np.array_split(order, self.steps()):
            yield self.drawer.batch(rows, random)

    def loss(self, module: nn.Module, batch: CustomCases) -> Tensor:
        model = self.module.model
        tokens, presence = tokens_of(self.source, batch, model.device)
        logits = model.logits(tokens, presence)
        targets = batch.targets.to(model.device)
        given = presence.any(1, keepdim=True)
        several = multilabel_cross_entropy(logits.multilabel, targets * given)
        loss = soft_cross_entropy(logits.emotion, targets, smoothing=0.02) + _MULTILABEL_WEIGHT * several
        if not self.module.touches_sentiment:
            return loss
        before, sentiment = self.teacher.answer(batch, model.device)
        loss = loss + _SENTIMENT_WEIGHT * soft_cross_entropy(logits.sentiment, sentiment)
        if self.module.stage == "all":
            for column, modality in enumerate(MODALITIES):
                if modality in tokens:
                    kept = before.single[modality].softmax(1) * presence[:, column : column + 1]
                    loss = loss + _KEEPING_WEIGHT * soft_cross_entropy(logits.single[modality], kept)
            both = torch.stack([presence[:, [MODALITIES.index(m) for m in pair]].all(1) for pair in PAIRS], 1)
            agreed = functional.binary_cross_entropy_with_logits(
                logits.agreement, before.agreement.sigmoid(), both.float()
            )
            loss = loss + _KEEPING_WEIGHT * agreed
        return loss

    def validate(self, module: nn.Module) -> dict[str, float]:
        """``nll`` (nats) and ``accuracy`` of validation cases; nothing where there are none."""
        if not len(self.valid):
            return {}
        emotion, _ = answers(self.module.model, self.source, self.valid)
        hits = self.valid.targets[torch.arange(len(emotion)), emotion.argmax(1)] > 0
        return {
            "nll": float(soft_cross_entropy(emotion, self.valid.targets)),
            "accuracy": float(hits.float().mean()),
        }


class Teacher:
    """The model as it was before: what it says where the rows say nothing."""

    def __init__(self, model: TriadModel, source: TokenSource) -> None:
        self.fuser = copy.deepcopy(Fuser(model.fusion, model.heads)).eval().requires_grad_(False)
        self.source = source

    @torch.no_grad()
    def answer(self, cases: CustomCases, device: torch.device) -> tuple[Logits, Tensor]:
        """Its logits, and sentiment targets (B, 3): a case's own where it has one, else the teacher's answer; zero
        where nothing is present."""
        tokens, presence = tokens_of(self.source, cases, device)
        logits = self.fuser.to(device)(tokens, presence)
        own = cases.sentiment.to(device)
        said = logits.sentiment.softmax(1) * presence.any(1, keepdim=True)
        return logits, torch.where(own.sum(1, keepdim=True) > 0, own, said)
