"""How far a case lies from what the towers learned from: an answer to something else is less sure and says so.

The distance of a modality's mean token from a Gaussian around those of the train rows: Lee et al., "A simple unified
framework for detecting out-of-distribution samples and adversarial attacks" (NeurIPS 2018), with one Gaussian for all
classes. It finds what is no face, no voice or no sentence at all; it can't find people whom the model reads wrongly,
since their tokens lie where others' do.

Shapes: N rows, B samples, L tokens, D width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from torch import Tensor, nn

from mm_core.encoders.tokens import Tokens
from mm_core.labels import MODALITIES

USUAL_SHARE: Final = 0.995
"""Of validation rows that lie within the usual distance."""

SLACK: Final = 1.1
"""How many times the usual distance is still familiar."""

_LEAST_VARIANCE: Final = 1e-6
"""Of a direction, beside the largest and beside 1: half precision holds nothing much finer."""

_POWER: Final = 2.0
"""Logits are divided by the ratio of a distance to the limit, to this power."""


class Familiarity(nn.Module):
    """A Gaussian of each modality's mean tokens and the distance up to which one is familiar; until it is fitted,
    everything is."""

    def __init__(self, widths: Mapping[str, int]) -> None:
        super().__init__()
        for modality, width in widths.items():
            self.register_buffer(f"{modality}_mean", torch.zeros(width))
            self.register_buffer(f"{modality}_whitening", torch.zeros(width, width))
            self.register_buffer(f"{modality}_limit", torch.ones(()))

    @torch.no_grad()
    def fit(self, modality: str, train: NDArray[np.float32], valid: NDArray[np.float32]) -> None:
        """Take the Gaussian from the train rows' mean tokens (N, D), with the covariance of Ledoit and Wolf ("A
        well-conditioned estimator for large-dimensional covariance matrices", 2004), and the limit from both."""
        found = LedoitWolf().fit(train.astype(np.float64))
        variances, directions = np.linalg.eigh(found.covariance_)
        # Directions in which train rows hardly differ would blow up what is only rounding.
        variances = np.maximum(variances, max(_LEAST_VARIANCE * variances.max(), _LEAST_VARIANCE))
        self._set(modality, "mean", torch.from_numpy(found.location_))
        self._set(modality, "whitening", torch.from_numpy(directions / np.sqrt(variances)))
        self._set(modality, "limit", torch.tensor(1.0))
        for rows in (train, valid):
            self.widen(modality, rows)

    @torch.no_grad()
    def widen(self, modality: str, rows: NDArray[np.float32]) -> None:
        """Raise the limit so that USUAL_SHARE of these rows (N, D) lie well within it."""
        if not len(rows):
            return
        distances = self._distance(modality, torch.from_numpy(rows).to(self._get(modality, "mean")))
        usual = SLACK * torch.quantile(distances, USUAL_SHARE)
        self._set(modality, "limit", torch.maximum(self._get(modality, "limit"), usual))

    def strangeness(self, modality: str, tokens: Tokens) -> Tensor:
        """The distance (B,) of each row's mean token in units of the limit: above 1 it is unfamiliar."""
        return self._distance(modality, tokens.mean().float()) / self._get(modality, "limit")

    def damping(self, tokens: Mapping[str, Tokens], presence: Tensor) -> Tensor:
        """What the logits of classes are divided by (B, 1), at least 1: by the strangest present modality."""
        factor = torch.ones(len(presence), device=presence.device)
        for column, modality in enumerate(MODALITIES):
            if modality in tokens:
                own = self.strangeness(modality, tokens[modality]).clamp(min=1.0) ** _POWER
                factor = torch.where(presence[:, column], torch.maximum(factor, own), factor)
        return factor.unsqueeze(1)

    def _distance(self, modality: str, means: Tensor) -> Tensor:
        """Mahalanobis distance (B,) of mean tokens (B, D)."""
        moved = (means - self._get(modality, "mean")) @ self._get(modality, "whitening")
        return (moved.square().sum(1) + 1e-12).sqrt()  # a gradient at the centre, too

    def _get(self, modality: str, name: str) -> Tensor:
        return self.get_buffer(f"{modality}_{name}")

    def _set(self, modality: str, name: str, value: Tensor) -> None:
        self._get(modality, name).copy_(value)
