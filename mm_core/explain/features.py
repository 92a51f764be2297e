"""Which features of an encoder belong to which unit.

What a feature is when its unit is taken away is the encoder's baseline: a word becomes the mask token, a patch the
mean colour of the face, a moment the clip's noise floor. The relevance methods and their test share this removal.

Shapes: U units.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mm_core.encoders import Batch, Encoder
from mm_core.explain.records import Segments


def feature_mask_of(encoder: Encoder, batch: Batch, features: Tensor, units: Segments) -> Tensor:
    """The unit of each feature of a batch of one, -1 for none, to be broadcast over ``features[0]``."""
    units_of_tokens = torch.from_numpy(np.append(units.token_units, -1).astype(np.int64)).to(features.device)
    return units_of_tokens[encoder.feature_mask(batch, features)]  # token -1 has the last place: no unit


def sum_over_units(values: Tensor, feature_mask: Tensor, count: int) -> Tensor:
    """Values of features (1, ...) to sums of units (U,)."""
    spread = feature_mask.expand_as(values[0]).reshape(-1)
    kept = spread >= 0
    return values.new_zeros(count).index_add(0, spread[kept], values.reshape(-1)[kept])
