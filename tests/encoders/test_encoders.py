"""Each encoder: shapes, masks, spans, and a batch that equals its singles."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from mm_core.encoders.image import ImageConfig, ImageEncoder
from mm_core.encoders.mel import FRAMES_PER_TOKEN, LogMel, MelConfig, MelEncoder
from mm_core.encoders.tokens import Tokens, pad_tokens
from mm_core.samples.limits import SAMPLE_RATE
from tests.toys import toy_clip, toy_text_encoder

TEXTS = ["i am happy", "what a great, great day!", "you"]


@pytest.fixture(scope="module")
def text():
    torch.manual_seed(0)
    return toy_text_encoder().eval()


@pytest.fixture(scope="module")
def image():
    torch.manual_seed(0)
    return ImageEncoder.build(ImageConfig(), pretrained=False).eval()


@pytest.fixture(scope="module")
def audio():
    torch.manual_seed(0)
    encoder = MelEncoder(MelConfig(mel_bands=32, channels=(4, 8, 8, 8), width=16, heads=2)).eval()
    for module in encoder.modules():  # running statistics as after training, so that norms do something
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return encoder


def test_tokens_mean_ignores_masked_values():
    values = torch.tensor([[[1.0], [3.0], [99.0]], [[float("nan")], [1.0], [2.0]]])
    tokens = Tokens(values, torch.tensor([[True, True, False], [False, False, False]]))
    assert tokens.mean().tolist() == [[2.0], [0.0]]


def test_tokens_refuse_a_mask_of_another_shape():
    with pytest.raises(ValueError, match="does not fit"):
        Tokens(torch.zeros(2, 3, 4), torch.ones(2, 4, dtype=torch.bool))


def test_pad_tokens_keeps_every_row():
    parts = [Tokens(torch.ones(1, n, 2), torch.ones(1, n, dtype=torch.bool)) for n in (1, 3)]
    joined = pad_tokens(parts)
    assert joined.values.shape == (2, 3, 2)
    assert joined.mask.sum(1).tolist() == [1, 3]


def test_text_batch_equals_singles(text):
    together = text(text.prepare(TEXTS))
    for row, words in enumerate(TEXTS):
        alone = text(text.prepare([words]))
        length = int(alone.mask.sum())
        torch.testing.assert_close(together.values[row, :length], alone.values[0], atol=1e-5, rtol=1e-4)
        assert int(together.mask[row].sum()) == length


def test_text_spans_point_at_the_words(text):
    batch = text.prepare(TEXTS)
    pieces = [TEXTS[1][int(s[0]) : int(s[1])] for s in text.spans(batch, 1) if s is not None]
    assert "".join(pieces) == TEXTS[1].replace(" ", "")
    assert text.spans(batch, 1)[0] is None  # [CLS]
    assert len(text.spans(batch, 0)) == batch.ids.shape[1]


def test_text_features_stand_in_for_ids(text):
    batch = text.prepare(TEXTS)
    torch.testing.assert_close(text(batch).values, text(batch, text.features(batch)).values)


def test_long_text_is_cut_and_counted(text):
    batch = text.prepare(["happy " * 100, "sad"])
    assert batch.ids.shape[1] == text.max_pieces
    assert batch.given_pieces == [102, 3]


def test_image_patches_cover_the_crop(image):
    crop = np.random.default_rng(0).integers(0, 256, (70, 55, 3), np.uint8)
    tokens = image(image.prepare([crop]))
    spans = image.spans(image.prepare([crop]), 0)
    assert tokens.values.shape == (1, 36, 192)
    area = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in spans)
    assert area == pytest.approx(1.0)
    assert spans[0][:2] == (0.0, 0.0)
    assert spans[-1][2:] == (1.0, 1.0)


def test_image_patch_sees_its_own_place_most(image):
    """Order of patches: a change in one corner moves that corner's token more than the opposite one's."""
    base = image.normalise(np.full((1, 48, 48, 1), 128, np.uint8))
    changed = base.clone()
    changed[:, :, :8, 40:] = 1.0
    with torch.no_grad():
        moved = (image._patches(changed) - image._patches(base)).norm(dim=2)[0].reshape(6, 6)
    assert moved[0, 5] > moved[5, 0]


def test_image_grayscale_of_colour_and_size(image):
    red = np.zeros((100, 100, 3), np.uint8)
    red[..., 0] = 255
    small = image.resize(red)
    assert small.shape == (48, 48, 1)
    assert int(small[0, 0, 0]) == pytest.approx(76, abs=1)  # ITU-R 601 luma of pure red


@pytest.mark.parametrize("seconds", [0.01, 0.3, 2.0, 2.95, 7.3])
def test_audio_batch_equals_singles(audio, seconds):
    waves = [toy_clip(1, seconds).waveform, toy_clip(2, 1.3).waveform, toy_clip(3, 4.1).waveform]
    with torch.no_grad():
        together = audio(audio.prepare(waves))
        alone = audio(audio.prepare(waves[:1]))
    torch.testing.assert_close(
        together.values[0][together.mask[0]], alone.values[0][alone.mask[0]], atol=1e-5, rtol=1e-4
    )


def test_audio_spans_tile_the_clip(audio):
    wave = toy_clip(0, 7.0).waveform
    batch = audio.prepare([wave, toy_clip(0, 1.0).waveform])
    tokens = audio(batch)
    spans = audio.spans(batch, 0)
    assert len(spans) == tokens.values.shape[1]
    real = [s for s, kept in zip(spans, tokens.mask[0].tolist(), strict=True) if s is not None and kept]
    assert all(s is None for s, kept in zip(spans, tokens.mask[0].tolist(), strict=True) if not kept)
    assert real[0][0] == 0.0
    assert all(a[1] == pytest.approx(b[0]) for a, b in itertools.pairwise(real))
    assert real[-1][1] == pytest.approx(7.0, abs=2 * audio.config.hop / SAMPLE_RATE)


def test_audio_windows_are_whole_tokens(audio):
    assert audio.max_frames % FRAMES_PER_TOKEN == 0
    assert audio.max_frames * audio.config.hop / SAMPLE_RATE <= audio.config.window_seconds


def test_log_mel_ignores_the_microphones_gain():
    mel = LogMel(MelConfig())
    wave = torch.from_numpy(toy_clip(0).waveform)
    torch.testing.assert_close(mel(wave), mel(wave * 0.1), atol=1e-3, rtol=1e-3)


def test_log_mel_finds_a_tone_in_its_band():
    config = MelConfig()
    mel = LogMel(config)
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(SAMPLE_RATE) / SAMPLE_RATE)
    loudest = int(mel(tone).mean(0).argmax())
    centres = mel.filters.argmax(0) * SAMPLE_RATE / config.fft
    assert abs(float(centres[loudest]) - 1000) < 60


def test_the_mel_tower_adapts_to_the_levels_of_its_train_clips(audio):
    waves = [toy_clip(s).waveform for s in range(3)]
    mels = [audio.log_mel(torch.from_numpy(wave)) for wave in waves]
    fresh = MelEncoder(audio.config)
    fresh.adapt(waves)
    normal = (torch.cat(mels) - fresh.band_mean) / fresh.band_std
    assert float(normal.mean().abs()) < 1e-3
    assert float((normal.std(0) - 1).abs().max()) < 1e-3
