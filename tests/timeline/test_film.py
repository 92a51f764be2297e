"""Decoding films: whatever cameras, phones and browsers write, upright, in time, within limits."""

from __future__ import annotations

import numpy as np
import pytest

from mm_core.samples import InvalidInput
from mm_core.timeline import film as films
from mm_core.timeline.film import FilmFile
from tests.samples.sounds import encoded, tone
from tests.timeline.films import film, plain, turned

RED, BLUE = plain((220, 30, 30)), plain((30, 30, 220))


def heard(content: bytes, **options: int) -> np.ndarray:
    return np.concatenate(list(FilmFile(content, **options).sound()))


def frequency(wave: np.ndarray) -> float:
    """Hz of the strongest tone."""
    return float(np.abs(np.fft.rfft(wave)).argmax() * 16_000 / len(wave))


@pytest.mark.parametrize(
    ("container", "codecs"),
    [
        ("mp4", ("libx264", "aac")),
        ("mov", ("mpeg4", "pcm_s16le")),
        ("webm", ("libvpx", "libopus")),
        ("matroska", ("libx264", "flac")),
    ],
)
def test_pictures_at_every_tick_and_gapless_sound(container, codecs):
    content = film(2.0, [RED, BLUE], container=container, codecs=codecs)
    read = FilmFile(content)
    frames = list(read.frames())
    assert [frame.time for frame in frames[:8]] == pytest.approx([n * 0.25 for n in range(8)])
    assert [int(frame.pixels[60, 80].argmax()) for frame in frames[:8]] == [0] * 4 + [2] * 4
    assert frames[0].pixels.shape == (120, 160, 3)
    wave = heard(content)
    assert wave.dtype == np.float32
    assert len(wave) / 16_000 == pytest.approx(2.0, abs=0.1)
    assert frequency(wave) == pytest.approx(440, abs=2)


def test_a_phone_film_is_turned_upright():
    left = plain((220, 30, 30))
    left[:, 80:] = (30, 30, 220)
    frame = next(FilmFile(turned(film(1.0, [left]))).frames())
    assert frame.pixels.shape == (160, 120, 3)
    assert frame.pixels[20, 60].argmax() == 0, "what lay on the left is on top, once turned clockwise"
    assert frame.pixels[140, 60].argmax() == 2


def test_a_picture_that_stays_is_the_very_same_at_each_tick():
    content = film(3.0, [RED, BLUE], times=[0.0, 1.6, 1.7, 1.8], sounds=[])
    frames = list(FilmFile(content).frames())
    assert [frame.shown_at for frame in frames[:7]] == [0.0] * 7
    assert len({id(frame.pixels) for frame in frames[:7]}) == 1
    assert frames[-1].shown_at == pytest.approx(1.8)


def test_reading_may_begin_anywhere():
    content = film(4.0, [RED, BLUE])
    later = next(FilmFile(content, start=2.6).frames())
    assert later.shown_at == pytest.approx(2.6, abs=0.11)
    assert later.pixels[60, 80].argmax() == 2


def test_one_of_several_sound_tracks_is_heard():
    content = film(1.0, [RED], [tone(1.0, 300), tone(1.0, 900)])
    assert FilmFile(content).facts.sound_tracks == 2
    assert frequency(heard(content)) == pytest.approx(300, abs=3)
    assert frequency(heard(content, track=2)) == pytest.approx(900, abs=3)
    with pytest.raises(InvalidInput, match="no sound track 3; it has 2"):
        FilmFile(content, track=3)


def test_a_film_without_sound_and_a_sound_without_film():
    silent = FilmFile(film(1.0, [RED], sounds=[]))
    assert (silent.facts.sound_tracks, list(silent.sound())) == (0, [])
    unseen = FilmFile(encoded(tone(1.5, 500)))
    assert (unseen.facts.size, list(unseen.frames())) == (None, [])
    assert frequency(np.concatenate(list(unseen.sound()))) == pytest.approx(500, abs=2)


def test_a_path_is_read_as_its_bytes_are(tmp_path):
    content = film(1.0, [RED])
    path = tmp_path / "a film.mp4"
    path.write_bytes(content)
    read = FilmFile(path)
    frames = list(read.frames())
    assert np.array_equal(frames[0].pixels, next(FilmFile(content).frames()).pixels)
    read.close()
    with pytest.raises(InvalidInput, match="no film of that name"):
        FilmFile(tmp_path / "another.mp4")


def test_pictures_are_reduced_and_too_large_ones_refused(monkeypatch):
    frame = next(FilmFile(film(0.3, [plain((9, 9, 9), 1280, 720)], sounds=[])).frames())
    assert frame.pixels.shape == (360, 640, 3)
    monkeypatch.setattr(films, "MAX_FILM_PIXELS", 320 * 200)
    with pytest.raises(InvalidInput, match="1080p"):
        FilmFile(film(0.3, [plain((9, 9, 9), 320, 240)], sounds=[]))


def test_a_long_film_and_a_large_file_are_refused(monkeypatch):
    content = film(3.0, [RED])
    monkeypatch.setattr(films, "MAX_FILM_SECONDS", 1.0)
    with pytest.raises(InvalidInput, match="minutes; at most"):
        FilmFile(content)
    monkeypatch.setattr(films, "MAX_FILM_BYTES", 1000)
    with pytest.raises(InvalidInput, match="MB are read"):
        FilmFile(content)


def test_of_a_film_that_hides_its_length_the_rest_is_left_out(monkeypatch):
    content = film(3.0, [RED])
    monkeypatch.setattr(films, "_facts", lambda container: films.Facts(None, (160, 120), 1))
    monkeypatch.setattr(films, "MAX_FILM_SECONDS", 1.0)
    read = FilmFile(content)
    assert max(frame.time for frame in read.frames()) <= 1.0
    assert sum(map(len, read.sound())) <= 16_000


@pytest.mark.parametrize(
    "content", [b"", b"#EXTM3U\nhttp://127.0.0.1/a.ts\n", b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(64)]
)
def test_other_files_are_refused_by_their_content(content):
    with pytest.raises(InvalidInput, match="not a film that can be read"):
        FilmFile(content)


def test_a_film_cut_short_is_refused_or_read_as_far_as_it_goes():
    content = film(2.0, [RED, BLUE])
    with pytest.raises(InvalidInput, match="damaged"):
        FilmFile(content[: len(content) // 2])  # an MP4's index stands at its end
    live = film(2.0, [RED, BLUE], container="webm", codecs=("libvpx", "libopus"))
    assert 0 < len(list(FilmFile(live[: len(live) * 2 // 3]).frames())) < 9
