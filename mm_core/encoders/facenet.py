"""The embedded image tower: a small residual network for faces, registered with timm as ``triad_facenet``."""

from __future__ import annotations

from typing import Any

from timm.models import ByoBlockCfg, ByobNet, ByoModelCfg, register_model

# Three residual stages at 24, 12 and 6 pixels for a 48-pixel input: 36 patches of 8 x 8 input pixels, fine
# enough to tell eyes from mouth.
_CONFIG = ByoModelCfg(
    blocks=(
        ByoBlockCfg(type="basic", d=2, c=48, s=1, gs=0, br=1.0),
        ByoBlockCfg(type="basic", d=2, c=96, s=2, gs=0, br=1.0),
        ByoBlockCfg(type="basic", d=2, c=192, s=2, gs=0, br=1.0),
    ),
    stem_chs=32,
    stem_type="3x3",
    stem_pool="",
    act_layer="relu",
)


@register_model
def triad_facenet(pretrained: bool = False, **kwargs: Any) -> ByobNet:
    """A (1, 48, 48) grayscale face to a (192, 6, 6) map; there are no weights to download."""
    if pretrained:
        raise ValueError("triad_facenet has no weights on a hub; load a saved Triad model instead")
    options = {k: v for k, v in kwargs.items() if k in ("num_classes", "global_pool", "drop_path_rate")}
    return ByobNet(_CONFIG, in_chans=1, **options)
