"""Windows: which pictures, sound and words come together, whose face it is, and what they are judged against."""

from __future__ import annotations

import numpy as np
import pytest

from mm_core.samples import Clip, InvalidInput
from mm_core.samples.image import Box, Face
from mm_core.timeline.faces import FaceTracker
from mm_core.timeline.film import Frame
from mm_core.timeline.options import Options
from mm_core.timeline.reference import Reference
from mm_core.timeline.subtitles import Word
from mm_core.timeline.windows import WindowCutter
from tests.timeline.films import plain, voice

RATE = 16_000
GREY, WHITE = plain((100, 100, 100)), plain((250, 250, 250))


def face(left: int, side: int = 40, turn: float = 0.0) -> Face:
    return Face(Box(left, 20, left + side, 20 + side), turn)


def tracker(*faces: tuple[Face, ...]) -> FaceTracker:
    """Finds these faces, one entry a picture, the last for all that follow."""
    found = list(faces)
    return FaceTracker(lambda pixels: found.pop(0) if len(found) > 1 else found[0])


def frames(count: int, pixels=None) -> list[Frame]:
    return [Frame(n / 4, n / 4, (GREY if pixels is None else pixels[n]).copy()) for n in range(count)]


def cutter(**options) -> WindowCutter:
    chosen = {k: options.pop(k) for k in ("length", "hop", "person") if k in options}
    reference = options.pop("reference", Reference(running=False))
    options.setdefault("tracker", tracker((face(10),)))
    return WindowCutter(Options(**chosen), reference, options.pop("words", ()), options.pop("tracker"), **options)


def fed(cut: WindowCutter, seconds: float, pixels=None) -> list:
    """The windows of a stream with a picture every tick and a voice."""
    found = []
    for number, frame in enumerate(frames(round(seconds * 4) + 1, pixels)):
        cut.picture(frame)
        if number:
            cut.sound(voice(seconds)[(number - 1) * RATE // 4 : number * RATE // 4])
        found += list(cut.ready())
    return found


def test_windows_come_as_soon_as_they_are_whole():
    found = fed(cutter(), 4.0)
    assert [(w.start, w.end) for w in found] == [(0.0, 2.0), (0.5, 2.5), (1.0, 3.0), (1.5, 3.5), (2.0, 4.0)]
    assert all(w.sample.present == ("image", "audio") for w in found)
    assert found[1].sample.audio.given_seconds == pytest.approx(2.0)


def test_a_window_holds_the_sound_of_its_time():
    wave = np.linspace(0.01, 0.9, 5 * RATE).astype(np.float32)
    cut = cutter(seen=False)
    for start in range(0, len(wave), RATE // 3):
        cut.sound(wave[start : start + RATE // 3])
        for window in cut.ready():
            first = window.sample.audio.waveform[0]
            assert first == pytest.approx(wave[round(window.start * RATE) + round(window.sample.audio.start * RATE)])


def test_neither_pictures_nor_sound_wait_for_what_never_comes():
    silent = cutter(heard=False)
    found = []
    for frame in frames(13):
        silent.picture(frame)
        found += list(silent.ready())
    assert [w.start for w in found] == [0.0, 0.5, 1.0]
    assert found[0].sample.present == ("image",)


def test_a_short_film_is_one_window():
    cut = cutter()
    for frame in frames(4):
        cut.picture(frame)
    cut.sound(voice(1.0))
    assert list(cut.ready()) == []
    (only,) = cut.rest(1.0)
    assert (only.start, only.end) == (0.0, 1.0)


def test_words_belong_to_the_window_in_which_they_are_spoken():
    words = (Word("happy", 0.2, 0.8), Word("today", 2.2, 2.6))
    found = fed(cutter(words=words), 3.0)
    assert [w.sample.text for w in found] == ["happy", "happy today", "today"]


def test_the_largest_face_that_looks_ahead_is_read():
    turned, straight, small = face(10, 44, 60.0), face(12, 42), face(90, 20)
    found = fed(cutter(tracker=tracker((turned, small), (straight, small), (turned, small))), 2.0)[0]
    assert (found.person, found.face, found.shown_at) == (1, straight, 0.25)
    assert found.people == (1, 2)
    chosen = fed(cutter(tracker=tracker((turned, small)), person=2), 2.0)[0]
    assert (chosen.person, chosen.face) == (2, small)


def test_whoever_was_chosen_and_is_not_there_is_said():
    found = fed(cutter(person=7), 2.0)[0]
    assert found.person is None
    assert found.people == (1,)
    assert any("was chosen is not seen" in notice.message for notice in found.sample.notices)
    empty = fed(cutter(tracker=tracker(())), 2.0)[0]
    assert empty.missing == ("No face was found in these pictures.",)
    assert empty.sample.present == ("audio",)


def test_faces_keep_their_numbers_while_they_move():
    follow = tracker((face(10), face(100)), (face(104), face(16)), (face(22),), (face(28), face(100)))
    numbers = [[number for number, _ in follow.follow(frame).faces] for frame in frames(4)]
    assert numbers == [[1, 2], [2, 1], [1], [1, 2]]


def test_a_cut_ends_every_track():
    follow = tracker((face(10),))
    pixels = [GREY, GREY, WHITE, WHITE]
    assert [follow.follow(f).faces[0][0] for f in frames(4, pixels)] == [1, 1, 2, 2]


def test_a_face_that_was_away_is_another_one():
    follow = tracker((face(10),), *[()] * 6, (face(10),))
    numbers = [tuple(n for n, _ in follow.follow(frame).faces) for frame in frames(8)]
    assert numbers == [(1,), (), (), (), (), (), (), (2,)]


def test_a_picture_that_stays_is_searched_once():
    calls = []
    follow = FaceTracker(lambda pixels: calls.append(1) or (face(10),))
    for time in (0.0, 0.25, 0.5):
        assert follow.follow(Frame(time, 0.0, GREY)).faces == ((1, face(10)),)
    assert len(calls) == 1


def test_a_given_normal_voice_stands_beside_every_voice():
    normal = Clip(voice(3.0, "voice-neutral.flac"), 0.0, 3.0)
    found = fed(cutter(reference=Reference(normal)), 2.5)
    assert all(w.sample.reference is normal for w in found)
    assert Reference(normal).kind == "given"


def test_the_running_mean_needs_half_a_minute_of_speech(monkeypatch):
    monkeypatch.setattr("mm_core.timeline.reference._is_speech", lambda piece: bool(np.abs(piece).max() > 0.01))
    reference = Reference()
    reference.hear(np.zeros(60 * RATE, np.float32))
    assert (reference.clip, reference.kind) == (None, "none")
    reference.hear(np.full(29 * RATE, 0.1, np.float32))
    assert reference.clip is None
    reference.hear(np.full(2 * RATE, 0.1, np.float32))
    assert reference.kind == "running"
    assert reference.clip.seconds == pytest.approx(30.0)
    first = reference.clip
    reference.hear(np.full(9 * RATE, 0.2, np.float32))
    assert reference.clip is first
    reference.hear(np.full(RATE, 0.2, np.float32))
    assert reference.clip is not first
    assert reference.clip.seconds == pytest.approx(30.0)
    assert reference.clip.waveform[-1] == pytest.approx(0.2)


def test_speech_is_told_from_silence_and_noise():
    reference = Reference()
    reference.hear(voice(4.0, "voice-neutral.flac"))
    heard = reference.speech_seconds
    assert heard >= 1.5
    reference.hear(np.zeros(4 * RATE, np.float32))
    assert reference.speech_seconds == heard


@pytest.mark.parametrize(
    "wrong", [{"length": 0.1}, {"hop": 0.01}, {"hop": 3.0}, {"length": 60.0}, {"person": 0}, {"track": 0}]
)
def test_options_that_are_not_offered(wrong):
    with pytest.raises(InvalidInput):
        Options(**wrong)


def test_too_many_windows_are_refused_before_anything_is_read():
    with pytest.raises(InvalidInput, match=r"hop of 0\.40 s"):
        Options(hop=0.2).check_length(None)
    Options(hop=0.1).check_length(30.0)
