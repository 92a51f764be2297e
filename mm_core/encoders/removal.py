"""Features with units (words, patches, moments) taken away, as explanation by removal asks for them.

Shapes: U units, V variants.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Removable:
    """Features of one input, of which units can be taken away. features, baseline (1, ...): as given, and with every
    unit taken away. feature_mask: the unit of each feature, -1 for none, broadcastable over ``features[0]``."""

    features: Tensor
    baseline: Tensor
    feature_mask: Tensor

    def without(self, removed: Tensor) -> Tensor:
        """Features (V, ...): variant ``v`` without the units that ``removed`` (V, U) bool marks."""
        # The last column is unit -1: never removed.
        table = torch.cat((removed, removed.new_zeros(len(removed), 1)), 1)
        return torch.where(table[:, self.feature_mask], self.baseline, self.features)
