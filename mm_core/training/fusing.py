"""The last stage: fusion and heads learn from token banks, on single rows and on composed cases.

Every coalition is trained. Single modalities keep their sources' own mix of labels; pairs and triples are balanced
over classes; with nothing present the target is the class prior of the compositions. All rows are train rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mm_core.datasets.aligned import PAIR
from mm_core.datasets.bank import TokenBank
from mm_core.datasets.compose import Composer, Composition, join, rows_given_together
from mm_core.datasets.human import HumanTargets
from mm_core.datasets.tables import Table
from mm_core.encoders.tokens import Tokens
from mm_core.fusion import Fusion
from mm_core.heads import Heads, Logits
from mm_core.labels import EMOTIONS, MODALITIES, SENTIMENT_OF_EMOTION, SENTIMENTS
from mm_core.training.distillation import SoftTargets
from mm_core.training.objectives import (
    normalised,
    one_hot_or_zero,
    soft_cross_entropy,
    soft_multilabel_cross_entropy,
)


@dataclass(frozen=True)
class FusingRecipe:
    """Cases a step, by presence pattern. ``mismatched``: share of compositions whose labels differ. together: cases
    a step whose face and voice one person gave at once, where the data folder has any. copies: how many augmented
    encodings a train row has beside the plain one; reference_share: of rows in those that are read beside the same
    speaker's neutral ones. validation_cases: compositions of each set that the
    calibration is fitted on. distillation: weight of teachers' answers against the labels of rows taken alone.
    human_targets: cases whose labels differ learn what people answered to such a case, where the data folder has
    votes; else the mean of the labels."""

    steps: int = 480
    validation_cases: int = 2000
    cases: dict[str, int] = field(
        default_factory=lambda: {
            "none": 2,
            "text": 64,
            "image": 64,
            "audio": 32,
            "text+image": 16,
            "text+audio": 16,
            "image+audio": 16,
            "text+image+audio": 64,
        }
    )
    mismatched: float = 0.35
    together: int = 16
    copies: dict[str, int] = field(default_factory=lambda: {"text": 0, "image": 0, "audio": 2})
    reference_share: float = 0.5
    token_dropout: float = 0.1
    smoothing: float = 0.02
    sentiment_weight: float = 0.5
    agreement_weight: float = 0.5
    single_weight: float = 0.5
    multilabel_weight: float = 1.0
    distillation: float = 0.6
    human_targets: bool = True


_SIGNS: Final = torch.tensor(
    [[float(SENTIMENT_OF_EMOTION[emotion] == sign) for sign in SENTIMENTS] for emotion in EMOTIONS]
)
"""(C, 3): the sentiment that goes with each emotion."""


class Fuser(nn.Module):
    """Fusion and heads together: what this stage trains."""

    def __init__(self, fusion: Fusion, heads: Heads) -> None:
        super().__init__()
        self.fusion, self.heads = fusion, heads

    def forward(self, tokens: Mapping[str, Tokens], presence: Tensor) -> Logits:
        with torch.autocast(presence.device.type, enabled=False):
            return self.heads(self.fusion(tokens, presence), tokens)


@dataclass(frozen=True, eq=False)
class Case:
    """A group of cases with one presence pattern.

    tokens; presence (N, 3); emotion (N, C) and sentiment (N, 3) target distributions, all zero where masked;
    agreement (N, 3) with -1 where masked; single: (N, C) of each modality; labels (N, C) in 0..1: every label of rows
    taken alone.
    """

    tokens: dict[str, Tokens]
    presence: Tensor
    emotion: Tensor
    sentiment: Tensor
    agreement: Tensor
    single: dict[str, Tensor]
    labels: Tensor | None = None


class CaseMaker:
    """Draws cases from tables and their banks. ``banks[modality]`` lists the encodings of the table's rows, the plain
    one first. soft: what each tower's teachers say about its rows, weighed ``distillation`` against the labels.
    people: their answers to cases whose labels differ, for models of the seven EMOTIONS; None takes the mean of the
    labels."""

    def __init__(
        self,
        tables: Mapping[str, Table],
        banks: Mapping[str, Sequence[TokenBank]],
        soft: Mapping[str, SoftTargets] | None = None,
        distillation: float = 0.0,
        people: HumanTargets | None = None,
    ) -> None:
        self.tables, self.banks, self.soft, self.distillation = tables, banks, soft or {}, distillation
        self.people = people
        self.composer = Composer(tables)
        both = all(m in tables for m in PAIR)
        self.pairs = {m: rows for m, rows in rows_given_together(tables, PAIR).items() if len(rows)} if both else {}
        self.classes = next(iter(tables.values())).targets.shape[1]

    def singles(self, modality: str, count: int, random: np.random.Generator) -> Case:
        """Rows of one modality as they come, with all of a row's labels."""
        table = self.tables[modality]
        rows = random.integers(0, len(table), count)
        emotion = torch.from_numpy(table.shares[rows])
        sure = table.targets[rows].any(1, keepdims=True)
        labels = torch.from_numpy(np.where(sure, table.targets[rows], table.shares[rows]))
        sentiment = one_hot_or_zero(torch.from_numpy(table.sentiment[rows]), len(SENTIMENTS))
        if modality in self.soft:
            taught = self.soft[modality].take(rows)
            labels = torch.lerp(labels, taught.multilabel, self.distillation)
            emotion = torch.lerp(emotion, taught.emotion, self.distillation)
            sentiment = torch.lerp(sentiment, taught.sentiment, self.distillation)
        return Case(
            tokens={modality: self._tokens(modality, rows, random)},
            presence=_presence((modality,), count),
            emotion=emotion,
            sentiment=sentiment,
            agreement=torch.full((count, 3), -1),
            single={modality: emotion},
            labels=labels,
        )

    def composed(self, composition: Composition, random: np.random.Generator) -> Case:
        """A composition's cases; the target is what people answer to such labels, or the mean of the labels."""
        count = len(composition)
        single = {
            m: functional.one_hot(torch.from_numpy(labels), self.classes).float()
            for m, labels in composition.labels.items()
        }
        signs = [
            one_hot_or_zero(torch.from_numpy(self.tables[m].sentiment[rows]), len(SENTIMENTS))
            for m, rows in composition.rows.items()
        ]
        emotion = torch.stack(list(single.values())).mean(0)
        sentiment = normalised(torch.stack(signs).sum(0))
        if self.people is not None:
            emotion = torch.from_numpy(self.people.answers(composition.labels))
            differ = torch.from_numpy(~composition.matched)[:, None]
            sentiment = torch.where(differ, normalised(emotion @ _SIGNS), sentiment)
        return Case(
            tokens={m: self._tokens(m, rows, random) for m, rows in composition.rows.items()},
            presence=_presence(tuple(composition.rows), count),
            emotion=emotion,
            sentiment=sentiment,
            agreement=torch.from_numpy(composition.agreements()),
            single=single,
        )

    def together(self, count: int, random: np.random.Generator) -> Case:
        """Faces and voices that one person gave at once, as they go together in people and not by their labels."""
        chosen = random.integers(0, len(self.pairs[PAIR[0]]), count)
        rows = {m: pairs[chosen] for m, pairs in self.pairs.items()}
        labels = {m: self.tables[m].targets[r].argmax(1) for m, r in rows.items()}
        return self.composed(Composition(rows, labels), random)

    def nothing(self, count: int) -> Case:
        """Nothing present: the compositions' own class prior, which is even over the classes they can have."""
        prior = torch.zeros(self.classes)
        prior[self.composer.classes(list(self.tables))] = 1.0
        return Case(
            tokens={},
            presence=_presence((), count),
            emotion=(prior / prior.sum()).expand(count, -1),
            sentiment=torch.zeros(count, len(SENTIMENTS)),
            agreement=torch.full((count, 3), -1),
            single={},
        )

    def draw(self, pattern: str, count: int, mismatched: float, random: np.random.Generator) -> Case:
        """Cases of one presence pattern, e.g. ``text+audio``."""
        members = [m for m in MODALITIES if m in pattern.split("+")]
        if not members:
            return self.nothing(count)
        if len(members) == 1:
            return self.singles(members[0], count, random)
        odd = round(count * mismatched)
        matched = self.composer.matched(members, count - odd, random)
        return self.composed(
            join(matched, self.composer.mismatched(members, odd, random)) if odd else matched, random
        )

    def _tokens(self, modality: str, rows: NDArray[np.int64], random: np.random.Generator) -> Tokens:
        banks = self.banks[modality]
        if len(banks) == 1:
            return banks[0].take(rows)
        which = random.integers(0, len(banks), len(rows))
        order = np.argsort(which, kind="stable")
        parts = [banks[b].take(rows[which == b]) for b in range(len(banks)) if (which == b).any()]
        longest = max(part.values.shape[1] for part in parts)
        values = torch.cat([functional.pad(p.values, (0, 0, 0, longest - p.values.shape[1])) for p in parts])
        mask = torch.cat([functional.pad(p.mask, (0, longest - p.mask.shape[1])) for p in parts])
        back = torch.from_numpy(np.argsort(order))
        return Tokens(values[back], mask[back])


class FusingTask:
    """The loop's task: steps of all presence patterns together."""

    def __init__(
        self, module: Fuser, train: CaseMaker, valid: CaseMaker, recipe: FusingRecipe, epochs: int, seed: int = 0
    ) -> None:
        self.module = module
        self.train, self.valid, self.recipe, self.seed = train, valid, recipe, seed
        self.per_epoch = recipe.steps // epochs
        draws = np.random.default_rng(seed + 1)
        self.held_out = {
            p: valid.draw(p, recipe.validation_cases // 2, 0.0, draws) for p in recipe.cases if p != "none"
        }

    def steps(self) -> int:
        return self.per_epoch

    def batches(self, epoch: int) -> Iterator[list[Case]]:
        random = np.random.default_rng((self.seed, epoch))
        for _ in range(self.per_epoch):
            batch = [
                self.train.draw(pattern, count, self.recipe.mismatched, random)
                for pattern, count in self.recipe.cases.items()
            ]
            if self.train.pairs and self.recipe.together:
                batch.append(self.train.together(self.recipe.together, random))
            yield batch

    def loss(self, module: nn.Module, batch: list[Case]) -> Tensor:
        device = next(module.parameters()).device
        total = sum(len(case.presence) for case in batch)
        losses = []
        for case in batch:
            tokens = {m: self._thinned(t).to(device) for m, t in case.tokens.items()}
            losses.append(
                len(case.presence) / total * self._case_loss(module(tokens, case.presence.to(device)), case)
            )
        return torch.stack(losses).sum()

    def _thinned(self, tokens: Tokens) -> Tokens:
        """A few tokens dropped, never a row's first."""
        keep = torch.rand(tokens.mask.shape) >= self.recipe.token_dropout
        keep[:, 0] = True
        return Tokens(tokens.values, tokens.mask & keep)

    def _case_loss(self, logits: Logits, case: Case) -> Tensor:
        recipe, device = self.recipe, logits.emotion.device
        loss = soft_cross_entropy(logits.emotion, case.emotion.to(device), recipe.smoothing)
        loss = loss + recipe.sentiment_weight * soft_cross_entropy(logits.sentiment, case.sentiment.to(device))
        if case.labels is not None:
            told = case.labels.sum(1) > 0
            several = soft_multilabel_cross_entropy(logits.multilabel[told], case.labels[told].to(device))
            loss = loss + recipe.multilabel_weight * several
        known = case.agreement.to(device) >= 0
        if known.any():
            truth = case.agreement.to(device)[known].float()
            # Even classes: probabilities then mean "same" against "different" at equal odds.
            weight = torch.where(
                truth > 0, 0.5 / truth.mean().clamp(0.05, 0.95), 0.5 / (1 - truth.mean()).clamp(0.05, 0.95)
            )
            agreed = functional.binary_cross_entropy_with_logits(logits.agreement[known], truth, weight)
            loss = loss + recipe.agreement_weight * agreed
        for modality, target in case.single.items():
            alone = soft_cross_entropy(logits.single[modality], target.to(device), recipe.smoothing)
            loss = loss + recipe.single_weight * alone / len(case.single)
        return loss

    def validate(self, module: nn.Module) -> dict[str, float]:
        device = next(module.parameters()).device
        row: dict[str, float] = {}
        for pattern, case in self.held_out.items():
            tokens = {m: t.to(device) for m, t in case.tokens.items()}
            logits = module(tokens, case.presence.to(device))
            top = logits.emotion.cpu().argmax(1)
            hits = case.emotion[torch.arange(len(top)), top] > 0
            row[f"accuracy {pattern}"] = float(hits.float().mean())
            row[f"nll {pattern}"] = float(soft_cross_entropy(logits.emotion.cpu(), case.emotion))
        return row


def _presence(members: Sequence[str], count: int) -> Tensor:
    return torch.tensor([m in members for m in MODALITIES]).expand(count, -1)
