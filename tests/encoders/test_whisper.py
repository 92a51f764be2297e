"""The tower on a Whisper-type encoder: the original's states at any length, relative to a reference."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from transformers import WhisperFeatureExtractor

from mm_core.encoders.base import Condensed
from mm_core.encoders.clips import LEVEL
from mm_core.encoders.whisper import HOP, LOCAL_SHARE, LogMel, WhisperConfig, WhisperEncoder
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
    assert [s is not None for s in spans] == tokens.mask[0].tolist()
    real = [s for s in spans if s is not None]
    assert real[0] == (0.0, pytest.approx(0.08))
    assert all(a[1] == pytest.approx(b[0]) for a, b in itertools.pairwise(real))
    assert real[-1][1] == pytest.approx(5.0, abs=HOP / SAMPLE_RATE)


def test_a_token_is_the_summary_and_a_share_of_what_is_special_about_its_moment(tower):
    batch = tower.prepare([wave(1, 0.5)])
    with torch.no_grad():
        tokens = tower(batch)
        states, kept = tower._states(batch.mel, batch.mask)
        condensed = tower.condense(batch)
        summary = tower.from_condensed(Condensed(condensed, torch.full_like(condensed, torch.nan))).values[0, 0]
    last = states[-1][0][kept[0]]  # (t, K)
    local = (last[:4].mean(0) - last.mean(0)) / (last.std(0, correction=0) + 1e-2)
    torch.testing.assert_close(tokens.values[0, 0], summary + LOCAL_SHARE * local, atol=1e-4, rtol=1e-4)


def test_the_mean_of_the_tokens_is_the_summary(tower):
    clips = [wave(1, 0.8), wave(2, 1.6), VoiceInput(wave(3, 2.4), (wave(4),))]  # whole tokens
    batch = tower.prepare(clips)
    with torch.no_grad():
        alone = tower.from_condensed(Condensed(tower.condense(batch), batch.reference))
        torch.testing.assert_close(tower(batch).mean(), alone.mean(), atol=1e-4, rtol=1e-4)


def test_the_summary_reads_differences_from_the_reference(tower):
    clip, normal = wave(1, 0.7), wave(2, 0.9)
    seen = []
    hook = tower.summary.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    with torch.no_grad():
        tower(tower.prepare([VoiceInput(clip, (normal,)), clip]))
    hook.remove()
    own = tower.reference([clip])
    expected = torch.stack([own - tower.reference([normal]), own - tower.typical]) / tower.scale
    torch.testing.assert_close(seen[0], expected.flatten(1), atol=1e-4, rtol=1e-4)


def test_a_condensed_clip_without_reference_is_judged_against_the_typical_voice(folder):
    tower = WhisperEncoder.from_pretrained(WhisperConfig(source=str(folder), hidden=8)).eval()
    tower.adapt([wave(7), wave(8)])
    batch = tower.prepare([wave(1)])
    values = tower.condense(batch)
    unknown = tower.from_condensed(Condensed(values, torch.full_like(values, torch.nan)))
    typical = tower.from_condensed(Condensed(values, tower.typical[None]))
    assert torch.equal(unknown.values, typical.values)
    other = tower.from_condensed(Condensed(values, tower.reference([wave(2)])[None]))
    assert not torch.allclose(other.values, typical.values)


def test_several_references_are_averaged(tower):
    one, two = (tower.reference([wave(seed)]) for seed in (5, 6))
    torch.testing.assert_close(tower.reference([wave(5), wave(6)]), (one + two) / 2, atol=1e-5, rtol=1e-5)


def test_adapting_measures_the_typical_voice_and_how_far_clips_lie_from_it(folder):
    tower = WhisperEncoder.from_pretrained(WhisperConfig(source=str(folder), hidden=8)).eval()
    clips = [wave(seed, 0.5 + 0.1 * seed) for seed in range(6)]
    tower.adapt(clips)
    statistics = torch.stack([tower.reference([clip]) for clip in clips])
    torch.testing.assert_close(tower.typical, statistics.mean(0), atol=1e-5, rtol=1e-5)
    seen = []
    tower.summary.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    tower(tower.prepare(clips))
    assert float(seen[0].mean(0).abs().max()) < 1e-2
    assert float((seen[0].std(0) - 1).abs().median()) < 1e-2


def test_the_typical_voice_is_that_of_the_references(folder):
    tower = WhisperEncoder.from_pretrained(WhisperConfig(source=str(folder), hidden=8)).eval()
    normal = wave(9)
    tower.adapt([VoiceInput(wave(1), (normal,)), VoiceInput(wave(2), (normal,)), VoiceInput(wave(3))])
    torch.testing.assert_close(tower.typical, tower.reference([normal]))


def test_the_summary_is_blind_to_how_calm_speakers_differ(folder):
    tower = WhisperEncoder.from_pretrained(WhisperConfig(source=str(folder), hidden=8, nuisance=2)).eval()
    torch.manual_seed(0)
    values = torch.randn(40, 2, 3, 16)
    direction = torch.randn(2, 3, 16)
    speaker = torch.arange(40) % 8
    values += speaker[:, None, None, None] * direction
    tower.adapt_condensed(values, torch.ones(40, dtype=torch.bool), [f"speaker {s}" for s in speaker.tolist()])
    torch.testing.assert_close(tower.nuisance @ tower.nuisance.T, torch.eye(2), atol=1e-5, rtol=0)
    given = torch.randn(1, 2, 3, 16)
    with torch.no_grad():
        usual, moved, other = (
            tower.from_condensed(Condensed(v, torch.full_like(v, torch.nan))).values
            for v in (given, given + 3 * direction, given + 3 * torch.randn(2, 3, 16))
        )
    assert float((moved - usual).abs().max()) < 0.2 * float((other - usual).abs().max())
    tower.adapt_condensed(values, torch.ones(40, dtype=torch.bool))
    assert not tower.nuisance.any(), "nothing is known of who spoke"


def test_a_tower_whose_backbone_learns_condenses_nothing(folder):
    config = WhisperConfig(source=str(folder), hidden=8, tune_backbone=True)
    tower = WhisperEncoder.from_pretrained(config)
    assert tower.condense(tower.prepare([wave(0)])) is None


def test_only_kept_layers_have_weights_and_they_rest_unless_tuned(folder):
    config = WhisperConfig(source=str(folder), layers=2, statistic_layers=(2,))
    tower = WhisperEncoder.from_pretrained(config)
    assert len(tower.backbone.layers) == 2
    assert not any(p.requires_grad for p in tower.backbone.parameters())
    assert all(p.requires_grad for p in tower.summary.parameters())
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
