"""All faces are found, the largest first and upright; boxes stay inside the picture, and things are no faces."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mm_core.samples import Box, Face, InvalidInput
from mm_core.samples.faces import find_faces, locate
from mm_core.samples.image import read_picture

from .pictures import landscape, random_image

skimage_data = pytest.importorskip("skimage.data")


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """An astronaut (NASA, public domain), 512 px; her face lies around (222, 115)."""
    return skimage_data.astronaut()


@pytest.fixture(scope="module")
def both(portrait: np.ndarray) -> np.ndarray:
    """Her face twice: small on the left, large on the right, 640 x 480."""
    face = Image.fromarray(portrait[40:190, 150:300])
    picture = Image.new("RGB", (640, 480), (90, 110, 130))
    picture.paste(face.resize((120, 120)), (40, 40))
    picture.paste(face.resize((260, 260)), (340, 180))
    return np.asarray(picture)


def area(box: Box) -> int:
    return (box.right - box.left) * (box.bottom - box.top)


def middle(box: Box) -> tuple[float, float]:
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def turned(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """Clockwise, about (222, 115)."""
    matrix = cv2.getRotationMatrix2D((222, 115), -degrees, 1.0)
    return cv2.warpAffine(pixels, matrix, pixels.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


def test_the_face_of_a_portrait_is_found(portrait: np.ndarray):
    (face,) = find_faces(portrait)
    assert middle(face.box) == pytest.approx((222, 115), abs=15)
    assert 90 < face.box.right - face.box.left < 150
    assert abs(face.turn) < 10


def test_both_faces_are_found_the_larger_first(both: np.ndarray):
    first, second = find_faces(both)
    assert middle(first.box) == pytest.approx((340 + 125, 180 + 130), abs=35)
    assert middle(second.box) == pytest.approx((40 + 58, 40 + 60), abs=20)


def test_a_face_of_a_tenth_of_the_picture_is_found(portrait: np.ndarray):
    wide = np.full((750, 1000, 3), 120, np.uint8)
    wide[200:712, 400:912] = portrait
    (face,) = find_faces(wide)
    assert middle(face.box) == pytest.approx((400 + 222, 200 + 115), abs=15)


@pytest.mark.parametrize("degrees", [-35, -20, 20, 35])
def test_a_leaning_face_is_cut_out_upright(portrait: np.ndarray, degrees: float):
    upright = find_faces(portrait)[0]
    leaning = locate(turned(portrait, degrees))
    assert leaning.turn == pytest.approx(upright.turn + degrees, abs=7)
    assert middle(leaning.face) == pytest.approx(middle(upright.box), abs=8)
    (again,) = find_faces(leaning.upright)
    assert abs(again.turn) < 7
    sides = [face.box.right - face.box.left for face in (upright, Face(leaning.face), again)]
    assert max(sides) < 1.15 * min(sides)


@settings(max_examples=15, deadline=None)
@given(left=st.integers(0, 180), top=st.integers(0, 70), right=st.integers(260, 512), bottom=st.integers(160, 512))
def test_the_box_stays_inside_however_the_picture_is_cut(portrait, left, top, right, bottom):
    cut = portrait[top:bottom, left:right]
    for box, _ in find_faces(cut):
        assert 0 <= box.left < box.right <= cut.shape[1]
        assert 0 <= box.top < box.bottom <= cut.shape[0]


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (19, 19), (20, 20), (7, 400)])
def test_odd_sizes_hold_no_face(size: tuple[int, int]):
    assert find_faces(np.zeros((*size, 3), np.uint8)) == ()


@pytest.mark.parametrize(
    "things",
    [
        *(f"skimage {name}" for name in ("coffee", "rocket", "brick", "grass", "gravel", "moon", "retina")),
        *(f"landscape {seed}" for seed in range(6)),
        *(f"noise {seed}" for seed in range(4)),
        "plain",
        "gradient",
    ],
)
def test_things_are_no_faces(things: str):
    kind, _, which = things.partition(" ")
    made = {
        "skimage": lambda: Image.fromarray(getattr(skimage_data, which)()),
        "landscape": lambda: landscape(int(which)),
        "noise": lambda: random_image(320, 240, int(which)),
        "plain": lambda: Image.new("RGB", (300, 200), (200, 150, 120)),
        "gradient": lambda: Image.radial_gradient("L"),
    }
    assert find_faces(read_picture(made[kind]())) == ()


def test_faces_of_the_data_are_found_whole(face_files: list[bytes]):
    found = [faces[0] for faces in map(find_faces, map(read_picture, face_files)) if faces]
    assert len(found) >= 0.95 * len(face_files)
    # These pictures are tight faces, so a box that is framed like them covers nearly all of a picture.
    assert np.median([area(face.box) for face in found]) > 0.85 * 112 * 112


def test_threads_find_what_one_thread_finds(portrait: np.ndarray):
    pictures = [portrait, portrait[:, ::-1].copy(), np.asarray(landscape()), portrait[:300, 100:400].copy()] * 2
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(find_faces, pictures)) == [find_faces(picture) for picture in pictures]


def test_another_face_can_be_chosen(both: np.ndarray):
    first, second = locate(both), locate(both, 2)
    assert (first.number, second.number) == (1, 2)
    assert first.choosing(2).face == second.face == first.faces[1].box
    np.testing.assert_array_equal(first.choosing(2).crop(), second.crop())


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_face_that_is_not_there_is_refused(both: np.ndarray, number: int):
    with pytest.raises(InvalidInput, match="2 faces were found in the picture"):
        locate(both, number)


def test_no_second_face_where_there_is_none():
    with pytest.raises(InvalidInput, match="no face was found"):
        locate(np.zeros((60, 60, 3), np.uint8), 2)


def test_a_place_that_is_given_is_not_searched(portrait: np.ndarray):
    picture = locate(portrait, Face(Box(1, 2, 30, 40), 12.0))
    assert (picture.face, picture.turn, picture.faces) == (Box(1, 2, 30, 40), 12.0, ())


@pytest.mark.parametrize(
    "face", [Face(Box(0, 0, 513, 10)), Face(Box(5, 5, 5, 9)), Face(Box(-1, 0, 4, 4)), Face(Box(0, 0, 9, 9), np.nan)]
)
def test_a_place_outside_the_picture_is_refused(portrait: np.ndarray, face: Face):
    with pytest.raises(InvalidInput, match="512 by 512 pixels"):
        locate(portrait, face)
