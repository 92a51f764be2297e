"""A case before it is decoded, and a decoded one written back."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from mm_core.samples import Box, Face, InvalidInput, RawInputs, Sample
from mm_core.samples.raw_inputs import face_from_words, face_in_words
from tests.samples.pictures import encoded, two_faces
from tests.toys import toy_clip, toy_picture


def test_reading_is_that_of_a_sample() -> None:
    assert RawInputs(text=" hello ").read().text == "hello"
    with pytest.raises(InvalidInput, match="Nothing was given"):
        RawInputs().read()


def padded_voice(before: float, after: float) -> Sample:
    wave = np.pad(toy_clip(seconds=1.0).waveform, (int(before * 16_000), int(after * 16_000)))
    return Sample.read(text="so happy", image=_png(), audio=(16_000, wave), force=("image", "audio"))


def _png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(toy_picture().pixels).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(("before", "after"), [(0.0, 0.0), (0.7, 0.0), (0.31, 1.2)])
def test_a_sample_written_back_is_read_as_the_same_sample(before: float, after: float) -> None:
    sample = padded_voice(before, after)
    again = RawInputs.of(sample).read()
    assert again.digests() == sample.digests()
    assert again.audio is not None
    assert sample.audio is not None
    assert again.audio.start == pytest.approx(sample.audio.start, abs=1e-9)
    assert again.audio.given_seconds == pytest.approx(sample.audio.given_seconds, abs=1e-4)
    assert again.present == sample.present


def test_what_was_set_aside_stays_so() -> None:
    sample = Sample.read(text="so happy", audio=(16_000, np.zeros(16_000, np.float32)))
    assert sample.ignored == {"audio"}
    assert RawInputs.of(sample).read().ignored == {"audio"}


def test_a_voice_is_written_in_floats() -> None:
    written = RawInputs.of(padded_voice(0, 0)).audio
    assert isinstance(written, bytes)
    with soundfile.SoundFile(io.BytesIO(written)) as file:
        assert (file.samplerate, file.subtype, file.channels) == (16_000, "FLOAT", 1)


@pytest.mark.parametrize(
    ("words", "face"),
    [
        (None, None),
        (" ", None),
        (" 2 ", 2),
        ("1,2,30,40", Face(Box(1, 2, 30, 40))),
        ("1,2,30,40,-7.25", Face(Box(1, 2, 30, 40), -7.25)),
    ],
)
def test_a_face_is_named_by_number_or_place(words: str | None, face: int | Face | None) -> None:
    assert face_from_words(words) == face
    if face is not None:
        assert face_from_words(face_in_words(face)) == face


@pytest.mark.parametrize("words", ["largest", "-1", "1.5", "1,2,3", "1,2,3,4,nan", "1,2,3,4,1e9", "²", "9" * 400])
def test_other_words_name_no_face(words: str) -> None:
    with pytest.raises(InvalidInput, match="1 for the largest"):
        face_from_words(words)


def test_the_chosen_face_is_written_back_with_the_picture() -> None:
    sample = Sample.read(image=encoded(two_faces()), face=2)
    assert sample.image is not None
    again = RawInputs.of(sample).read()
    assert again.digests() == sample.digests()
    assert again.image is not None
    assert again.image.face == sample.image.face
