"""What a run of the lab trains: a fusion strategy with one linear head, and its objectives.

Shapes: B cases, L tokens, D width, C classes, W places of a window.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from mm_core import fusion
from mm_core.encoders.tokens import Tokens
from mm_core.fusion import Fused
from mm_core.heads import class_logits
from mm_core.labels import COALITIONS, MODALITIES
from mm_core.presets import FusionConfig
from mm_core.research.lab.cases import Dataset, LabCases
from mm_core.training.loop import Schedule, fit
from mm_core.training.objectives import LearnedWeights, soft_cross_entropy
from mm_core.training.pairing import Contrast, Matching

OBJECTIVES: Final = ("cross_entropy", "contrast", "matching")

_PATTERNS: Final = torch.tensor([[m in members for m in MODALITIES] for members in COALITIONS])  # (8, 3)


@dataclass(frozen=True)
class LabRecipe:
    """How a run is trained, the same for all strategies.

    given_whole: share of training cases that keep all three modalities, the others get one of the eight presence
    patterns. input_dropout: share of each modality's input values that training hides. objectives: cross-entropy is
    always there; learned_weights weighs them after Kendall et al., else the others count ``beside``.
    """

    epochs: int
    width: int = 32
    layers: int = 1
    heads: int = 4
    dropout: float = 0.3
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    average: float = 0.98
    smoothing: float = 0.05
    given_whole: float = 0.5
    input_dropout: tuple[float, float, float] = (0.0, 0.0, 0.0)
    objectives: tuple[str, ...] = ("cross_entropy",)
    learned_weights: bool = False
    beside: float = 0.2
    optimizer: str = "adamw"
    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "objectives", tuple(self.objectives))
        object.__setattr__(self, "input_dropout", tuple(self.input_dropout))
        unknown = set(self.objectives) - set(OBJECTIVES)
        if unknown or "cross_entropy" not in self.objectives:
            raise ValueError(f"objectives are cross_entropy and any of {', '.join(OBJECTIVES[1:])}")

    def schedule(self, seed: int) -> Schedule:
        return Schedule(
            self.epochs,
            self.learning_rate,
            self.weight_decay,
            average=self.average,
            seed=seed,
            precision="no",
            optimizer=self.optimizer,
            l1=self.l1,
            l2=self.l2,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Learner(nn.Module):
    """Tokens of three modalities to class logits. places: of a window of neighbours, 0 where cases are read alone."""

    def __init__(
        self, widths: Mapping[str, int], classes: int, strategy: str, recipe: LabRecipe, places: int = 0
    ) -> None:
        super().__init__()
        self.context = nn.ModuleDict({m: Neighbours(places) for m in MODALITIES}) if places else None
        read = 2 if places else 1
        config = FusionConfig(
            name=strategy, width=recipe.width, layers=recipe.layers, heads=recipe.heads, dropout=recipe.dropout
        )
        self.thin = nn.ModuleDict(
            {m: nn.Dropout(share) for m, share in zip(MODALITIES, recipe.input_dropout, strict=True)}
        )
        self.fusion = fusion.build({m: read * widths[m] for m in MODALITIES}, config)
        self.head = nn.Linear(recipe.width, classes)

    def fuse(self, tokens: Mapping[str, Tokens], presence: Tensor, attention: bool = False) -> Fused:
        """Tokens (B, L, D) and presence (B, 3) to the fused vector; ``attention`` asks for the maps."""
        given = {m: Tokens(self.thin[m](t.values.float()), t.mask) for m, t in tokens.items()}
        if self.context is not None:
            given = {m: self.context[m](t) for m, t in given.items()}
        return self.fusion(given, presence, attention)

    def forward(self, tokens: Mapping[str, Tokens], presence: Tensor) -> Tensor:
        """Class logits (B, C)."""
        return class_logits(self.head, self.fuse(tokens, presence))


class Neighbours(nn.Module):
    """A window of utterances (B, W, D) to one token (B, 1, 2 D): the one in the middle beside a mean of the others,
    weighed by their place.

    The idea of Poria et al., "Context-dependent sentiment analysis in user-generated videos" (ACL 2017), who read the
    whole video with LSTMs; 62 train videos are few, and this has one weight a place.
    """

    def __init__(self, places: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(places))

    def forward(self, window: Tokens) -> Tokens:
        middle = window.mask.shape[1] // 2
        others = window.mask.clone()
        others[:, middle] = False
        weights = torch.where(others, self.weights.exp(), 0.0)  # (B, W)
        weights = weights / weights.sum(1, keepdim=True).clamp(min=1e-6)  # a lone utterance has no neighbours
        values = torch.where(window.mask.unsqueeze(2), window.values, 0.0)
        token = torch.cat((values[:, middle], (weights.unsqueeze(2) * values).sum(1)), 1)
        return Tokens(token.unsqueeze(1), window.mask[:, middle : middle + 1])


class Training(nn.Module):
    """A learner with what only training needs: the modules of its objectives."""

    def __init__(self, learner: Learner, widths: Mapping[str, int], recipe: LabRecipe) -> None:
        super().__init__()
        self.learner = learner
        self.contrast = Contrast(widths) if "contrast" in recipe.objectives else None
        self.matching = Matching(recipe.width) if "matching" in recipe.objectives else None
        self.weights = LearnedWeights(recipe.objectives) if recipe.learned_weights else None


class LabTask:
    """The loop's task: shuffled cases, some of them with modalities taken away."""

    def __init__(self, module: Training, cases: LabCases, classes: int, recipe: LabRecipe, seed: int) -> None:
        self.module, self.cases, self.recipe, self.seed = module, cases, recipe, seed
        self.targets = functional.one_hot(torch.from_numpy(cases.truth), classes).float()

    def steps(self) -> int:
        return max(1, len(self.cases) // self.recipe.batch_size)

    def batches(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.cases))
        yield from np.array_split(order, self.steps())

    def loss(self, module: nn.Module, batch: NDArray[np.int64]) -> Tensor:
        tokens = self.cases.inputs(batch)
        random = torch.Generator().manual_seed(int(batch[0]) * 7919 + self.seed)
        presence = _PATTERNS[torch.randint(len(_PATTERNS), (len(batch),), generator=random)]
        whole = torch.rand(len(batch), generator=random) < self.recipe.given_whole
        presence = presence | whole[:, None]
        training: Training = module  # type: ignore[assignment]  # the loop hands back what it was given
        logits = training.learner(tokens, presence)
        losses = {"cross_entropy": soft_cross_entropy(logits, self.targets[batch], self.recipe.smoothing)}
        if training.contrast is not None:
            losses["contrast"] = training.contrast(tokens, presence)
        if training.matching is not None:
            classes = torch.from_numpy(self.cases.truth[batch])
            losses["matching"] = training.matching(training.learner.fuse, tokens, presence, classes, random)
        if training.weights is not None:
            return training.weights(losses)
        return losses.pop("cross_entropy") + self.recipe.beside * sum(losses.values())

    def validate(self, module: nn.Module) -> dict[str, float]:
        return {}


def train(material: Dataset, cases: LabCases, strategy: str, recipe: LabRecipe, seed: int) -> Learner:
    """A learner of this strategy trained on these cases of the material."""
    torch.manual_seed(seed)
    learner = Learner(material.widths, len(material.labels), strategy, recipe, material.places)
    task = LabTask(Training(learner, material.widths, recipe), cases, len(material.labels), recipe, seed)
    with tempfile.TemporaryDirectory(prefix="triad-lab-") as folder:
        fit(task, recipe.schedule(seed), Path(folder), quiet=True, validate_each_epoch=False)
    return learner.eval()


def trained_parameters(learner: Learner) -> int:
    """How many numbers training moved."""
    return sum(p.numel() for p in learner.parameters() if p.requires_grad)
