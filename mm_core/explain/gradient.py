"""Gradient x input: the slope of the answer at each feature, times the feature's distance from its removal.

Shrikumar et al., "Not just a black box: learning important features through propagating activation differences"
(2016), with the features of a removed unit (mask token, mean colour, noise floor) as the reference.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.features import sum_over_units
from mm_core.explain.target import Target
from mm_core.explain.trace import Trace, as_array


def gradient_x_input(trace: Trace, modality: str, target: Target) -> NDArray[np.float32]:
    """(U,): to first order, how far the target's score would fall if the unit were taken away."""
    given = trace.encoded[modality]
    product = trace.gradients(target)[modality] * (given.features.detach() - given.baseline)
    return as_array(sum_over_units(product, given.feature_mask, len(given.units)))
