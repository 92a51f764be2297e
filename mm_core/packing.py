"""Weights as they lie on disk: half precision, and 8 bits a value for the large matrices of towers that bear it.

Symmetric rounding with one scale a row, as in Jacob et al., "Quantization and training of neural networks for
efficient integer-arithmetic-only inference" (CVPR 2018), of weights alone: they are multiplied out again when a model
is loaded, and computed with in single precision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor, nn

SMALLEST: Final = 2**16
"""Values of a matrix that is worth 8 bits; below, half precision costs little."""

_STEPS: Final = 127
_SCALE: Final = ".scale"


def packed(weights: Mapping[str, Tensor], eight_bits: Callable[[str], bool]) -> dict[str, Tensor]:
    """Weights in half precision; large matrices (R, C) whose name ``eight_bits`` picks as int8, beside their scales
    (R, 1) float32 under the name with ``.scale``."""
    stored: dict[str, Tensor] = {}
    for name, value in weights.items():
        value = value.detach().cpu().contiguous()
        if not value.is_floating_point():
            stored[name] = value
        elif eight_bits(name) and _is_large_matrix(value):
            scale = _scale(value)
            stored[name] = (value / scale).round().to(torch.int8)
            stored[name + _SCALE] = scale
        else:
            stored[name] = value.half()
    return stored


def unpacked(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What ``packed`` made as single precision; tensors that were stored otherwise likewise."""
    weights: dict[str, Tensor] = {}
    for name, value in stored.items():
        if name.removesuffix(_SCALE) in stored and name.endswith(_SCALE):
            continue
        scale = stored.get(name + _SCALE)
        if scale is not None:
            weights[name] = value.float() * scale
        else:
            weights[name] = value.float() if value.is_floating_point() else value
    return weights


@torch.no_grad()
def round_large_matrices(module: nn.Module) -> None:
    """Set a module's large matrices to what 8 bits leave of them, so that what stands on it learns from the weights
    that will be loaded; doing so twice changes nothing."""
    for value in module.parameters():
        if _is_large_matrix(value):
            scale = _scale(value)
            value.copy_((value / scale).round() * scale)


def _is_large_matrix(value: Tensor) -> bool:
    return value.ndim == 2 and value.numel() >= SMALLEST


def _scale(matrix: Tensor) -> Tensor:
    """Of each row (R, 1): its largest value takes the last step; a row of zeros any."""
    return (matrix.detach().float().abs().amax(1, keepdim=True) / _STEPS).clamp(min=1e-12)
