"""What calm voices are called: people who read or talk as usual, and actors who speak without emotion.

Emotional voices were learned from actors. Whoever speaks into a microphone as usual meets a model that may hear
anger or disgust in it, and perhaps in women's voices more than in men's; so both are counted.

Shapes: N rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.datasets.references import NEUTRAL, neutral_rows
from mm_core.datasets.tables import Table
from mm_core.evaluation.answers import Answers
from mm_core.evaluation.calibrate import calibrated
from mm_core.evaluation.evaluation_report import CalmVoices
from mm_core.predictors import Predictor

ORDINARY: Final = "ordinary"
"""The source of people who did not act."""

WOMEN: Final = "women"
MEN: Final = "men"

_EMODB_WOMEN: Final = frozenset({"emodb_08", "emodb_09", "emodb_13", "emodb_14", "emodb_16"})


def sex_of(speaker: str) -> str | None:
    """WOMEN or MEN, as the speakers' own source says (RAVDESS by odd and even number); None where it says nothing."""
    source, _, number = speaker.partition("_")
    if source == "ravdess" and number.isdigit():
        return MEN if int(number) % 2 else WOMEN
    if source == "emodb":
        return WOMEN if speaker in _EMODB_WOMEN else MEN
    return None


def calm_voices(given: Answers, table: Table, model: Predictor) -> dict[str, CalmVoices]:
    """By group, from a model's answers to every row of the voices' table; empty for labels without neutral."""
    if NEUTRAL not in model.labels:
        return {}
    scores = calibrated("emotion", given, model.calibration)
    return {name: _called(scores[rows], model) for name, rows in _groups(table, model) if rows.any()}


def _groups(table: Table, model: Predictor) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    ordinary = table.source == ORDINARY
    yield ORDINARY, ordinary
    calm = neutral_rows(table, model.labels) & ~ordinary
    sexes = np.array([sex_of(speaker) for speaker in table.group.tolist()], object)
    for sex in (WOMEN, MEN):
        yield f"calm-{sex}", calm & (sexes == sex)


def _called(scores: NDArray[np.float64], model: Predictor) -> CalmVoices:
    labels = list(model.labels)
    top = scores.argmax(1)
    sure = scores.max(1) >= model.calibration.unsure_below["emotion"]
    neutral = top == labels.index(NEUTRAL)
    other = sure & ~neutral
    return CalmVoices(
        n=len(top),
        neutral=float(neutral.mean()),
        not_sure=float((~sure & ~neutral).mean()),
        surely_other=float(other.mean()),
        surely={label: float((other & (top == c)).mean()) for c, label in enumerate(labels) if label != NEUTRAL},
    )
