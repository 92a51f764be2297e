"""Sounds are decoded from their content: mono, 16 kHz, ends trimmed, bounded."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from mm_core.samples import InvalidInput, audio
from mm_core.samples.audio import loud_part, loudness, read_clip
from mm_core.samples.limits import MAX_AUDIO_SECONDS, MAX_DECODED_SECONDS, SAMPLE_RATE

from .sounds import RATE, encoded, noise, tone

SPOKEN = tone(1.0) * np.linspace(1, 0.2, RATE)


def test_path_bytes_and_array_give_the_same_waveform(tmp_path: Path):
    content = encoded(SPOKEN, subtype="FLOAT")
    path = tmp_path / "voice"
    path.write_bytes(content)
    expected = SPOKEN.astype(np.float32)
    for given_sound in (path, str(path), content, (RATE, expected)):
        clip, notices = read_clip(given_sound)
        assert clip.waveform.dtype == np.float32
        np.testing.assert_array_equal(clip.waveform, expected)
        assert (clip.start, clip.given_seconds, clip.seconds, notices) == (0.0, 1.0, 1.0, ())


@pytest.mark.parametrize(
    ("container", "subtype", "error"),
    [
        ("WAV", "PCM_U8", 0.05),
        ("WAV", "PCM_16", 1e-3),
        ("WAV", "PCM_24", 1e-6),
        ("WAV", "DOUBLE", 1e-6),
        ("WAVEX", "PCM_16", 1e-3),
        ("RF64", "PCM_16", 1e-3),
        ("FLAC", "PCM_16", 1e-3),
        ("OGG", "VORBIS", 0.05),
        ("OGG", "OPUS", 0.1),
        ("MP3", "MPEG_LAYER_III", 0.05),
    ],
)
def test_formats(container: str, subtype: str, error: float):
    clip, _ = read_clip(encoded(SPOKEN, container=container, subtype=subtype))
    middle = slice(1600, 14400)
    # A lossy format may shift the sound by its frame; the spectrum stays.
    difference = np.abs(np.fft.rfft(clip.waveform[middle])) - np.abs(np.fft.rfft(SPOKEN[middle]))
    assert np.abs(difference).max() / np.abs(np.fft.rfft(SPOKEN[middle])).max() < error


@pytest.mark.parametrize(
    "dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.float16, np.float32, np.float64]
)
def test_every_kind_of_sample_has_the_same_full_scale(dtype: type):
    if np.issubdtype(dtype, np.integer):
        half = 2 ** (8 * np.dtype(dtype).itemsize - 1)
        samples = (np.rint(SPOKEN * half) + (half if np.dtype(dtype).kind == "u" else 0)).astype(dtype)
    else:
        samples = SPOKEN.astype(dtype)
    clip, _ = read_clip((RATE, samples))
    np.testing.assert_allclose(clip.waveform, SPOKEN, atol=0.005)


def test_channels_are_mixed_whichever_side_they_are_on():
    channels = np.stack([SPOKEN, 0.5 * SPOKEN, 0 * SPOKEN], axis=1).astype(np.float32)
    for given_sound in ((RATE, channels), (RATE, channels.T), encoded(channels, subtype="FLOAT")):
        np.testing.assert_allclose(read_clip(given_sound)[0].waveform, 0.5 * SPOKEN, atol=1e-6)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 192_000])
def test_other_rates_become_16_khz(rate: int):
    clip, _ = read_clip((rate, tone(1.0, hertz=1000.0, rate=rate)))
    assert len(clip.waveform) == pytest.approx(SAMPLE_RATE, abs=2)
    spectrum = np.abs(np.fft.rfft(clip.waveform))
    assert spectrum.argmax() == pytest.approx(1000, abs=2)
    assert loudness(clip.waveform) == pytest.approx(loudness(tone(1.0)), abs=0.3)


def test_floats_beyond_full_scale_are_scaled_not_clipped():
    clip, _ = read_clip((RATE, SPOKEN * 1e6))
    np.testing.assert_allclose(clip.waveform, SPOKEN / np.abs(SPOKEN).max(), atol=1e-6)


def test_silence_at_the_ends_goes_and_the_start_is_kept_in_mind():
    padded = np.concatenate([np.zeros(RATE), SPOKEN, np.zeros(2 * RATE)])
    clip, notices = read_clip((RATE, padded))
    assert clip.start == pytest.approx(1.0 - audio.TRIM_MARGIN, abs=0.02)
    assert clip.seconds == pytest.approx(1.0 + 2 * audio.TRIM_MARGIN, abs=0.04)
    assert clip.given_seconds == 4.0
    assert notices == ()
    first = round(clip.start * RATE)
    np.testing.assert_array_equal(clip.waveform, padded[first : first + len(clip.waveform)].astype(np.float32))


def test_a_constant_offset_does_not_count_as_sound():
    padded = 0.2 + np.concatenate([np.zeros(RATE), 0.5 * SPOKEN, np.zeros(RATE)])
    assert read_clip((RATE, padded))[0].start == pytest.approx(0.95, abs=0.02)


@given(
    before=st.integers(0, 20_000),
    after=st.integers(0, 20_000),
    length=st.integers(640, 8_000),
    level=st.floats(0.01, 1),
)
def test_trimming_keeps_the_loud_part(before: int, after: int, length: int, level: float):
    quiet = 1e-6 * np.random.default_rng(0).standard_normal(before + length + after)
    quiet[before : before + length] += level * np.sin(np.arange(length))
    first, last = loud_part(quiet)
    assert 0 <= first <= before
    assert before + length <= last <= len(quiet)
    margin = (audio.TRIM_MARGIN + 2 * audio.TRIM_FRAME) * SAMPLE_RATE
    assert first >= before - margin
    assert last <= before + length + margin


@pytest.mark.parametrize("length", [1, 100, 319, 320, 5_000])
def test_silence_is_kept_whole(length: int):
    assert loud_part(np.zeros(length)) == (0, length)


def test_loudness_is_in_decibels_of_full_scale():
    assert loudness(np.ones(100)) == pytest.approx(0.0)
    assert loudness(tone(1.0, level=1.0)) == pytest.approx(-3.01, abs=0.01)
    assert loudness(np.full((2, 50), 0.001)).tolist() == pytest.approx([-60.0, -60.0])


def test_a_long_sound_is_cut_after_trimming_and_says_so():
    long = np.concatenate([np.zeros(5 * RATE), noise(MAX_AUDIO_SECONDS + 10)])
    clip, notices = read_clip((RATE, long))
    assert clip.seconds == MAX_AUDIO_SECONDS
    assert clip.start == pytest.approx(4.95, abs=0.02)
    assert [(n.modality, n.code) for n in notices] == [("audio", "cut")]
    assert "from 5.0 s to 35.0 s" in notices[0].message or "from 4.9 s to 34.9 s" in notices[0].message


def test_thirty_seconds_between_silences_are_not_cut():
    clip, notices = read_clip((RATE, np.concatenate([np.zeros(RATE), noise(29.5), np.zeros(RATE)])))
    assert notices == ()
    assert clip.seconds > 29.5


@pytest.mark.parametrize("as_file", [True, False])
def test_what_lies_beyond_the_decoded_part_is_said_to_be_cut(as_file: bool):
    late = np.zeros(round((MAX_DECODED_SECONDS + 5) * RATE), np.float32)
    late[: 2 * RATE] = noise(2.0)
    clip, notices = read_clip(encoded(late, container="FLAC") if as_file else (RATE, late))
    assert clip.seconds == pytest.approx(2.05, abs=0.03)
    assert clip.given_seconds == MAX_DECODED_SECONDS + 5
    assert notices[0].code == "cut"


def test_noise_reduction_lowers_a_steady_background_more_than_a_voice():
    time = np.arange(RATE) / RATE
    gliding = 0.5 * np.sin(2 * np.pi * (200 * time + 800 * time**2))
    noisy = np.concatenate([np.zeros(RATE), gliding, np.zeros(RATE)]) + noise(3.0, level=0.05)
    before, after = (read_clip((RATE, noisy), noise_reduction=on)[0].waveform for on in (False, True))
    background, voice = slice(0, RATE // 2), slice(RATE + 2000, 2 * RATE - 2000)
    assert loudness(after[background]) < loudness(before[background]) - 4
    assert loudness(after[voice]) > loudness(before[voice]) - 2.5


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused(bad: float):
    samples = SPOKEN.copy()
    samples[100] = bad
    for given_sound in ((RATE, samples), encoded(samples, subtype="FLOAT")):
        with pytest.raises(InvalidInput, match="not numbers"):
            read_clip(given_sound)


@pytest.mark.parametrize(
    "given_sound",
    [
        (RATE,),
        (),
        ("fast", SPOKEN),
        (RATE, "words"),
        (RATE, SPOKEN > 0),
        (RATE, SPOKEN.astype(complex)),
        (RATE, np.zeros((2, 2, 2))),
        (RATE, np.float64(1)),
        (RATE, np.array([], np.int16)),
        (RATE, np.zeros((0, 2))),
        (float("inf"), SPOKEN),
        (0, SPOKEN),
        (10**9, SPOKEN),
        (RATE, np.zeros((100, 33))),
    ],
)
def test_unusable_arrays_are_refused(given_sound: tuple):
    with pytest.raises(InvalidInput):
        read_clip(given_sound)


def test_the_shortest_sound():
    for rate in (8_000, 16_000, 44_100):
        shortest = round(0.05 * rate)
        assert read_clip((rate, np.ones(shortest)))[0].seconds == pytest.approx(0.05, abs=0.001)
        for length in (0, 1, shortest - 1):
            with pytest.raises(InvalidInput, match="too short" if length else "empty"):
                read_clip((rate, np.ones(length)))
            with pytest.raises(InvalidInput, match="too short"):
                read_clip(encoded(np.ones(length), rate))


@pytest.mark.parametrize("container", ["AIFF", "AU", "CAF", "W64", "VOC"])
def test_other_formats_are_refused_whatever_their_name(tmp_path: Path, container: str):
    disguised = tmp_path / "voice.wav"
    disguised.write_bytes(encoded(SPOKEN, container=container, subtype="PCM_16"))
    with pytest.raises(InvalidInput, match="WAV, FLAC, OGG and MP3 files are read"):
        read_clip(disguised)


def test_another_format_behind_an_mp3_tag_is_refused():
    tag = b"ID3\x03\0\0\0\0\0\x0a" + bytes(10)
    with pytest.raises(InvalidInput):
        read_clip(tag + encoded(SPOKEN, container="AIFF", subtype="PCM_16"))


def test_decoding_stops_at_its_time_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(audio, "MAX_DECODING_SECONDS", -1.0)
    with pytest.raises(InvalidInput, match="too long"):
        read_clip(encoded(SPOKEN))


def test_only_the_decoded_part_is_ever_read(monkeypatch: pytest.MonkeyPatch):
    read: list[int] = []
    original = soundfile.SoundFile.read

    def counted(self, frames=-1, **options):
        read.append(frames)
        return original(self, frames, **options)

    monkeypatch.setattr(soundfile.SoundFile, "read", counted)
    read_clip(encoded(np.zeros(90 * 8000), rate=8000, container="FLAC"))
    assert sum(read) == MAX_DECODED_SECONDS * 8000
    assert max(read) <= 8000


def test_voices_of_the_data_keep_their_length(voice_files: list[bytes]):
    for content in voice_files:
        whole, _ = soundfile.read(io.BytesIO(content), dtype="float32")
        clip, notices = read_clip(content)
        first = round(clip.start * SAMPLE_RATE)
        assert notices == ()
        assert clip.given_seconds == len(whole) / SAMPLE_RATE
        np.testing.assert_array_equal(clip.waveform, whole[first : first + len(clip.waveform)])
        assert clip.seconds > 0.8
