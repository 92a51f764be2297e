"""A face tower that starts from face recognition: MobileNet v1 (Howard et al., arXiv 1704.04861), in timm's registry
as ``triad_mobilenet``.

Its base weights are FaceRes, trained on VGGFace2, whose batch norms are folded into the convolutions. FaceRes reads
colour; the pictures that expressions are learned from are grey, so the first convolution is folded to one channel.

Shapes: B pictures, S side in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import torch
from timm.models import register_model
from torch import Tensor, nn
from torch.nn import functional

_WIDTHS: Final = (32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)

_STRIDES: Final = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1)
"""FaceRes halves once more in its twelfth block; left out, so that 96 pixels give 6 x 6 patches instead of 3 x 3."""

_BASE_MEAN: Final = (103.939, 116.779, 123.68)
"""Blue, green and red that FaceRes subtracts, in 0..255."""

GREY_MEAN: Final = 110.0
"""Grey level, in 0..255, that this tower's configuration subtracts."""


class MobileNet(nn.Module):
    """Grey faces (B, 1, S, S), 0..255 less GREY_MEAN, to a map (B, 1024, S / 16, S / 16)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, _WIDTHS[0], 3, stride=2)
        self.blocks = nn.ModuleList(
            _Separable(i, o, stride) for i, o, stride in zip(_WIDTHS[:-1], _WIDTHS[1:], _STRIDES, strict=True)
        )

    def forward(self, pixels: Tensor) -> Tensor:
        x = functional.relu6(self.stem(_padded(pixels, 2)))
        for block in self.blocks:
            x = block(x)
        return x

    def from_base(self, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """FaceRes' tensors under this module's names; KeyError where it is something else."""
        colour = weights["stem.weight"]  # (32, 3, 3, 3), blue first
        shift = GREY_MEAN - torch.tensor(_BASE_MEAN)
        # A grey level g stands in all three channels: the sum of w_c (g - mean_c) is (sum of w_c) (g - GREY_MEAN) and
        # a constant.
        state = {
            "stem.weight": colour.sum(1, keepdim=True),
            "stem.bias": weights["stem.bias"] + (colour.sum((2, 3)) * shift).sum(1),
        }
        for index in range(len(self.blocks)):
            for name in ("depthwise", "pointwise"):
                for part in ("weight", "bias"):
                    state[f"blocks.{index}.{name}.{part}"] = weights[f"{index + 1}.{name}.{part}"]
        return state


class _Separable(nn.Module):
    """A convolution of each channel alone, then one across channels; ReLU6 after both."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.depthwise = nn.Conv2d(inputs, inputs, 3, stride=stride, groups=inputs)
        self.pointwise = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu6(self.depthwise(_padded(x, self.stride)))
        return functional.relu6(self.pointwise(x))


def _padded(x: Tensor, stride: int) -> Tensor:
    """TensorFlow's ``same`` padding for a 3 x 3 convolution: an odd pixel goes to the right and below."""
    side = x.shape[-1]
    total = max((-(-side // stride) - 1) * stride + 3 - side, 0)
    before = total // 2
    return functional.pad(x, (before, total - before, before, total - before))


@register_model
def triad_mobilenet(pretrained: bool = False, **_: Any) -> MobileNet:
    """A (1, 96, 96) grey face to a (1024, 6, 6) map; base weights come from a folder that the configuration names."""
    if pretrained:
        raise ValueError("triad_mobilenet has no weights on a hub; name a folder of FaceRes weights instead")
    return MobileNet()
