"""The largest face is found, its box stays inside the picture, and things are no faces."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mm_core.samples.faces import find_face
from mm_core.samples.image import read_picture

from .pictures import landscape, random_image

skimage_data = pytest.importorskip("skimage.data")


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """An astronaut (NASA, public domain), 512 px; her face lies around (222, 115)."""
    return skimage_data.astronaut()


def area(box) -> int:
    return (box.right - box.left) * (box.bottom - box.top)


def test_the_face_of_a_portrait_is_found(portrait: np.ndarray):
    box = find_face(portrait)
    assert abs((box.left + box.right) / 2 - 222) < 15
    assert abs((box.top + box.bottom) / 2 - 115) < 20
    assert 70 < box.right - box.left < 140


def test_the_largest_of_two_faces_is_taken(portrait: np.ndarray):
    face = Image.fromarray(portrait[40:190, 150:300])
    both = Image.new("RGB", (640, 480), (90, 110, 130))
    both.paste(face.resize((120, 120)), (40, 40))
    both.paste(face.resize((260, 260)), (340, 180))
    box = find_face(np.asarray(both))
    assert box.left > 340
    assert box.top > 180


def test_a_small_face_is_found_in_a_later_pass(portrait: np.ndarray):
    wide = np.full((750, 1000, 3), 120, np.uint8)
    wide[200:712, 400:912] = portrait
    box = find_face(wide)
    assert abs((box.left + box.right) / 2 - (400 + 222)) < 15


@settings(max_examples=15, deadline=None)
@given(left=st.integers(0, 180), top=st.integers(0, 70), right=st.integers(260, 512), bottom=st.integers(160, 512))
def test_the_box_stays_inside_however_the_picture_is_cut(portrait, left, top, right, bottom):
    cut = portrait[top:bottom, left:right]
    box = find_face(cut)
    if box is not None:
        assert 0 <= box.left < box.right <= cut.shape[1]
        assert 0 <= box.top < box.bottom <= cut.shape[0]


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (19, 19), (20, 20), (7, 400)])
def test_odd_sizes_hold_no_face(size: tuple[int, int]):
    assert find_face(np.zeros((*size, 3), np.uint8)) is None


@pytest.mark.parametrize(
    "things",
    [
        *(
            f"skimage {name}"
            for name in ("chelsea", "coffee", "rocket", "brick", "grass", "gravel", "moon", "retina")
        ),
        *(f"landscape {seed}" for seed in range(6)),
        *(f"noise {seed}" for seed in range(4)),
        "plain",
        "gradient",
    ],
)
def test_things_and_animals_are_no_faces(things: str):
    kind, _, which = things.partition(" ")
    made = {
        "skimage": lambda: Image.fromarray(getattr(skimage_data, which)()),
        "landscape": lambda: landscape(int(which)),
        "noise": lambda: random_image(320, 240, int(which)),
        "plain": lambda: Image.new("RGB", (300, 200), (200, 150, 120)),
        "gradient": lambda: Image.radial_gradient("L"),
    }
    assert find_face(read_picture(made[kind]())) is None


def test_faces_of_the_data_are_found_whole(face_files: list[bytes]):
    boxes = [find_face(read_picture(content)) for content in face_files]
    found = [box for box in boxes if box is not None]
    assert len(found) >= 0.9 * len(boxes)
    # These pictures are tight faces, so a box that is framed like them covers nearly all of a picture.
    assert np.median([area(box) for box in found]) > 0.9 * 112 * 112


def test_threads_find_what_one_thread_finds(portrait: np.ndarray):
    pictures = [portrait, portrait[:, ::-1].copy(), np.asarray(landscape()), portrait[:300, 100:400].copy()] * 4
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find_face, pictures)) == [find_face(picture) for picture in pictures]
