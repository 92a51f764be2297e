"""The tower on a Whisper-type encoder: the original's states at any length, relative to a reference."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from transformers import WhisperFeatureExtractor

from mm_core.encoders.clips import LEVEL
from mm_core.encoders.whisper import HOP, LogMel, WhisperConfig, WhisperEncoder
from mm_core.samples import InvalidInput
from mm_core.samples.limits import SAMPLE_RATE
from mm_core.samples.reference import VoiceInput
from tests.tiny_hub import make_whisper
from tests.toys import toy_clip, toy_text_encoder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("whisper")
    make_whisper(made)
    return made


@pytest.fixture(scope="module")
def tower(folder):
    torch.manual_seed(1)
    return WhisperEncoder.from_pretrained(WhisperConfig(source=str(folder), hidden=8)).eval()


def wave(seed, seconds=1.0):
    return toy_clip(seed, seconds).waveform


def test_log_mel_is_whispers_own_up_to_the_level():
    clip = wave(0, 30.0)
    clip = clip * np.float32(LEVEL / np.sqrt(np.square(clip).mean()))
    theirs = WhisperFeatureExtractor()(clip, sampling_rate=SAMPLE_RATE, return_tensors="pt")["input_features"][0].T
    ours = LogMel(80)(torch.from_numpy(clip))
    assert ours.shape == (3000, 80)
    torch.testing.assert_close(ours, theirs, atol=2e-3, rtol=0)


def test_log_mel_ignores_the_microphones_gain():
    mel = LogMel(80)
    clip = torch.from_numpy(wave(0))
    torch.testing.assert_close(mel(clip), mel(clip * 0.1), atol=1e-4, rtol=0)


def test_states_are_the_originals_for_a_full_window(tmp_path):
    original = make_whisper(tmp_path, seconds=30.0).get_encoder().eval()
    tower = WhisperEncoder.from_pretrained(WhisperConfig(source=str(tmp_path), layers=4, statistic_layers=(1, 2, 4)))
    batch = tower.eval().prepare([wave(0, 30.0)])
    with torch.no_grad():
        theirs = original(batch.mel[0].transpose(1, 2), output_hidden_states=True)
        ours, kept = tower._states(batch.mel, batch.mask)
    assert kept.all()
    for states, number in zip(ours[:2], (1, 2), strict=True):
        torch.testing.assert_close(states[0], theirs.hidden_states[number], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(original.layer_norm(ours[2][0]), theirs.last_hidden_state, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("seconds", [0.01, 0.305, 1.0, 1.99, 5.31])
def test_a_batch_equals_its_singles(tower, seconds):
    waves = [wave(1, seconds), wave(2, 0.63), VoiceInput(wave(3, 4.0), (wave(4),))]
    with torch.no_grad():
        together = tower(tower.prepare(waves))
        for row, given in enumerate(waves):
            alone = tower(tower.prepare([given]))
            torch.testing.assert_close(
                together.values[row][together.mask[row]], alone.values[0][alone.mask[0]], atol=1e-5, rtol=1e-4
            )


def test_what_lies_under_the_padding_is_never_read(tower):
    batch = tower.prepare([wave(1, 0.5), wave(2, 1.5)])
    dirty = torch.where(batch.mask.unsqueeze(-1), batch.mel, 7.0)
    with torch.no_grad():
        torch.testing.assert_close(tower(batch, dirty).values, tower(batch).values)


def test_spans_tile_a_clip_of_several_windows(tower):
    clip = wave(0, 5.0)
    batch = tower.prepare([clip, wave(1, 0.4)])
    tokens = tower(batch)
    assert batch.mask.shape[1] == 3
    spans = tower.spans(batch, 0)
    assert [s is not None for s in spans[1:]] == tokens.mask[0, 1:].tolist()
    assert spans[0] is None
    assert tokens.mask[0, 0]
    real = [s for s in spans if s is not None]
    assert real[0] == (0.0, pytest.approx(0.08))
    assert all(a[1] == pytest.approx(b[0]) for a, b in itertools.pairwise(real))
    assert real[-1][1] == pytest.approx(5.0, abs=HOP / SAMPLE_RATE)


def test_time_tokens_are_means_of_standardised_states(tower):
    batch = tower.prepare([wave(1, 0.5)])
    with torch.no_grad():
        tokens = tower(batch)
        states, _ = tower._states(batch.mel, batch.mask)
    mean, spread = tower.typical_mean[-1], tower.typical_std[-1] + 1e-2
    torch.testing.assert_close(tokens.values[0, 1], (states[-1][0, 0, :4].mean(0) - mean) / spread)


def test_the_statistics_token_reads_means_then_deviations(tower):
    clip, normal = wave(1, 0.7), wave(2, 0.9)
    seen = []
    hook = tower.statistics.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        tower(tower.prepare([VoiceInput(clip, (normal,))]))
    hook.remove()
    mean, std = tower.reference([clip])
    own_mean, own_std = tower.reference([normal])
    moved = (mean - own_mean) / (own_std + 1e-2)
    widened = 2 * torch.log((std + 1e-2) / (own_std + 1e-2))
    expected = torch.cat((moved.flatten(), widened.flatten()))
    torch.testing.assert_close(seen[0][0], (expected - tower.center) / tower.scale, atol=1e-4, rtol=1e-4)


def test_a_voice_against_itself_is_nothing_unusual(tower):
    clip = wave(1, 0.8)
    batch = tower.prepare([VoiceInput(clip, (clip,))])
    neutral = tower.prepare([clip])
    with torch.no_grad():
        times = tower(batch).values[0, 1:]
    assert float(times.mean().abs()) < 0.05
    assert not torch.equal(batch.reference_mean, neutral.reference_mean)


def test_several_references_are_averaged(tower):
    one, two = (tower.reference([wave(seed)]) for seed in (5, 6))
    both = tower.reference([wave(5), wave(6)])
    for index in range(2):
        torch.testing.assert_close(both[index], (one[index] + two[index]) / 2, atol=1e-5, rtol=1e-5)


def test_adapting_standardises_the_statistics(folder):
    tower = WhisperEncoder.from_pretrained(WhisperConfig(source=str(folder), hidden=8)).eval()
    clips = [wave(seed, 0.5 + 0.1 * seed) for seed in range(6)]
    tower.adapt(clips)
    means = torch.stack([tower.reference([clip])[0] for clip in clips])
    torch.testing.assert_close(tower.typical_mean, means.mean(0), atol=1e-5, rtol=1e-5)
    assert float(tower.center[: tower.typical_mean.numel()].abs().max()) < 1e-3
    seen = []
    tower.statistics.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    tower(tower.prepare(clips))
    assert float(seen[0].mean(0).abs().max()) < 1e-2
    assert float((seen[0].std(0) - 1).abs().median()) < 1e-2


def test_the_typical_voice_is_that_of_the_references(folder):
    tower = WhisperEncoder.from_pretrained(WhisperConfig(source=str(folder), hidden=8)).eval()
    normal = wave(9)
    tower.adapt([VoiceInput(wave(1), (normal,)), VoiceInput(wave(2), (normal,)), VoiceInput(wave(3))])
    torch.testing.assert_close(tower.typical_mean, tower.reference([normal])[0])


def test_only_kept_layers_have_weights_and_they_rest_unless_tuned(folder):
    config = WhisperConfig(source=str(folder), layers=2, statistic_layers=(2,))
    tower = WhisperEncoder.from_pretrained(config)
    assert len(tower.backbone.layers) == 2
    assert not any(p.requires_grad for p in tower.backbone.parameters())
    assert all(p.requires_grad for p in tower.statistics.parameters())
    tuned = WhisperEncoder.from_pretrained(dataclasses.replace(config, tune_backbone=True))
    resting = [name for name, p in tuned.backbone.named_parameters() if not p.requires_grad]
    assert resting == ["embed_positions.weight"]
    tuned(tuned.prepare([wave(0)])).values.sum().backward()
    assert tuned.backbone.conv1.weight.grad.abs().sum() > 0


def test_a_base_with_too_few_layers_or_of_another_kind_is_refused(folder, tmp_path):
    with pytest.raises(InvalidInput, match="only 4 encoder layers"):
        WhisperEncoder.from_pretrained(WhisperConfig(source=str(folder), layers=5, statistic_layers=(5,)))
    toy_text_encoder().backbone.save_pretrained(tmp_path)
    with pytest.raises(InvalidInput, match="Whisper-type"):
        WhisperEncoder.from_pretrained(WhisperConfig(source=str(tmp_path)))


@pytest.mark.parametrize("wrong", [{"statistic_layers": (2, 1, 3)}, {"statistic_layers": (1, 2)}, {"pool": 0}])
def test_a_configuration_that_can_not_be_built_is_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        WhisperConfig(**wrong)


def test_augmented_clips_change_but_stay_about_as_long(tower):
    clip = wave(0, 1.0)
    batch = tower.augmented([clip] * 8, np.random.default_rng(0))
    lengths = batch.mask.sum((1, 2))
    assert len({int(n) for n in lengths}) > 3
    assert all(88 <= int(n) <= 112 for n in lengths)
    cropped = tower.augmented([wave(0, 5.0)], np.random.default_rng(0), crop=True)
    assert int(cropped.mask.sum()) == tower.max_frames
