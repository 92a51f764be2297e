"""How the embedded model is trained: one schedule a stage, and how each tower starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mm_core.training.fusing import FusingRecipe
from mm_core.training.loop import Schedule


@dataclass(frozen=True)
class TowerRecipe:
    """batch_size: rows a step. smoothing: label smoothing. dropout: before the stage's own head."""

    schedule: Schedule
    batch_size: int
    smoothing: float
    dropout: float


@dataclass(frozen=True)
class Recipe:
    """Schedules of the three towers, then of the fusion with its own recipe."""

    towers: dict[str, TowerRecipe]
    fusing: FusingRecipe
    fusing_schedule: Schedule


EMBEDDED: Final = Recipe(
    towers={
        "text": TowerRecipe(Schedule(3, 1.2e-4, 0.01, average=0.999), 64, smoothing=0.0, dropout=0.1),
        "image": TowerRecipe(Schedule(30, 3e-3, 0.05, average=0.998), 128, smoothing=0.1, dropout=0.2),
        "audio": TowerRecipe(Schedule(45, 1.5e-3, 0.05, average=0.99), 32, smoothing=0.1, dropout=0.3),
    },
    fusing=FusingRecipe(),
    fusing_schedule=Schedule(6, 1e-3, 0.05, average=0.99, precision="no"),
)
