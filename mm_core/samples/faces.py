"""The largest face in a picture, found by OpenCV's cascades (Viola and Jones, CVPR 2001; shipped in the wheel)."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from .image import Box

SEARCH_SIDE = 320
"""Pixels of the longest side of the reduced picture that is searched."""

SMALLEST_FACE = 24
"""Pixels of a face's side in the reduced picture."""


def find_face(pixels: np.ndarray) -> Box | None:
    """Return the box of the largest face in ``pixels`` (H, W, 3) uint8 RGB, or None where there is none."""
    import cv2

    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST_FACE:
        return None
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    scale = min(1.0, SEARCH_SIDE / max(height, width))
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    found = _cascade().detectMultiScale(grey, 1.1, 3, minSize=(SMALLEST_FACE, SMALLEST_FACE))
    if len(found) == 0:
        return None
    left, top, wide, high = (float(v) / scale for v in max(found, key=lambda box: box[2] * box[3]))
    return Box(
        max(0, round(left)),
        max(0, round(top)),
        min(width, round(left + wide)),
        min(height, round(top + high)),
    )


@cache
def _cascade() -> Any:
    import cv2

    return cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml")
