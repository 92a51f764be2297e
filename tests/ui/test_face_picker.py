"""The choice among several faces, without a browser."""

from __future__ import annotations

import re

import numpy as np

from mm_core.samples import Box, Face, Picture
from webapp.face_picker import FacePicker, numbered

FACES = (Face(Box(100, 20, 180, 100)), Face(Box(10, 10, 50, 50), 9.0))
PICTURE = Picture.of_face(np.zeros((100, 200, 3), np.uint8), FACES, 2)


def test_each_face_has_a_numbered_frame_where_it_lies() -> None:
    html = numbered(PICTURE)
    assert re.findall(r"<b>(\d)</b>", html) == ["1", "2"]
    assert "left:50.00%;top:20.00%;width:40.00%;height:80.00%" in html
    assert html.count("face judged") == 1
    assert html.index("face judged") > html.index("<b>1</b>")
    assert html.count("The picture shows 2 faces") == 2, "as words beside the picture, and for who can't see it"


def test_a_choice_is_offered_only_among_several() -> None:
    picture, choice = FacePicker.shown(PICTURE)
    assert (picture.visible, choice.visible) == (True, True)
    assert choice.value == 2
    assert [value for _, value in choice.choices] == [1, 2]
    assert "largest" in choice.choices[0][0]
    for other in (None, Picture(PICTURE.pixels), Picture.of_face(PICTURE.pixels, FACES[:1])):
        assert [update.visible for update in FacePicker.shown(other)] == [False, False]
