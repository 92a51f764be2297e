"""The networks as they are published: what they find in a portrait, and where their anchors lie."""

import cv2
import numpy as np
import pytest

from mm_core.resources import EXAMPLES
from mm_core.samples.blazeface import CENTRE, CLOSE, LEFT_EYE, RIGHT_EYE, SIZE, WIDE, BlazeFace, moved
from mm_core.samples.image import read_picture


@pytest.mark.parametrize("network", [CLOSE, WIDE], ids=["close", "wide"])
def test_a_portrait_has_two_eyes_beside_each_other_within_the_face(network: BlazeFace):
    pixels = read_picture(EXAMPLES / "hopper.jpg")
    window = cv2.resize(pixels, (network.side, network.side), interpolation=cv2.INTER_AREA)
    scores, points = network(window)
    assert scores.shape == (896,)
    assert points.shape == (896, 8, 2)
    assert scores.max() > 0.6
    best = points[scores.argmax()]
    left, right = best[CENTRE] - best[SIZE] / 2, best[CENTRE] + best[SIZE] / 2
    assert (left < best[LEFT_EYE]).all()
    assert (best[RIGHT_EYE] < right).all()
    across, down = best[RIGHT_EYE] - best[LEFT_EYE]
    assert across > 3 * abs(down)


def test_an_empty_window_holds_no_face():
    assert CLOSE(np.zeros((128, 128, 3), np.uint8))[0].max() < 0.3


def test_places_move_and_sizes_scale():
    points = np.array([[10, 20], [4, 6], *[[1, 2]] * 6], np.float32)
    turned = moved(points, np.array([[0.0, -2.0, 5.0], [2.0, 0.0, 7.0]]))
    assert turned[CENTRE].tolist() == [-35, 27]
    assert turned[SIZE].tolist() == [8, 12]
    assert turned[LEFT_EYE].tolist() == [1, 9]
