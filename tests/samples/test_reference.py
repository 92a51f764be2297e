"""The normal voice that a voice is judged against: read and bounded as a voice, never judged itself."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from mm_core import resources
from mm_core.samples import InvalidInput, Notice, RawInputs, Sample
from mm_core.samples.limits import MAX_AUDIO_SECONDS, SAMPLE_RATE
from mm_core.samples.reference import VoiceInput, is_about_reference, reference_notice

VOICE = resources.EXAMPLES / "voice-joyful.flac"
NORMAL = resources.EXAMPLES / "voice-neutral.flac"


def codes(sample):
    return [notice.code for notice in sample.notices]


def sound(waveform):
    return SAMPLE_RATE, waveform.astype(np.float32)


@pytest.fixture(scope="module")
def speech():
    waveform, rate = soundfile.read(NORMAL, dtype="float32")
    assert rate == SAMPLE_RATE
    return waveform


@pytest.fixture(scope="module")
def sample():
    return Sample.read(text="I am so happy", audio=VOICE, reference=NORMAL)


def test_a_reference_goes_with_the_voice_and_is_no_modality(sample):
    assert sample.notices == ()
    assert sample.present == ("text", "audio")
    assert sample.referenced == ("audio",)
    content = sample.content("audio")
    assert isinstance(content, VoiceInput)
    assert content.waveform is sample.audio.waveform
    assert content.references == (sample.reference.waveform,)
    assert isinstance(sample.without_reference().content("audio"), np.ndarray)


def test_the_ends_of_a_reference_are_trimmed_as_a_voices_are(speech):
    quiet = np.zeros(SAMPLE_RATE, np.float32)
    padded = np.concatenate((quiet, speech, quiet))
    read = Sample.read(audio=VOICE, reference=sound(padded)).reference
    assert read.start == Sample.read(audio=sound(padded)).audio.start > 0.5
    assert read.seconds < len(padded) / SAMPLE_RATE - 1.5


@pytest.mark.parametrize(
    ("reason", "make"),
    [
        ("silence", lambda speech: np.zeros(2 * SAMPLE_RATE)),
        ("no-voice", lambda speech: 0.1 * np.random.default_rng(0).standard_normal(3 * SAMPLE_RATE)),
        ("short", lambda speech: speech[SAMPLE_RATE // 2 : SAMPLE_RATE]),
    ],
)
def test_a_reference_that_says_too_little_is_left_out_with_a_notice(speech, reason, make):
    read = Sample.read(audio=VOICE, reference=sound(make(speech)))
    assert read.reference is None
    assert read.referenced == ()
    assert read.present == ("audio",)
    assert read.notices == (reference_notice(reason),)


def test_a_reference_without_a_voice_to_judge_is_noted():
    read = Sample.read(text="I am so happy", reference=NORMAL)
    assert read.reference is None
    assert codes(read) == ["reference-alone"]
    with pytest.raises(InvalidInput, match="Nothing was given"):
        Sample.read(reference=NORMAL)


def test_a_long_reference_is_cut_and_the_notice_says_whose(speech):
    long = np.tile(speech, 1 + int(35 * SAMPLE_RATE / len(speech)))
    read = Sample.read(audio=VOICE, reference=sound(long))
    assert read.reference.seconds <= MAX_AUDIO_SECONDS
    (notice,) = read.notices
    assert notice.code == "reference-cut"
    assert notice.message.startswith("Normal voice: The sound is long")


def test_what_cannot_be_decoded_says_that_it_is_the_reference():
    with pytest.raises(InvalidInput, match=r"^The normal voice can't be used\. This file is not a sound"):
        Sample.read(audio=VOICE, reference=b"no sound at all")


def test_the_voice_takes_its_reference_along(sample):
    noted = sample.with_notices(reference_notice("unused"), Notice("text", "cut", "cut"))
    gone = noted.without("audio")
    assert gone.reference is None
    assert codes(gone) == ["cut"]
    assert noted.without("text").reference is sample.reference
    less = noted.without_reference()
    assert less.audio is sample.audio
    assert codes(less) == ["cut"]


def test_an_ignored_voice_is_not_referenced(sample):
    ignoring = sample.replace(ignored=frozenset({"audio"}))
    assert ignoring.referenced == ()
    assert set(ignoring.digests()) == {"text"}


def test_digests_speak_of_the_reference(sample):
    plain, other = sample.without_reference(), sample.replace(reference=sample.audio)
    assert plain.digests() == Sample.read(text="I am so happy", audio=VOICE).digests()
    found = {s.digests()["audio"] for s in (sample, plain, other)}
    assert len(found) == 3
    assert sample.digests()["text"] == plain.digests()["text"]


def test_samples_share_a_voice_only_with_its_reference(sample):
    assert sample.shares("audio", sample.replace(text="other"))
    assert not sample.shares("audio", sample.without_reference())
    assert sample.shares("text", sample.without_reference())


def test_a_sample_as_files_reads_back_with_the_same_reference(speech):
    quiet = np.zeros(SAMPLE_RATE // 3, np.float32)
    given = Sample.read(audio=VOICE, reference=sound(np.concatenate((quiet, speech, quiet))))
    again = RawInputs.of(given).read()
    np.testing.assert_array_equal(again.reference.waveform, given.reference.waveform)
    assert again.digests() == given.digests()


def test_raw_inputs_pass_the_reference_on(speech):
    out = io.BytesIO()
    soundfile.write(out, speech, SAMPLE_RATE, format="FLAC")
    read = RawInputs(audio=VOICE, reference=out.getvalue()).read()
    assert read.reference.seconds == pytest.approx(len(speech) / SAMPLE_RATE, abs=1.0)


def test_only_notices_of_references_are_about_them():
    assert is_about_reference(reference_notice("short"))
    assert not is_about_reference(Notice("audio", "cut", ""))
