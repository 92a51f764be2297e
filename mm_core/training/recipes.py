"""How the embedded model is trained: one schedule a stage, and how each tower starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from mm_core.training.distillation import Shares
from mm_core.training.fusing import FusingRecipe
from mm_core.training.loop import Schedule
from mm_core.training.towers import TextSettings


@dataclass(frozen=True)
class TowerRecipe:
    """batch_size: rows a step. smoothing: label smoothing. dropout: before the stage's own head."""

    schedule: Schedule
    batch_size: int
    smoothing: float
    dropout: float


@dataclass(frozen=True)
class Teacher:
    """A text tower that only teaches. shares: see ``distillation.Shares``."""

    name: str
    recipe: TextRecipe
    shares: Shares


@dataclass(frozen=True)
class TextRecipe(TowerRecipe):
    """The text stage: its teachers are trained first, then the tower that ships learns from labels and teachers."""

    settings: TextSettings = field(default_factory=TextSettings)
    teachers: tuple[Teacher, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """Schedules of the three towers, then of the fusion with its own recipe."""

    towers: dict[str, TowerRecipe]
    fusing: FusingRecipe
    fusing_schedule: Schedule


def _text(schedule: Schedule, settings: TextSettings, teachers: tuple[Teacher, ...] = ()) -> TextRecipe:
    return TextRecipe(schedule, 64, smoothing=0.0, dropout=0.1, settings=settings, teachers=teachers)


def _shares(emotion: float, sentiment: float, multilabel: float) -> dict[str, float]:
    return {"emotion": emotion, "sentiment": sentiment, "multilabel": multilabel}


# MELD is a sixth of the rows and the only talk between people. Shown early or often it pulls GoEmotions down, whose
# labels follow another convention; so teachers differ in when and how often they see it.
_TEACHERS: Final = (
    Teacher(
        "goemotions",
        _text(
            Schedule(2, 1e-4, 0.01, average=0.995),
            TextSettings(repeats={"meld": (0,)}, emotion_weight=0.25, sentiment_weight=0.25),
        ),
        {"goemotions": _shares(0.4, 0.6, 0.35)},
    ),
    Teacher(
        "late-meld",
        _text(Schedule(3, 1e-4, 0.01, average=0.995), TextSettings(repeats={"meld": (0, 1, 2)})),
        {"goemotions": _shares(0.4, 0.25, 0.35), "meld": _shares(0.5, 0.5, 0.5)},
    ),
    Teacher(
        "twice-meld",
        _text(Schedule(3, 1.2e-4, 0.01, average=0.999), TextSettings(repeats={"meld": (2,)})),
        {"goemotions": _shares(0.2, 0.15, 0.3), "meld": _shares(0.5, 0.5, 0.5)},
    ),
)

EMBEDDED: Final = Recipe(
    towers={
        "text": _text(
            Schedule(3, 1e-4, 0.01, average=0.995),
            TextSettings(repeats={"meld": (1, 1, 2)}, sentiment_share={"meld": 0.3}),
            _TEACHERS,
        ),
        "image": TowerRecipe(Schedule(30, 3e-3, 0.05, average=0.998), 128, smoothing=0.1, dropout=0.2),
        "audio": TowerRecipe(Schedule(45, 1.5e-3, 0.05, average=0.99), 32, smoothing=0.1, dropout=0.3),
    },
    fusing=FusingRecipe(),
    fusing_schedule=Schedule(6, 1e-3, 0.05, average=0.99, precision="no"),
)
