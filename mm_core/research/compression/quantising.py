"""int8: dynamic quantisation of linear layers, weights once, activations as they come."""

from __future__ import annotations

import warnings

import torch
from torch import nn
from torch.ao.nn.quantized.dynamic import Linear as Int8Linear
from torch.ao.quantization import quantize_dynamic


def int8(module: nn.Module) -> nn.Module:
    """A copy whose linear layers hold int8 weights (per tensor) and compute in int8 on the CPU; the rest stays.

    Attention that torch's own layers compute, whose matrices are no linear layers, stays in float.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return quantize_dynamic(module, {nn.Linear}, dtype=torch.qint8)


def weights_of(model: nn.Module) -> dict[str, torch.Tensor]:
    """Every tensor that a saved model would hold: int8 weights as such, all others in float16."""
    tensors = {
        name: value.half() if value.is_floating_point() else value
        for name, value in model.state_dict().items()
        if isinstance(value, torch.Tensor) and not value.is_quantized
    }
    for name, part in model.named_modules():
        if isinstance(part, Int8Linear):
            tensors[f"{name}.weight"] = part.weight().int_repr()
            if part.bias() is not None:
                tensors[f"{name}.bias"] = part.bias().half()
    return {name: value.contiguous() for name, value in tensors.items()}
