"""Small material for the lab's tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from mm_core.encoders.tokens import Tokens
from mm_core.labels import MODALITIES
from mm_core.research.lab.cases import Dataset, LabCases
from mm_core.research.lab.learner import LabRecipe, Learner
from mm_core.research.lab.smoke import smoke_material

QUICK = LabRecipe(epochs=1, width=8, heads=2, batch_size=32)


def numbered(count: int = 6, classes: int = 2) -> LabCases:
    """Cases whose tokens name them: modality by sign of ten, case by number."""
    tokens = {}
    for bit, m in enumerate(MODALITIES):
        values = torch.arange(count, dtype=torch.float32).view(count, 1, 1) + 10 * bit
        tokens[m] = Tokens(values.expand(count, 2, 3).clone(), torch.ones(count, 2, dtype=torch.bool))
    names = np.array([f"case {n}" for n in range(count)])
    return LabCases(tokens, np.arange(count) % classes, names, np.array([f"group {n // 2}" for n in range(count)]))


def small_material(folds: int = 2) -> Dataset:
    """Smoke material with few cases."""
    made = smoke_material(96, 48)
    return Dataset(made.data, made.variant, made.labels, made.train, made.test, made.folds[:folds])


def fresh(material: Dataset, strategy: str = "sum") -> Learner:
    """An untrained learner for this material."""
    torch.manual_seed(0)
    return Learner(material.widths, len(material.labels), strategy, QUICK, material.places).eval()


def write_mosi(folder) -> None:
    """A made-up ``aligned/mosi.parquet``: 8 videos of 6 utterances, text tells the class, the rest is noise."""
    random = np.random.default_rng(0)
    rows = []
    for video in range(8):
        for place in range(6):
            positive = (video + place) % 2 == 0
            text = random.standard_normal(5) + (1.0 if positive else -1.0)
            rows.append(
                {
                    "id": f"v{video}_{10 + 2 * place}",
                    "video": f"v{video}",
                    "text": "I AM HAPPY" if positive else "I AM SAD",
                    "sentiment": "positive" if positive else "negative",
                    "split": "train" if video < 6 else "test",
                    "text_feat": text.tolist(),
                    "audio_feat": random.standard_normal(4).tolist(),
                    "video_feat": [0.0, *random.standard_normal(3).tolist()],
                }
            )
    (folder / "aligned").mkdir()
    pd.DataFrame(rows).sample(frac=1, random_state=1).to_parquet(folder / "aligned" / "mosi.parquet")
