"""Faces over time: those of one picture are those of the next where they overlap most; a cut ends all of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.samples.faces import find_faces
from mm_core.samples.image import Box, Face
from mm_core.timeline.film import Frame

SAME: Final = 0.3
"""Intersection over union from which two boxes a tick apart are one face: people move by less than half a face in a
quarter of a second."""

LOST_SECONDS: Final = 1.0
"""A face that was not found for longer is another one when it comes back: nobody is recognised here."""

CUT: Final = 40.0
"""Mean change of brightness (of 255) between two thumbnails from which the film is cut. Somebody who moves before a
resting camera changes it by less than 15."""

_THUMB: Final = (32, 18)
MOST_TRACKS: Final = 999

Finder = Callable[[NDArray[np.uint8]], tuple[Face, ...]]


@dataclass(eq=False)
class Track:
    """One face for as long as it can be followed. number: from 1, in order of appearance. last: seconds. best: the
    second at which its best picture came up, and where in it the face lies."""

    number: int
    box: Box
    last: float
    best: tuple[float, Face]

    def meet(self, frame: Frame, face: Face) -> None:
        """Find it again."""
        self.box, self.last = face.box, frame.time
        if worth(face) > worth(self.best[1]):
            self.best = (frame.shown_at, face)


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture and its faces by the number of their track, the largest first."""

    frame: Frame
    faces: tuple[tuple[int, Face], ...]


@dataclass(eq=False)
class FaceTracker:
    """Numbers the faces of pictures that come in the order of time."""

    find: Finder = find_faces
    tracks: list[Track] = field(default_factory=list)
    _open: list[Track] = field(default_factory=list)
    _faces: tuple[Face, ...] = ()
    _thumb: NDArray[np.float32] | None = None
    _pixels: NDArray[np.uint8] | None = None

    def follow(self, frame: Frame) -> Seen:
        """Find the faces of the next picture and say whose they are."""
        if frame.pixels is not self._pixels:
            thumb = _thumbnail(frame.pixels)
            if self._thumb is not None and float(np.abs(thumb - self._thumb).mean()) > CUT:
                self._open.clear()
            self._thumb, self._pixels = thumb, frame.pixels
            self._faces = self.find(frame.pixels)
        self._open = [track for track in self._open if frame.time - track.last <= LOST_SECONDS]
        return Seen(frame, self._numbered(frame, self._faces))

    def _numbered(self, frame: Frame, faces: tuple[Face, ...]) -> tuple[tuple[int, Face], ...]:
        pairs = sorted(
            ((overlap(track.box, face.box), i, track) for i, face in enumerate(faces) for track in self._open),
            key=lambda pair: (-pair[0], pair[1]),
        )
        owners: dict[int, Track] = {}
        for shared, i, track in pairs:
            if shared >= SAME and i not in owners and track not in owners.values():
                owners[i] = track
        for i, face in enumerate(faces):
            if i not in owners and len(self.tracks) < MOST_TRACKS:
                owners[i] = Track(len(self.tracks) + 1, face.box, frame.time, (frame.shown_at, face))
                self.tracks.append(owners[i])
                self._open.append(owners[i])
        for i, track in owners.items():
            track.meet(frame, faces[i])
        return tuple((owners[i].number, face) for i, face in enumerate(faces) if i in owners)


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    common = max(0, width) * max(0, height)
    return common / (area(one) + area(other) - common)


def area(box: Box) -> int:
    """Pixels of a box."""
    return (box.right - box.left) * (box.bottom - box.top)


def worth(face: Face) -> float:
    """How well a face can be read: the side of its box, less where it is turned on its side."""
    return math.sqrt(area(face.box)) * math.cos(math.radians(min(80.0, abs(face.turn))))


def _thumbnail(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    import cv2

    small = cv2.resize(pixels, _THUMB, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32).mean(axis=2)
