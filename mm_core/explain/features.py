"""Which features of an encoder belong to which unit, and what a feature is when its unit is taken away.

Taking a unit away: a word becomes the mask token, a patch the mean colour of the face, a moment the clip's noise
floor. The relevance methods and their test share this removal.

Letters: U units, L word pieces, E embedding width, C channels, S side in pixels, W windows, T frames or samples,
F mel bands, V variants.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mm_core.explain.records import Units
from mm_core.samples.limits import SAMPLE_RATE

NOISE_FLOOR: Final = 0.10
"""Quantile over a clip's frames that is taken as each band's noise floor."""


def feature_owners(modality: str, batch: Any, features: Tensor, units: Units, start: float = 0.0) -> Tensor:
    """The unit of each feature, -1 for none, to be broadcast over ``features[0]``: (L, 1) for word pieces, (1, S, S)
    for pictures, (W, T, 1) for log-mel windows, (T,) for waveforms.

    ``features`` has one row; ``start``: seconds cut from the front of the clip.
    """
    owners: NDArray[np.integer]
    if modality == "text":
        owners = units.token_units[:, None]
    elif modality == "image":
        rows, columns = units.grid or (1, len(units))
        side = (np.arange(features.shape[-1]) + 0.5) / features.shape[-1]
        owners = ((side * rows).astype(np.int64)[:, None] * columns + (side * columns).astype(np.int64))[None]
    elif features.ndim == 4:
        frames = batch.starts[0].cpu().numpy()[:, None] + np.arange(features.shape[2])  # (W, T)
        found = _units_at((frames + 0.5) * batch.hop_seconds + start, units)
        owners = np.where(batch.mask[0].cpu().numpy(), found, -1)[:, :, None]
    else:
        owners = _units_at((np.arange(features.shape[1]) + 0.5) / SAMPLE_RATE + start, units)
    return torch.from_numpy(np.asarray(owners, np.int64)).to(features.device)


def neutral_features(modality: str, encoder: nn.Module, batch: Any, features: Tensor) -> Tensor:
    """What features (1, ...) are where their unit is taken away, of the same shape."""
    if modality == "text":
        mask_id: int = encoder.tokenizer.mask_token_id  # type: ignore[union-attr,assignment]
        mask = dataclasses.replace(batch, ids=torch.full_like(batch.ids, mask_id))
        return encoder.features(mask).detach()  # type: ignore[operator]
    if modality == "image":
        return features.mean((2, 3), keepdim=True).expand_as(features)
    if features.ndim == 4:
        frames = features[0][batch.mask[0]]  # (T', F)
        return frames.quantile(NOISE_FLOOR, dim=0).expand_as(features)
    return torch.zeros_like(features)


def removed(features: Tensor, neutral: Tensor, owners: Tensor, gone: Tensor) -> Tensor:
    """Features (1, ...) to (V, ...): variant ``v`` without the units that ``gone`` (V, U) bool marks."""
    table = torch.cat((gone, gone.new_zeros(len(gone), 1)), 1)  # the last column is owner -1: never gone
    return torch.where(table[:, owners], neutral, features)


def sum_over_units(values: Tensor, owners: Tensor, count: int) -> Tensor:
    """Values of features (1, ...) to sums of units (U,)."""
    spread = owners.expand_as(values[0]).reshape(-1)
    kept = spread >= 0
    return values.new_zeros(count).index_add(0, spread[kept], values.reshape(-1)[kept])


def repeated(batch: Any, times: int) -> Any:
    """A batch of one row as a batch of ``times`` equal rows."""
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(batch):
        value = getattr(batch, field.name)
        if isinstance(value, Tensor):
            changes[field.name] = value.expand(times, *value.shape[1:])
        elif isinstance(value, list):
            changes[field.name] = value * times
    return dataclasses.replace(batch, **changes)


def _units_at(seconds: NDArray[np.float64], units: Units) -> NDArray[np.int64]:
    """The unit at these seconds of the clip as given. The last unit also owns what lies just behind it: a window's
    last frame is centred on the end of the clip."""
    if not len(units):
        return np.full(seconds.shape, -1)
    return np.maximum(np.searchsorted(units.spans[:, 0], seconds, side="right") - 1, 0)
