"""Faces in a picture, the largest first, each with how far it is turned: BlazeFace proposes and confirms.

Two networks look at the whole picture; what either takes for a face is looked at twice more in a window of its own,
the second time turned upright by the eyes. Thresholds and framing: measured by benchmarks/faces.py.
"""

from __future__ import annotations

import math
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .blazeface import CENTRE, CLOSE, LEFT_EYE, RIGHT_EYE, SIZE, WIDE, BlazeFace, Points, moved
from .errors import InvalidInput
from .image import Box, Face, Picture

MIN_CONFIRMED: Final = 0.5
"""Mean score of the two looks that makes a face."""

HOPELESS: Final = 0.15
"""Score of the first look below which there is no second one."""

MOST_FACES: Final = 12
"""Proposals that are looked at again, the surest first: each takes two runs of the smaller network."""

CROP_SIDE: Final = 1.18
"""Side of a crop in sides of the network's box, and the eyes' height within it below: the medians of FER2013's and
muxspace's pictures, which agree to 0.02, so a crop shows what the face tower was trained on."""

LARGEST_TURN: Final = 60.0
"""Degrees, beyond which the networks were taught no faces and what they find is none."""

SMALLEST_FACE: Final = 16
"""Pixels of the side of the smallest crop that is still a face and not a smudge."""

SAME: Final = 0.3
"""Intersection over union from which two finds are one face."""

_LOOKS: Final = (2.0, 2.6)
"""Sides of the windows of the two looks, in sides of the network's box."""

_running = Lock()
"""The networks keep state while they run, so one thread searches at a time."""


class _Pass(NamedTuple):
    """One look at the whole picture. border: share of its longer side added on each side. least: score from which a
    find is looked at again; the wide network sees small faces, and more often one that is not there."""

    network: BlazeFace
    border: float
    least: float


_PASSES: Final = (_Pass(CLOSE, 0.3, 0.5), _Pass(CLOSE, 0.6, 0.45), _Pass(WIDE, 0.1, 0.6))


def locate(pixels: NDArray[np.uint8], face: int | Face | None = None) -> Picture:
    """Return the picture with the face that is to be judged: by its number, by where it lies, by default the largest.

    Raises InvalidInput for a number that no face has and for a place outside the picture.
    """
    if not isinstance(face, Face):
        return Picture.of_face(pixels, find_faces(pixels), 1 if face is None else face)
    (left, top, right, bottom), (height, width) = face.box, pixels.shape[:2]
    if not (0 <= left < right <= width and 0 <= top < bottom <= height and math.isfinite(face.turn)):
        raise InvalidInput(
            f"The face does not lie in the picture, which is {width} by {height} pixels. Move its box."
        )
    return Picture(pixels, face.box, face.turn)


def find_faces(pixels: NDArray[np.uint8]) -> tuple[Face, ...]:
    """Return the faces in ``pixels`` (H, W, 3) uint8 RGB, the largest first.

    Each box has the training pictures' framing, once it is turned, and never leaves the picture.
    """
    if min(pixels.shape[:2]) < SMALLEST_FACE:
        return ()
    with _running:
        proposed = _distinct([find for each in _PASSES for find in _propose(pixels, each)])
        confirmed = [_confirm(pixels, points) for _, points in proposed[:MOST_FACES]]
    found = _distinct([find for find in confirmed if find[0] >= MIN_CONFIRMED])
    faces = [_framed(points, pixels.shape) for _, points in found]
    return tuple(sorted((f for f in faces if f is not None), key=lambda face: -_area(face.box)))


def _propose(pixels: NDArray[np.uint8], look: _Pass) -> list[tuple[float, Points]]:
    height, width = pixels.shape[:2]
    side = max(height, width) * (1 + 2 * look.border)
    scores, points = _look(look.network, pixels, (width / 2, height / 2), side, 0.0)
    return [(float(scores[i]), points[i]) for i in np.flatnonzero(scores >= look.least)]


def _confirm(pixels: NDArray[np.uint8], points: Points) -> tuple[float, Points]:
    """The mean score of two looks, and where the second one sees the face."""
    total = 0.0
    for sides in _LOOKS:
        side = sides * float(points[SIZE].max())
        centre = (float(points[CENTRE, 0]), float(points[CENTRE, 1]))
        scores, seen = _look(CLOSE, pixels, centre, side, _turn(points))
        apart = np.abs(seen[:, CENTRE] - points[CENTRE]).max(axis=1)  # (A,)
        scores = np.where(apart < 0.22 * side, scores, 0.0)
        best = int(scores.argmax())
        total += float(scores[best])
        if scores[best] < HOPELESS:
            return 0.0, points
        points = _blended(scores, seen, best)
        if abs(_turn(points)) > LARGEST_TURN:
            return 0.0, points
    return total / len(_LOOKS), points


def _blended(scores: NDArray[np.float32], points: NDArray[np.float32], best: int) -> Points:
    """The mean of all finds that are the same face as the best, weighted by score, as BlazeFace's authors do."""
    near = (scores >= 0.5 * scores[best]) & (_overlaps(points, points[best]) >= 0.5)
    weights = scores[near] / scores[near].sum()
    return (points[near] * weights[:, None, None]).sum(axis=0).astype(np.float32)


def _look(
    network: BlazeFace, pixels: NDArray[np.uint8], centre: tuple[float, float], side: float, turn: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Run a network on a square window of the picture; black where it reaches over the edge. Points in pixels of
    ``pixels``."""
    import cv2

    scale = network.side / side
    source, reduced = np.asarray(pixels), 1.0
    if scale < 0.5:  # linear sampling alone would skip pixels
        reduced = scale
        size = tuple(max(1, round(length * scale)) for length in pixels.shape[1::-1])
        source = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    matrix = _window(centre, turn, scale, network.side)
    shrunk = matrix.copy()
    shrunk[:, :2] /= reduced
    window = cv2.warpAffine(source, shrunk, (network.side, network.side), flags=cv2.INTER_LINEAR)
    scores, points = network(np.asarray(window, np.uint8))
    return scores, moved(points, np.asarray(cv2.invertAffineTransform(matrix), np.float64))


def _window(centre: tuple[float, float], turn: float, scale: float, side: int) -> NDArray[np.float64]:
    """(2, 3): from the picture to a window of ``side`` pixels around ``centre``, turned back by ``turn`` degrees."""
    cosine, sine = scale * math.cos(math.radians(turn)), scale * math.sin(math.radians(turn))
    matrix = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0]])
    matrix[:, 2] = side / 2 - matrix[:, :2] @ np.array(centre)
    return matrix


def _turn(points: Points) -> float:
    """Degrees, clockwise, by which the line of the eyes is turned."""
    across, down = points[RIGHT_EYE] - points[LEFT_EYE]
    return math.degrees(math.atan2(down, across))


def _distinct(finds: list[tuple[float, Points]]) -> list[tuple[float, Points]]:
    """Of finds that overlap the surest, the surest first."""
    kept: list[tuple[float, Points]] = []
    for score, points in sorted(finds, key=lambda find: -find[0]):
        if all(_overlaps(other[None], points)[0] < SAME for _, other in kept):
            kept.append((score, points))
    return kept


def _overlaps(many: NDArray[np.float32], one: Points) -> NDArray[np.float32]:
    """Intersection over union of the boxes of ``many`` (N, 8, 2) with that of ``one``: (N,)."""
    ends = np.minimum(many[:, CENTRE] + many[:, SIZE] / 2, one[CENTRE] + one[SIZE] / 2)
    starts = np.maximum(many[:, CENTRE] - many[:, SIZE] / 2, one[CENTRE] - one[SIZE] / 2)
    common = (ends - starts).clip(0).prod(axis=1)
    return np.asarray(common / (many[:, SIZE].prod(axis=1) + one[SIZE].prod() - common).clip(1e-6))


def _framed(points: Points, shape: tuple[int, ...]) -> Face | None:
    """The crop: as wide as the training pictures are around a face, halfway between the eyes and the box's middle."""
    height, width = shape[:2]
    half = CROP_SIDE * float(points[SIZE].mean()) / 2
    across, down = (points[CENTRE] + (points[LEFT_EYE] + points[RIGHT_EYE]) / 2) / 2
    left, right = max(0, round(across - half)), min(width, round(across + half))
    top, bottom = max(0, round(down - half)), min(height, round(down + half))
    if min(right - left, bottom - top) < SMALLEST_FACE:
        return None
    return Face(Box(left, top, right, bottom), round(_turn(points), 2))


def _area(box: Box) -> int:
    return (box.right - box.left) * (box.bottom - box.top)
