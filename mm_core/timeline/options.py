"""What somebody may choose about how a film or a stream is watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mm_core.locale import say
from mm_core.samples.errors import InvalidInput
from mm_core.samples.limits import MAX_FILM_SECONDS

MOST_WINDOWS: Final = 1_500
"""Of one timeline: ten minutes at a hop of 0.4 s."""

SHORTEST_WINDOW: Final = 0.5
LONGEST_WINDOW: Final = 10.0
SHORTEST_HOP: Final = 0.1
"""Seconds."""


@dataclass(frozen=True)
class Options:
    """length: seconds of a window. hop: seconds from one window to the next. track: which sound track is heard, from
    1. person: whose face is read, by its number in the film; by default whoever's is largest in each window.

    InvalidInput for what is not offered.
    """

    length: float = 2.0
    hop: float = 0.5
    track: int = 1
    person: int | None = None

    def __post_init__(self) -> None:
        if not (SHORTEST_WINDOW <= self.length <= LONGEST_WINDOW and SHORTEST_HOP <= self.hop <= self.length):
            raise InvalidInput(
                say("film-options", shortest=SHORTEST_WINDOW, longest=LONGEST_WINDOW, hop=SHORTEST_HOP)
            )
        if self.track < 1 or (self.person is not None and self.person < 1):
            raise InvalidInput(say("film-numbers"))

    def check_length(self, seconds: float | None) -> None:
        """InvalidInput where a film of so many seconds has too many windows."""
        known = MAX_FILM_SECONDS if seconds is None else min(seconds, MAX_FILM_SECONDS)
        if known / self.hop > MOST_WINDOWS:
            raise InvalidInput(say("film-many-windows", most=MOST_WINDOWS, hop=known / MOST_WINDOWS))
