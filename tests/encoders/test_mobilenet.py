"""The face tower that starts from face recognition: its grey stem, its padding, its base weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional

from mm_core.encoders.image import ImageConfig, ImageEncoder
from mm_core.encoders.mobilenet import _BASE_MEAN, GREY_MEAN, MobileNet, _padded
from mm_core.samples import InvalidInput

CONFIG = ImageConfig(
    tower="timm:triad_mobilenet", image_size=96, mean=(GREY_MEAN / 255,), std=(1 / 255,), pretrained=""
)


@pytest.fixture(scope="module")
def base():
    """Tensors named and shaped as FaceRes stores them: colour stem, blocks counted from 1."""
    random = torch.Generator().manual_seed(0)
    own = MobileNet().state_dict()
    weights = {"stem.weight": torch.randn(32, 3, 3, 3, generator=random) * 0.1, "stem.bias": own["stem.bias"]}
    for name, value in own.items():
        if name.startswith("blocks."):
            _, index, rest = name.split(".", 2)
            weights[f"{int(index) + 1}.{rest}"] = value
    return weights


def test_grey_stem_equals_the_colour_stem_on_a_grey_picture(base):
    network = MobileNet()
    network.load_state_dict(network.from_base(base))
    grey = torch.randint(0, 256, (2, 1, 96, 96), generator=torch.Generator().manual_seed(1)).float()
    colour = grey.expand(-1, 3, -1, -1) - torch.tensor(_BASE_MEAN)[None, :, None, None]
    expected = functional.conv2d(colour, base["stem.weight"], base["stem.bias"], stride=2)
    torch.testing.assert_close(network.stem(grey - GREY_MEAN), expected, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize(("side", "stride", "before", "after"), [(96, 2, 0, 1), (96, 1, 1, 1), (5, 2, 1, 1)])
def test_same_padding_puts_the_odd_pixel_right_and_below(side, stride, before, after):
    padded = _padded(torch.ones(1, 1, side, side), stride)[0, 0, side // 2]
    assert padded.tolist() == [0.0] * before + [1.0] * side + [0.0] * after


def test_ninety_six_pixels_give_six_by_six_patches(tmp_path, base):
    save_file({name: value.contiguous() for name, value in base.items()}, tmp_path / "model.safetensors")
    encoder = ImageEncoder.from_pretrained(CONFIG.based_on(str(tmp_path))).eval()
    assert (encoder.grid, encoder.width) == ((6, 6), 1024)
    crop = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    with torch.inference_mode():
        tokens = encoder(encoder.prepare([crop, crop[::-1]]))
        alone = encoder(encoder.prepare([crop]))
    assert tokens.values.shape == (2, 36, 1024)
    torch.testing.assert_close(tokens.values[:1], alone.values, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(encoder.tower.trunk.blocks[0].depthwise.weight, base["1.depthwise.weight"])


def test_base_weights_that_are_missing_or_of_another_network_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="safetensors file is needed"):
        ImageEncoder.from_pretrained(CONFIG.based_on(str(tmp_path)))
    save_file({"a": torch.zeros(1)}, tmp_path / "model.safetensors")
    with pytest.raises(InvalidInput, match="another network"):
        ImageEncoder.from_pretrained(CONFIG.based_on(str(tmp_path)))
