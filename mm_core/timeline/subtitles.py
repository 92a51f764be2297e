"""Words with their times: SubRip (.srt) and WebVTT (.vtt) subtitles, and what is said in a window."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mm_core.locale import say
from mm_core.samples.errors import InvalidInput
from mm_core.samples.limits import MAX_FILM_SECONDS, MAX_SUBTITLE_BYTES

_TIME: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{3})"
_CUE: Final = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\n]*\n((?:[^\n]*\S[^\n]*(?:\n|$))*)", re.MULTILINE)
"""Times of a cue and its lines, up to an empty one. Every step takes a character, so no file takes long."""

_MARK: Final = re.compile(r"<[^<>\n]{0,80}>|\{\\[^{}\n]{0,80}\}")
"""Mark-up of WebVTT and of SubRip, and the positions that players write in braces."""

MOST_WORDS: Final = 20_000


@dataclass(frozen=True)
class Word:
    """A word and the seconds of the film in which it is spoken."""

    text: str
    start: float
    end: float


def read_subtitles(given: str | os.PathLike[str] | bytes) -> tuple[Word, ...]:
    """The words of a .srt or .vtt file, by path or content; a cue's words share its time evenly.

    InvalidInput where it is neither, has no cue, or is too large.
    """
    if isinstance(given, bytes):
        content = given
    else:
        try:
            with Path(given).open("rb") as file:
                content = file.read(MAX_SUBTITLE_BYTES + 1)
        except (OSError, ValueError):
            raise InvalidInput(say("subtitles-no-file")) from None
    if len(content) > MAX_SUBTITLE_BYTES:
        raise InvalidInput(say("subtitles-too-large", megabytes=MAX_SUBTITLE_BYTES // 1024**2))
    text = content.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    words: list[Word] = []
    for found in _CUE.finditer(text):
        start, end = _seconds(found.groups()[:4]), _seconds(found.groups()[4:8])
        spoken = html.unescape(_MARK.sub("", found[9])).split()
        if not spoken or not 0 <= start < end or start > MAX_FILM_SECONDS:
            continue
        each = (end - start) / len(spoken)
        words += [Word(word, start + n * each, start + (n + 1) * each) for n, word in enumerate(spoken)]
        if len(words) > MOST_WORDS:
            raise InvalidInput(say("subtitles-many-words", most=MOST_WORDS))
    if not words:
        raise InvalidInput(say("subtitles-unreadable"))
    return tuple(sorted(words, key=lambda word: word.start))


def spoken(words: Sequence[Word], start: float, end: float) -> str | None:
    """What is said between two times: every word whose middle lies there; None where nothing is."""
    said = [word.text for word in words if start <= (word.start + word.end) / 2 < end]
    return " ".join(said) or None


def vtt(cues: Iterable[tuple[float, float, str]]) -> str:
    """WebVTT of cues (start, end, text), for any player."""
    blocks = (f"{_stamp(start)} --> {_stamp(end)}\n{html.escape(text, quote=False)}\n" for start, end, text in cues)
    return "WEBVTT\n\n" + "\n".join(blocks)


def _stamp(seconds: float) -> str:
    whole, thousandths = divmod(round(1000 * seconds), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{thousandths:03}"


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return 3600 * hours + 60 * minutes + seconds + thousandths / 1000
