"""BlazeFace: a small network that finds faces and six points in each (Bazarevsky et al., CVPR workshop 2019).

Run by OpenCV's own reader of TFLite files, so that finding a face needs neither torch nor the network.

Shapes: A anchors, S side of the square input in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.resources import FACES

if TYPE_CHECKING:
    from cv2.dnn import Net

Points = NDArray[np.float32]
"""(8, 2), x and y in pixels: the centre of the face's box, its width and height, left eye, right eye (as seen in the
picture), nose, mouth, left ear, right ear."""

CENTRE, SIZE, LEFT_EYE, RIGHT_EYE = 0, 1, 2, 3
_PLACES: Final = (0, 2, 3, 4, 5, 6, 7)
"""Rows of Points that are places; the other is a size."""

_STEEPEST: Final = 50.0
"""Logits beyond this are cut, so that the exponential never overflows."""


@dataclass(frozen=True)
class BlazeFace:
    """One of the published networks. side: S. layers: (stride, anchors a cell) of each grid."""

    file: str
    side: int
    layers: tuple[tuple[int, int], ...]

    def __call__(self, window: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Scores (A,) from 0 to 1 and Points (A, 8, 2) in pixels of ``window`` (S, S, 3) uint8 RGB.

        Not for two threads at once: the network keeps its layers' outputs.
        """
        scaled = window.astype(np.float32) / 127.5 - 1.0
        self._net.setInput(np.ascontiguousarray(scaled.transpose(2, 0, 1)[None]))  # (1, 3, S, S)
        outputs = self._net.forward(("classificators", "regressors"))
        logits = np.asarray(outputs[0], np.float32).reshape(-1)  # (A,)
        points = np.array(outputs[1], np.float32).reshape(-1, 8, 2)  # (A, 8, 2)
        points[:, _PLACES] += self._anchors[:, None]
        return 1.0 / (1.0 + np.exp(-logits.clip(-_STEEPEST, _STEEPEST))), points

    @cached_property
    def _net(self) -> Net:
        import cv2

        return cv2.dnn.readNetFromTFLite(str(FACES / self.file))

    @cached_property
    def _anchors(self) -> NDArray[np.float32]:
        """(A, 2): the cells' middles, in pixels, row by row."""
        grids = []
        for stride, count in self.layers:
            middles = (np.arange(self.side // stride, dtype=np.float32) + 0.5) * stride
            down, across = np.meshgrid(middles, middles, indexing="ij")
            grids.append(np.stack([across, down], axis=-1).reshape(-1, 2).repeat(count, axis=0))
        return np.concatenate(grids)


def moved(points: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    """Points (..., 8, 2) through an affine ``matrix`` (2, 3); sizes take its scale alone."""
    out = points @ matrix[:, :2].T + matrix[:, 2]
    out[..., SIZE, :] = points[..., SIZE, :] * np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    return out.astype(np.float32)


WIDE: Final = BlazeFace("blazeface_back.tflite", 256, ((16, 2), (32, 6)))
"""For a camera's back: faces from about a tenth of the picture on."""

CLOSE: Final = BlazeFace("blazeface_short_range.tflite", 128, ((8, 2), (16, 6)))
"""For faces that fill a good part of the picture; surer of them than the other."""
