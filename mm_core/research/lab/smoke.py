"""Made-up cases that any strategy can learn in seconds: the suite that checks the lab itself."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from mm_core.encoders.tokens import Tokens
from mm_core.labels import MODALITIES
from mm_core.research.lab.cases import Dataset, LabCases, grouped_folds

LABELS: Final = ("left", "middle", "right")
_WIDTHS: Final = {"text": 6, "image": 5, "audio": 4}
_LENGTH: Final = 3
_AGREE: Final = {"text": 1.2, "image": 0.9, "audio": 0.6}
"""How far apart the classes lie, in units of the noise: the modalities differ in worth."""


def smoke_material(train: int = 360, test: int = 240) -> Dataset:
    """Each token is its class's direction with noise."""
    random = np.random.default_rng(0)
    directions = {m: random.standard_normal((len(LABELS), width)) for m, width in _WIDTHS.items()}
    known, unseen = _cases(directions, train, "train", random), _cases(directions, test, "test", random)
    return Dataset("smoke", "utterance", LABELS, known, unseen, grouped_folds(known.groups, 2))


def _cases(
    directions: dict[str, NDArray[np.float64]], count: int, name: str, random: np.random.Generator
) -> LabCases:
    truth = random.integers(0, len(LABELS), count)
    tokens = {}
    for m in MODALITIES:
        noise = random.standard_normal((count, _LENGTH, _WIDTHS[m]))
        values = _AGREE[m] * directions[m][truth][:, None] + noise
        tokens[m] = Tokens(torch.from_numpy(values).float(), torch.ones(count, _LENGTH, dtype=torch.bool))
    names = np.array([f"{name} {number}" for number in range(count)])
    return LabCases(tokens, truth, names, np.array([f"{name} {number // 4}" for number in range(count)]))
