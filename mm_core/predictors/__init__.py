"""Models that explanation by removal, evaluation, robustness and the pages can work with, ours and other people's."""

from mm_core.predictors.base import (
    Predictor,
    TaskLogits,
    accepted,
    presence_of,
    probabilities,
    require_usable,
)

__all__ = ["Predictor", "TaskLogits", "accepted", "presence_of", "probabilities", "require_usable"]
