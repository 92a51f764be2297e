"""A sample is what was given, decoded and checked once."""

import hashlib

import numpy as np
import pytest
from PIL import Image

from mm_core.labels import MODALITIES
from mm_core.samples import Box, Clip, InvalidInput, Notice, Picture, Sample

from .pictures import encoded as encoded_picture
from .pictures import landscape, two_faces
from .sounds import RATE, encoded, tone


@pytest.fixture(scope="module")
def portrait() -> Image.Image:
    return Image.fromarray(pytest.importorskip("skimage.data").astronaut())


def test_all_three(portrait: Image.Image, voice_files: list[bytes]):
    sample = Sample.read("  I am happy ", portrait, voice_files[0])
    assert sample.present == MODALITIES
    assert sample.notices == ()
    assert sample.ignored == frozenset()
    assert sample.text == "I am happy"
    assert sample.image.crop().shape[0] < 200
    assert sample.audio.start > 0


@pytest.mark.parametrize("modality", MODALITIES)
def test_each_alone(modality: str, portrait: Image.Image, voice_files: list[bytes]):
    content = {"text": "hello", "image": portrait, "audio": voice_files[0]}[modality]
    assert Sample.read(**{modality: content}).present == (modality,)


@pytest.mark.parametrize("nothing", [{}, {"text": ""}, {"text": " \n"}, {"text": None, "image": None, "audio": None}])
def test_nothing_is_refused(nothing: dict):
    with pytest.raises(InvalidInput, match="a text, a picture of a face, a voice"):
        Sample.read(**nothing)


def test_what_is_out_of_scope_is_ignored_and_said():
    sample = Sample.read("Ich bin so glücklich", landscape(), (RATE, tone(2)))
    assert sample.present == ()
    assert sample.ignored == {"text", "image", "audio"}
    assert [(n.modality, n.code) for n in sample.notices] == [
        ("text", "other-language"),
        ("image", "no-face"),
        ("audio", "no-voice"),
    ]
    assert all("left out" in n.message for n in sample.notices)
    assert sample.text == "Ich bin so glücklich"
    assert sample.image is not None
    assert sample.audio is not None


def test_a_person_can_force_the_use():
    sample = Sample.read("asdf", landscape(), (RATE, tone(2)), force=("text", "image"))
    assert sample.present == ("text", "image")
    assert sample.ignored == {"audio"}
    assert [n.code for n in sample.notices] == ["no-known-word", "no-face", "no-voice"]
    assert ["used all the same" in n.message for n in sample.notices] == [True, True, False]
    assert sample.image.crop().shape == (480, 640, 3)


def test_forcing_something_unknown_is_refused():
    with pytest.raises(InvalidInput, match="text, image, audio"):
        Sample.read("hello", force=("video",))


def test_cuts_come_with_the_sample():
    sample = Sample.read("happy " * 2000, audio=(RATE, tone(40)), force=("audio",))
    assert [(n.modality, n.code) for n in sample.notices] == [
        ("text", "cut"),
        ("audio", "cut"),
        ("audio", "no-voice"),
    ]
    assert sample.present == ("text", "audio")


def test_noise_reduction_reaches_the_clip(voice_files: list[bytes]):
    plain, cleaned = (Sample.read(audio=voice_files[0], noise_reduction=on).audio.waveform for on in (False, True))
    assert len(plain) != len(cleaned) or np.abs(plain - cleaned).max() > 0


def test_a_row_is_neither_searched_nor_judged(monkeypatch: pytest.MonkeyPatch):
    from mm_core.samples import sample as module

    for check in ("locate", "check_text", "check_picture", "check_clip"):
        monkeypatch.setattr(module, check, lambda *_: pytest.fail("called"))
    grey = Image.fromarray(np.arange(48 * 48, dtype=np.uint8).reshape(48, 48))
    row = Sample.from_row("asdf", encoded_picture(grey), encoded(tone(1), container="FLAC"))
    assert row.present == MODALITIES
    assert row.notices == ()
    np.testing.assert_array_equal(row.image.crop(), np.repeat(np.asarray(grey)[:, :, None], 3, axis=2))


def test_without_takes_a_modality_out_with_its_notices():
    sample = Sample.read("happy " * 2000, landscape(), (RATE, tone(40)))
    for modality in MODALITIES:
        rest = sample.without(modality)
        assert getattr(rest, modality) is None
        assert modality not in rest.present
        assert modality not in rest.ignored
        assert {n.modality for n in rest.notices} == {n.modality for n in sample.notices} - {modality}
    assert sample.text is not None
    with pytest.raises(InvalidInput):
        sample.without("video")


def test_copies_with_changes():
    sample = Sample(text="hello")
    assert sample.replace(text="bye").text == "bye"
    assert sample.text == "hello"
    notice = Notice("text", "cut", "Only 128 word pieces are read.")
    assert sample.with_notices(notice).with_notices(notice, notice).notices == (notice,)
    assert sample.notices == ()


def test_digests_are_of_the_content_used():
    pixels = np.zeros((4, 4, 3), np.uint8)
    clip = Clip(np.zeros(10, np.float32))
    sample = Sample("héllo", Picture(pixels, Box(0, 0, 2, 2)), clip)
    digests = sample.digests()
    assert list(digests) == list(MODALITIES)
    assert digests["text"] == hashlib.sha256("héllo".encode()).hexdigest()
    assert digests["audio"] == hashlib.sha256(clip.waveform.tobytes()).hexdigest()
    other = pixels.copy()
    other[3, 3, 0] = 1
    images = [Picture(pixels, Box(0, 0, 2, 2)), Picture(pixels, Box(0, 0, 2, 3)), Picture(pixels), Picture(other)]
    images.append(Picture(pixels.reshape(2, 8, 3)))
    assert len({sample.replace(image=image).digests()["image"] for image in images}) == len(images)
    assert sample.replace(image=Picture(pixels.copy(), Box(0, 0, 2, 2))).digests() == digests
    assert set(sample.replace(ignored=frozenset({"audio"})).digests()) == {"text", "image"}


def test_of_several_faces_the_largest_is_judged_and_said_so():
    sample = Sample.read(image=encoded_picture(two_faces()))
    assert len(sample.image.faces) == 2
    assert sample.image.number == 1
    assert sample.image.face.left > 230
    (notice,) = sample.notices
    assert (notice.code, sample.present) == ("several-faces", ("image",))
    assert "2 faces were found in the picture; the largest, face 1, is judged." in notice.message


def test_another_face_is_judged_where_it_is_asked_for():
    picture = encoded_picture(two_faces())
    first, second = Sample.read(image=picture), Sample.read(image=picture, face=2)
    assert second.image.face.right < 230
    assert [notice.message for notice in second.notices] == [
        "2 faces were found in the picture; face 2 is judged, as asked."
    ]
    chosen = first.choosing_face(2)
    assert chosen.notices == second.notices
    assert chosen.digests() == second.digests() != first.digests()
    assert first.choosing_face(1).digests() == first.digests()


def test_a_face_that_is_not_there_is_refused():
    with pytest.raises(InvalidInput, match="There is no face 3: 2 faces were found"):
        Sample.read(image=encoded_picture(two_faces()), face=3)
    with pytest.raises(InvalidInput, match="no picture to choose"):
        Sample(text="hello").choosing_face(1)


def test_how_a_face_is_turned_is_part_of_the_content():
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    digests = [Sample(image=Picture(pixels, Box(5, 5, 35, 35), turn)).digests() for turn in (0.0, 1.0, 20.0)]
    assert digests[0] == digests[1] != digests[2]
