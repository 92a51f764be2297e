"""How each preset is trained: one recipe a tower, then one for the fusion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from mm_core.encoders.text import TextConfig
from mm_core.training.fusing import FusingRecipe
from mm_core.training.loop import Schedule
from mm_core.training.towers import TowerRecipe, TowerTeacher


@dataclass(frozen=True)
class ModelRecipe:
    """Recipes of the three towers, then of the fusion with its own schedule."""

    towers: dict[str, TowerRecipe]
    fusing: FusingRecipe
    fusing_schedule: Schedule


_TEXT: Final = TowerRecipe(
    Schedule(3, 1e-4, 0.01, average=0.995),
    64,
    like_length=True,
    emotion_weight=0.5,
    multilabel_weight=1.0,
    sentiment_weight=0.5,
)


def _shares(emotion: float, sentiment: float, multilabel: float) -> dict[str, float]:
    return {"emotion": emotion, "sentiment": sentiment, "multilabel": multilabel}


# MELD is a sixth of the rows and the only talk between people. Shown early or often it pulls GoEmotions down, whose
# labels follow another convention; so teachers differ in when and how often they see it.
_TEACHERS: Final = (
    TowerTeacher(
        "goemotions",
        replace(
            _TEXT,
            schedule=Schedule(2, 1e-4, 0.01, average=0.995),
            repeats={"meld": (0,)},
            emotion_weight=0.25,
            sentiment_weight=0.25,
        ),
        {"goemotions": _shares(0.4, 0.6, 0.35)},
    ),
    TowerTeacher(
        "late-meld",
        replace(_TEXT, repeats={"meld": (0, 1, 2)}),
        {"goemotions": _shares(0.4, 0.25, 0.35), "meld": _shares(0.5, 0.5, 0.5)},
    ),
    TowerTeacher(
        "twice-meld",
        replace(_TEXT, schedule=Schedule(3, 1.2e-4, 0.01, average=0.999), repeats={"meld": (2,)}),
        {"goemotions": _shares(0.2, 0.15, 0.3), "meld": _shares(0.5, 0.5, 0.5)},
    ),
)

# The whole English tower: what those three have taught it. It teaches the one that reads Chinese, too.
_ENGLISH: Final = TowerTeacher(
    "english",
    replace(_TEXT, repeats={"meld": (1, 1, 2)}, sentiment_share={"meld": 0.3}, teachers=_TEACHERS),
    {"goemotions": _shares(1, 1, 1), "meld": _shares(1, 1, 1)},
    TextConfig(vocabulary=20_000),
)

_THINNED: Final = {"muxspace": 0.4}
"""muxspace is nine tenths joy and neutral; this share of those rows is enough an epoch."""

_REVIEWS: Final = ("chnsenticorp_htl", "online_shopping_10_cats", "waimai_10k")
"""Chinese reviews of shops and hotels: they tell good from bad and nothing else, at length."""

EMBEDDED: Final = ModelRecipe(
    towers={
        "text": replace(
            _TEXT,
            schedule=Schedule(3, 1.5e-4, 0.01, average=0.997),
            repeats={"meld": (1, 1, 2), "brighter_zh": (2,)} | dict.fromkeys(_REVIEWS, (0, 1, 0)),
            sentiment_share={"meld": 0.3},
            teachers=(_ENGLISH,),
        ),
        "image": TowerRecipe(
            Schedule(9, 1e-3, 0.02, warmup=0.08, average=0.998), 128, dropout=0.2, mixup=0.2, thinned=_THINNED
        ),
        "audio": TowerRecipe(
            Schedule(12, 1e-3, 0.05, average=0.95, precision="no"),
            64,
            smoothing=0.1,
            dropout=0.0,
            mixup=0.3,
            readings=6,
            reference_share=0.5,
            drawn={"ordinary": 0.5},  # all of it is neutral: more makes every unknown microphone sound neutral
        ),
    },
    fusing=FusingRecipe(),
    fusing_schedule=Schedule(4, 1e-3, 0.05, average=0.99, precision="no"),
)

# Towers that come trained from a hub: few epochs at a small rate, or they forget what they know.
_HUB: Final = ModelRecipe(
    towers={
        "text": replace(
            _TEXT, schedule=Schedule(3, 2e-5, 0.01), repeats={"meld": (1, 1, 2)}, sentiment_share={"meld": 0.3}
        ),
        "image": TowerRecipe(Schedule(5, 2e-5, 0.05), 64, smoothing=0.1, mixup=0.2, thinned=_THINNED),
        "audio": TowerRecipe(Schedule(10, 5e-5, 0.01), 16, smoothing=0.1, mixup=0.3, mixed_share=0.5),
    },
    fusing=FusingRecipe(),
    fusing_schedule=EMBEDDED.fusing_schedule,
)

RECIPES: Final = {"embedded": EMBEDDED, "clip-base": _HUB}
"""One recipe a preset."""
