"""Integrated gradients: the mean slope on the straight way from the removed input to the input, times that way.

Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks" (ICML 2017), by captum. Complete: the values of
all units add up to the score's difference between the input and the input without any unit.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mm_core.explain.features import sum_over_units
from mm_core.explain.target import Target
from mm_core.explain.trace import Trace, as_array

STEPS: Final = 16
"""Points on the way (Gauss-Legendre)."""


def integrated_gradients(trace: Trace, modality: str, target: Target) -> NDArray[np.float32]:
    """(U,): how far the target's score falls on the way to the input without any unit, by unit."""
    from captum.attr import IntegratedGradients

    given = trace.encoded[modality]

    def score(features: Tensor) -> Tensor:
        return target.score(trace.answer(modality, trace.encode(modality, features), trace.present))

    found = IntegratedGradients(score).attribute(given.features.detach(), given.baseline, n_steps=STEPS)
    return as_array(sum_over_units(found.detach(), given.feature_mask, len(given.units)))
