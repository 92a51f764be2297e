"""Base weights as hubs store them."""

from __future__ import annotations

import pytest
import torch

from mm_core.encoders import base_encoder
from mm_core.encoders.text import TextConfig
from mm_core.encoders.waveform import WaveformConfig
from tests.tiny_hub import make_hub


@pytest.mark.parametrize(("modality", "config"), [("text", TextConfig), ("audio", WaveformConfig)])
def test_weights_stored_in_half_precision_are_trained_in_single(modality, config, tmp_path):
    make_hub(tmp_path)
    folder = tmp_path / modality
    stored = base_encoder(modality, config(source=str(folder))).backbone
    stored.half().save_pretrained(folder)
    encoder = base_encoder(modality, config(source=str(folder)))
    assert {value.dtype for value in encoder.parameters()} == {torch.float32}
