"""Windows: pictures and sound as they come in, cases of two seconds out, each an ordinary Sample with its time span.

Shapes: T samples at 16 kHz.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mm_core.locale import say
from mm_core.samples.errors import InvalidInput, Notice
from mm_core.samples.image import Face
from mm_core.samples.limits import MIN_AUDIO_SECONDS, SAMPLE_RATE
from mm_core.samples.sample import Sample
from mm_core.timeline.faces import FaceTracker, Seen, area, worth
from mm_core.timeline.film import Frame
from mm_core.timeline.options import Options
from mm_core.timeline.reference import Reference
from mm_core.timeline.subtitles import Word, spoken

_SLACK = 1e-6


@dataclass(frozen=True, eq=False)
class Cut:
    """A window that is cut out, not yet answered. sample: None where there is nothing in it. person, shown_at, face:
    whose face is read, from which picture of the film, where in it; None without a face. people: the numbers of all
    faces of the window."""

    start: float
    end: float
    sample: Sample | None
    person: int | None = None
    shown_at: float | None = None
    face: Face | None = None
    people: tuple[int, ...] = ()
    missing: tuple[str, ...] = ()


class WindowCutter:
    """Takes pictures and sound in the order of time, each on its own, and gives windows as soon as both have passed
    their end. Only one window's worth is held.

    seen, heard: whether there are pictures and sound at all. words: what is said in the film. start: seconds at which
    the first window begins.
    """

    def __init__(
        self,
        options: Options,
        reference: Reference,
        words: Sequence[Word] = (),
        tracker: FaceTracker | None = None,
        *,
        seen: bool = True,
        heard: bool = True,
    ) -> None:
        self.options = options
        self.tracker = tracker or FaceTracker()
        self.words = words
        self._reference = reference
        self._has_pictures, self._has_sound = seen, heard
        self._pictures: deque[Seen] = deque()
        self._pictures_until = 0.0
        self._sound: NDArray[np.float32] = np.zeros(0, np.float32)
        self._sound_from = 0  # samples of the stream before those held
        self._count = 0

    def picture(self, frame: Frame) -> None:
        """The next picture."""
        self._pictures.append(self.tracker.follow(frame))
        self._pictures_until = frame.time

    def sound(self, piece: NDArray[np.float32]) -> None:
        """The next piece of sound (T,)."""
        self._sound = np.concatenate((self._sound, piece))
        self._reference.hear(piece)

    @property
    def needs_picture(self) -> bool:
        """Whether the next window waits for pictures."""
        return self._has_pictures and self._pictures_until < self._next_end - _SLACK

    @property
    def needs_sound(self) -> bool:
        """Whether the next window waits for sound."""
        return self._has_sound and self.heard_seconds < self._next_end - _SLACK

    @property
    def heard_seconds(self) -> float:
        """Seconds of sound that have come."""
        return (self._sound_from + len(self._sound)) / SAMPLE_RATE

    @property
    def seen_seconds(self) -> float:
        """Time of the last picture."""
        return self._pictures_until

    def no_more_pictures(self) -> None:
        """The pictures have ended; windows wait for sound alone."""
        self._has_pictures = False

    def no_more_sound(self) -> None:
        """The sound has ended; windows wait for pictures alone."""
        self._has_sound = False

    def ready(self) -> Iterator[Cut]:
        """The windows that are whole."""
        while (self._has_pictures or self._has_sound) and not self.needs_picture and not self.needs_sound:
            yield self._cut(self._next_start, self._next_end)

    def rest(self, seconds: float) -> Iterator[Cut]:
        """What is left of a stream that has ended after so many seconds: its whole windows, or all of one that is
        shorter than a window."""
        while self._next_end <= seconds + _SLACK:
            yield self._cut(self._next_start, self._next_end)
        if self._count == 0 and seconds > 0:
            yield self._cut(0.0, seconds)

    @property
    def _next_start(self) -> float:
        return self._count * self.options.hop

    @property
    def _next_end(self) -> float:
        return self._next_start + self.options.length

    def between(self, start: float, end: float) -> Cut:
        """The window between two times, of what is held of it."""
        people, chosen = self._chosen(start, end)
        first, last = (max(0, round(t * SAMPLE_RATE) - self._sound_from) for t in (start, end))
        return self._read(start, end, chosen, people, self._sound[first:last])

    def skip(self, seconds: float) -> None:
        """Silence for sound that was lost, no more of it than a window holds."""
        count = round(seconds * SAMPLE_RATE)
        kept = min(count, round(self.options.length * SAMPLE_RATE))
        if kept < count:
            self._sound_from += len(self._sound) + count - kept
            self._sound = np.zeros(0, np.float32)
        self._sound = np.concatenate((self._sound, np.zeros(kept, np.float32)))

    def _cut(self, start: float, end: float) -> Cut:
        found = self.between(start, end)
        self._count += 1
        self.forget(self._next_start)
        return found

    def _chosen(self, start: float, end: float) -> tuple[tuple[int, ...], tuple[int, Seen, Face] | None]:
        """The people of a window, and whose face in which picture says most: the largest one turned to the camera."""
        inside = [seen for seen in self._pictures if start - _SLACK <= seen.frame.time < end - _SLACK]
        every = [(number, seen, face) for seen in inside for number, face in seen.faces]
        weight: dict[int, float] = {}
        for number, _, face in every:
            weight[number] = weight.get(number, 0.0) + area(face.box)
        people = tuple(sorted(weight, key=lambda number: -weight[number]))
        wanted = self.options.person or (people[0] if people else None)
        own = [found for found in every if found[0] == wanted]
        middle = (start + end) / 2
        best = max(own, key=lambda f: (round(worth(f[2]), 3), -abs(f[1].frame.time - middle)), default=None)
        return people, best

    def _read(
        self,
        start: float,
        end: float,
        chosen: tuple[int, Seen, Face] | None,
        people: tuple[int, ...],
        wave: NDArray[np.float32],
    ) -> Cut:
        text = spoken(self.words, start, end)
        sound = wave if len(wave) >= MIN_AUDIO_SECONDS * SAMPLE_RATE else None
        missing = (
            () if chosen is not None or not self._pictures else (say("film-no-face", asked=self._asked(people)),)
        )
        sample: Sample | None = None
        if text is not None or chosen is not None or sound is not None:
            sample = sample_of(text, None if chosen is None else (chosen[1].frame.pixels, chosen[2]), sound)
        if sample is not None:
            if sample.audio is not None and self._reference.clip is not None:
                sample = sample.replace(reference=self._reference.clip)
            sample = sample.with_notices(*(Notice("image", "no-face", words) for words in missing))
        if chosen is None:
            return Cut(start, end, sample, people=people, missing=missing)
        number, seen, face = chosen
        return Cut(start, end, sample, number, seen.frame.shown_at, face, people, missing)

    def _asked(self, people: tuple[int, ...]) -> str:
        """``other`` where somebody is seen, only not who was asked for."""
        return "other" if people and self.options.person is not None else "none"

    def forget(self, start: float) -> None:
        """Let go of what came before a time."""
        while self._pictures and self._pictures[0].frame.time < start - _SLACK:
            self._pictures.popleft()
        drop = min(len(self._sound), max(0, round(start * SAMPLE_RATE) - self._sound_from))
        self._sound, self._sound_from = self._sound[drop:], self._sound_from + drop


def sample_of(
    text: str | None, picture: tuple[NDArray[np.uint8], Face] | None, sound: NDArray[np.float32] | None
) -> Sample | None:
    """The case of a window; None where what there is can't be read."""
    from PIL import Image

    image, face = (None, None) if picture is None else (Image.fromarray(picture[0]), picture[1])
    try:
        return Sample.read(text, image, None if sound is None else (SAMPLE_RATE, sound), face=face)
    except InvalidInput:
        return None
