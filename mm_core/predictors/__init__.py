"""Models that explanation by removal, evaluation, robustness and the pages can work with, ours and other people's."""

from mm_core.predictors.answers import UnusableAnswer, UnusablePredictor
from mm_core.predictors.base import (
    Predictor,
    TaskLogits,
    accepted,
    presence_of,
    probabilities,
    require_usable,
)
from mm_core.predictors.description import load
from mm_core.predictors.function import wrap

__all__ = [
    "Predictor",
    "TaskLogits",
    "UnusableAnswer",
    "UnusablePredictor",
    "accepted",
    "load",
    "presence_of",
    "probabilities",
    "require_usable",
    "wrap",
]
