"""Subtitles: words with their times, from SubRip and WebVTT."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from mm_core.samples import InvalidInput
from mm_core.timeline.subtitles import read_subtitles, spoken, vtt

SRT = """1
00:00:01,000 --> 00:00:03,000
I am <i>so</i> happy

2
00:00:04,500 --> 00:00:05,500
{\\an8}Tom &amp; I
are here
"""


@pytest.mark.parametrize(
    "content",
    [
        SRT,
        SRT.replace("\n", "\r\n"),
        "\ufeffWEBVTT\n\nNOTE nothing\n\n"
        "00:01.000 --> 00:03.000 align:start\nI am so happy\n\n"
        "last\n00:00:04.500 --> 00:00:05.500\n<v Tom>Tom &amp; I\nare here\n",
    ],
)
def test_a_cue_is_split_into_words_that_share_its_time(content):
    words = read_subtitles(content.encode())
    assert [word.text for word in words] == ["I", "am", "so", "happy", "Tom", "&", "I", "are", "here"]
    assert [(word.start, word.end) for word in words[:2]] == [(1.0, 1.5), (1.5, 2.0)]
    assert words[4].start == pytest.approx(4.5)
    assert words[-1].end == pytest.approx(5.5)


def test_what_is_spoken_in_a_window():
    words = read_subtitles(SRT.encode())
    assert spoken(words, 0.0, 2.0) == "I am"
    assert spoken(words, 2.0, 4.8) == "so happy Tom"
    assert spoken(words, 3.0, 4.5) is None


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xff\xfe\x00", b"00:00:03.000 --> 00:00:01.000\nback in time\n"]
)
def test_what_is_none_is_refused(content):
    with pytest.raises(InvalidInput, match="no subtitles that can be read"):
        read_subtitles(content)


def test_hostile_subtitles_take_no_time():
    started = time.monotonic()
    for content in (
        b"00:00:01,000 --> " * 100_000,
        b"<" * 1_900_000,
        b"00:00:01.000 --> 00:00:02.000\n" + b"<" * 10**6,
    ):
        with suppress(InvalidInput):
            read_subtitles(content)
    assert time.monotonic() - started < 10
    with pytest.raises(InvalidInput, match="too large"):
        read_subtitles(b"x" * (3 * 1024**2))


def test_a_path_is_read_and_a_missing_one_refused(tmp_path):
    (tmp_path / "film.srt").write_text(SRT)
    assert len(read_subtitles(tmp_path / "film.srt")) == 9
    with pytest.raises(InvalidInput, match=r"\.srt or \.vtt"):
        read_subtitles(tmp_path / "other.srt")


def test_what_is_written_is_read_again():
    written = vtt([(0.5, 1.25, "joy 80% <b>"), (3661.0, 3662.0, "later")])
    assert written.startswith("WEBVTT\n\n00:00:00.500 --> 00:00:01.250\njoy 80% &lt;b&gt;\n")
    assert "01:01:01.000 --> 01:01:02.000" in written
    assert [word.text for word in read_subtitles(written.encode())] == ["joy", "80%", "<b>"]
