"""The largest face in a picture, found by one of OpenCV's cascades (Viola and Jones, CVPR 2001), in OpenCV's wheel.

Which cascade, sizes and votes: measured by benchmarks/faces.py on faces and on pictures without a face.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .image import Box

if TYPE_CHECKING:
    from cv2 import CascadeClassifier

CASCADE = "haarcascade_frontalface_alt2.xml"

MARGIN = 0.02
"""Added to each side of the found box, as a share of its width. The pictures of FER2013 and muxspace show as much
around the same detector's box (median), so a crop looks like the training faces."""

SMALLEST_FACE = 20
"""Pixels of the cascade's own window: no smaller face can be found."""

_searching = Lock()
"""A cascade keeps state while it searches, so one thread searches at a time."""


class Search(NamedTuple):
    """One pass over a reduced picture."""

    side: int  # pixels of its longest side
    step: float  # factor from one size of the window to the next
    votes: int  # overlapping finds that make a face
    border: float  # share of the shorter side that is added all around, for faces that fill the picture
    smallest: float  # share of the shorter side that a face takes at least


SEARCHES = (
    Search(side=112, step=1.1, votes=3, border=0.15, smallest=0.35),
    Search(side=160, step=1.1, votes=3, border=0.0, smallest=0.0),
    Search(side=256, step=1.1, votes=4, border=0.0, smallest=0.0),
)
"""From close-ups, which cost least, to faces of a thirteenth of the picture's longest side; the first find counts, so
a larger face goes before a smaller one."""


def find_face(pixels: np.ndarray) -> Box | None:
    """Return the box of the largest face in ``pixels`` (H, W, 3) uint8 RGB, or None where there is none.

    The box has the training pictures' margin and never leaves the picture.
    """
    import cv2

    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    for search in SEARCHES:
        found = _largest(grey, search)
        if found is not None:
            return _framed(found, grey.shape)
    return None


def _largest(grey: np.ndarray, search: Search) -> tuple[float, float, float] | None:
    """Return left, top and side of the largest face in pixels of ``grey`` (H, W)."""
    import cv2

    height, width = grey.shape
    scale = search.side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    reduced = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    border = round(search.border * min(size))
    framed = cv2.copyMakeBorder(reduced, border, border, border, border, cv2.BORDER_REPLICATE)
    if min(framed.shape) < SMALLEST_FACE:
        return None
    smallest = max(SMALLEST_FACE, round(search.smallest * min(size)))
    with _searching:
        found = _cascade().detectMultiScale(framed, search.step, search.votes, minSize=(smallest, smallest))
    if len(found) == 0:
        return None
    left, top, side, _ = (int(value) for value in max(found, key=lambda box: box[2]))
    return (left - border) / scale, (top - border) / scale, side / scale


def _framed(face: tuple[float, float, float], shape: tuple[int, ...]) -> Box:
    left, top, side = face
    height, width = shape
    margin = MARGIN * side
    # A find may lie in the added border; what is cut to the picture still holds at least one pixel.
    first_x, first_y = (min(max(0, round(start - margin)), end - 1) for start, end in ((left, width), (top, height)))
    last_x, last_y = (min(round(start + side + margin), end) for start, end in ((left, width), (top, height)))
    return Box(first_x, first_y, max(last_x, first_x + 1), max(last_y, first_y + 1))


@cache
def _cascade() -> CascadeClassifier:
    import cv2
    from cv2 import data

    return cv2.CascadeClassifier(data.haarcascades + CASCADE)
