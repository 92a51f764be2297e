"""Training what stands on a backbone that stays as it is: the backbone reads each row, plain and as several other
recordings, once; every step then takes one of these readings of each row, often beside a reference of the same
speaker.

Shapes: N rows, R readings of a row, B rows of a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from tqdm import tqdm

from mm_core.datasets.bank import contents
from mm_core.datasets.references import MOST_REFERENCES, References
from mm_core.datasets.tables import Table
from mm_core.encoders import Encoder
from mm_core.encoders.augment import mixed
from mm_core.encoders.base import Condensed
from mm_core.training.objectives import mixing, soft_cross_entropy
from mm_core.training.towers import TowerClassifier, TowerRecipe, scores

_AT_ONCE: Final = 32


@torch.inference_mode()
def read_condensed(encoder: Encoder, table: Table, readings: int, path: Path, *, quiet: bool = False) -> Tensor:
    """What the backbone makes of each row: (N, 1 + readings, ...) float32, the plain reading first, then augmented
    ones. Kept in ``path``, since it takes minutes."""
    if path.is_file():
        kept: Tensor = load_file(path)["values"].float()
        return kept
    encoder.eval()
    inputs = contents(table)
    order = np.argsort([len(given) for given in inputs], kind="stable")
    made: list[Tensor | None] = [None] * len(inputs)
    for rows in tqdm(np.split(order, range(_AT_ONCE, len(order), _AT_ONCE)), desc=path.stem, disable=quiet):
        chosen = [inputs[i] for i in rows]
        seeds = [np.random.default_rng((reading, int(rows[0]))) for reading in range(readings)]
        batches = [encoder.prepare(chosen), *(encoder.augmented(chosen, seed, crop=True) for seed in seeds)]
        values = torch.stack([_condensed(encoder, batch) for batch in batches], 1)
        for row, value in zip(rows, values, strict=True):
            made[row] = value.half()
    stacked = torch.stack([value for value in made if value is not None])
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"values": stacked}, path)
    return stacked.float()


def _condensed(encoder: Encoder, batch: Any) -> Tensor:
    values = encoder.condense(batch)
    if values is None:
        raise ValueError("all of this tower learns; nothing of it can be read once")
    return values


class CondensedTask:
    """A tower's stage on readings (N, 1 + R, ...) of its train and validation rows.

    A corpus is drawn in proportion to the square root of its rows, and within one every label as often as another:
    else a large corpus and its commonest label are most of what is learned.
    """

    def __init__(
        self,
        module: TowerClassifier,
        train: Table,
        valid: Table,
        recipe: TowerRecipe,
        readings: tuple[Tensor, Tensor],
        labels: Sequence[str],
    ) -> None:
        self.module, self.recipe, self.seed = module, recipe, recipe.schedule.seed
        self.train, self.valid = train, valid
        self.readings, self.valid_readings = readings
        self.references = References(train, labels)
        self.chance = even_chances(train, recipe.drawn)

    def steps(self) -> int:
        return len(self.train) // self.recipe.batch_size

    def batches(self, epoch: int) -> Iterator[NDArray[np.int64]]:
        random = np.random.default_rng((self.seed, epoch))
        for _ in range(self.steps()):
            yield random.choice(len(self.train), self.recipe.batch_size, p=self.chance)

    def loss(self, module: nn.Module, rows: NDArray[np.int64]) -> Tensor:
        """Scalar loss of these train rows, each in one of its readings."""
        recipe, random = self.recipe, np.random.default_rng((int(rows[0]), int(rows[-1]), self.seed))
        values = torch.stack([self._reading(row, random) for row in rows])
        references = torch.stack([self._reference(row, values[0], random) for row in rows])
        targets = torch.from_numpy(self.train.shares[rows])
        if recipe.mixup and random.random() < recipe.mixed_share:
            mix = mixing(len(rows), recipe.mixup, random)
            values, targets = mixed(values, *mix), mixed(targets, *mix)
            references = mixed(references, *mix)  # a mix has a reference, not NaN, where both have one
        device = next(module.parameters()).device
        emotion = module(Condensed(values, references).to(device))[0]
        return soft_cross_entropy(emotion, targets.to(device), recipe.smoothing)

    def validate(self, module: nn.Module) -> dict[str, float]:
        plain = self.valid_readings[:, 0]
        return scores(module(Condensed(plain, torch.full_like(plain, torch.nan)))[0].numpy(), self.valid)

    def _reading(self, row: int, random: np.random.Generator) -> Tensor:
        return self.readings[row, int(random.integers(self.readings.shape[1]))]

    def _reference(self, row: int, like: Tensor, random: np.random.Generator) -> Tensor:
        """A few neutral clips of the same speaker, or none."""
        wanted = random.random() < self.recipe.reference_share
        chosen = self.references.draw(row, int(random.integers(1, MOST_REFERENCES + 1)), random) if wanted else ()
        if not len(chosen):
            return torch.full_like(like, torch.nan)
        return torch.stack([self._reading(int(other), random) for other in chosen]).mean(0)


def even_chances(table: Table, drawn: Mapping[str, float]) -> NDArray[np.float64]:
    """The chance (N,) of each row to be drawn, adding up to 1; ``drawn`` scales that of a source's rows."""
    top = table.shares.argmax(1)
    chance = np.zeros(len(table))
    for source in np.unique(table.source):
        here = table.source == source
        _, label, count = np.unique(top[here], return_inverse=True, return_counts=True)
        chance[here] = drawn.get(str(source), 1.0) * np.sqrt(here.sum()) / (len(count) * count[label])
    return chance / chance.sum()
