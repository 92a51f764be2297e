"""Which features of an encoder belong to which unit, and what a feature is when its unit is taken away.

Taking a unit away: a word becomes the mask token, a patch the mean colour of the face, a moment the clip's noise
floor. Both the relevance methods and their test use the same removal.

Letters: U units, L word pieces, E embedding width, C channels, S side in pixels, W windows, T frames or samples,
F mel bands, V variants.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from mm_core.encoders.tokens import Batch
from mm_core.explain.records import Units
from mm_core.samples.limits import SAMPLE_RATE

NOISE_FLOOR: Final = 0.10
"""Quantile over a clip's frames that is taken as each band's noise floor."""


def feature_owners(modality: str, batch: Any, features: Tensor, units: Units, start: float = 0.0) -> Tensor:
    """The unit of each feature, -1 for none: (L,) for text, (S, S) for pictures, (W, T) for log-mel windows, (T,) for
    waveforms. ``features`` has one row; ``start``: seconds cut from the front of the clip."""
    if modality == "text":
        owners = units.token_units
    elif modality == "image":
        rows, columns = units.grid or (1, len(units))
        side = np.arange(features.shape[-1]) + 0.5
        row = (side * rows / features.shape[-1]).astype(np.int64)
        column = (side * columns / features.shape[-1]).astype(np.int64)
        owners = row[:, None] * columns + column[None, :]
    elif features.ndim == 4:
        frames = batch.starts[0].cpu().numpy()[:, None] + np.arange(features.shape[2])[None, :]  # (W, T)
        seconds = (frames + 0.5) * batch.hop_seconds + start
        owners = np.where(batch.mask[0].cpu().numpy(), _at(seconds, units), -1)
    else:
        owners = _at((np.arange(features.shape[1]) + 0.5) / SAMPLE_RATE + start, units)
    return torch.from_numpy(np.asarray(owners, np.int64)).to(features.device)


def neutral_features(modality: str, encoder: nn.Module, batch: Any, features: Tensor) -> Tensor:
    """Features (1, ...) of the same shape in which every unit is taken away."""
    if modality == "text":
        mask_id: int = encoder.tokenizer.mask_token_id  # type: ignore[union-attr,assignment]
        mask = encoder.backbone.get_input_embeddings()(batch.ids.new_tensor([[mask_id]]))  # type: ignore[union-attr,operator]
        return mask.detach().expand_as(features)
    if modality == "image":
        return features.mean((2, 3), keepdim=True).expand_as(features)
    if features.ndim == 4:
        frames = features[0][batch.mask[0]]  # (T', F)
        return frames.quantile(NOISE_FLOOR, dim=0).expand_as(features)
    return torch.zeros_like(features)


def removed(features: Tensor, neutral: Tensor, owners: Tensor, gone: Tensor) -> Tensor:
    """Features (1, ...) to (V, ...): variant ``v`` without the units that ``gone`` (V, U) marks."""
    table = torch.cat((gone, gone.new_zeros(len(gone), 1)), 1)  # the last column stands for "no unit", never gone
    mask = table[:, owners]  # (V, *owners)
    if owners.ndim == 2 and features.ndim == 4 and features.shape[-2:] == owners.shape:
        mask = mask.unsqueeze(1)  # pictures: (V, 1, S, S)
    while mask.ndim < features.ndim:
        mask = mask.unsqueeze(-1)
    return torch.where(mask, neutral, features)


def sum_over_units(values: Tensor, owners: Tensor, count: int) -> Tensor:
    """Features' values (1, ...) to unit sums (U,)."""
    extra = values.ndim - 1 - owners.ndim
    if extra and values.shape[-2:] == owners.shape:
        flat = values[0].sum(0)  # pictures: channels come first
    else:
        flat = values[0].sum(tuple(range(owners.ndim, owners.ndim + extra))) if extra else values[0]
    kept = owners >= 0
    return flat.new_zeros(count).index_add(0, owners[kept], flat[kept])


def repeated(batch: Batch, modality: str, times: int) -> Batch:
    """A batch of one row as a batch of ``times`` equal rows."""
    kind: Any = type(batch)
    fields = dict(vars(batch))
    for name, value in fields.items():
        if isinstance(value, Tensor) and value.ndim and len(value) == 1:
            fields[name] = value.expand(times, *value.shape[1:])
        elif isinstance(value, list):
            fields[name] = value * times
    return kind(**fields)


def _at(seconds: np.ndarray, units: Units) -> np.ndarray:
    """The unit that lies at these seconds of the clip as given, -1 outside."""
    if not len(units):
        return np.full(seconds.shape, -1)
    index = np.searchsorted(units.spans[:, 0], seconds + 1e-9, side="right") - 1
    return np.where((index >= 0) & (seconds <= units.spans[index, 1] + 1e-2), index, -1)
