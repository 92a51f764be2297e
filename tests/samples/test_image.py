"""Pictures are decoded from their content: upright, RGB, bounded, first frame, no metadata."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import ExifTags, Image, ImageFile, ImageOps

from mm_core.samples import Box, Face, InvalidInput, Picture, image
from mm_core.samples.image import BACKGROUND, LEAST_TURN, read_picture
from mm_core.samples.limits import MAX_PICTURE_SIDE

from .pictures import encoded, random_image

PIXELS = arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3)))


@settings(max_examples=30, deadline=None)
@given(PIXELS)
def test_path_bytes_and_pil_image_give_the_same_pixels(tmp_path_factory, pixels):
    path = tmp_path_factory.mktemp("pictures") / "picture"
    given_image = Image.fromarray(pixels)
    for container in ("PNG", "WEBP"):
        content = encoded(given_image, container, lossless=True)
        path.write_bytes(content)
        for given_picture in (path, str(path), content, given_image):
            np.testing.assert_array_equal(read_picture(given_picture), pixels)


def test_jpeg_is_read_as_pillow_reads_it():
    content = encoded(random_image(), "JPEG", quality=95)
    np.testing.assert_array_equal(read_picture(content), np.asarray(Image.open(io.BytesIO(content))))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("container", ["JPEG", "PNG", "WEBP"])
def test_pictures_are_turned_upright(orientation: int, container: str):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    content = encoded(random_image(48, 32), container, exif=exif, lossless=True, quality=100)
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
    np.testing.assert_array_equal(read_picture(content), upright)
    assert read_picture(content).shape == ((32, 48, 3) if orientation < 5 else (48, 32, 3))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_reject_a_picture():
    content = encoded(random_image(), "PNG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff broken")
    np.testing.assert_array_equal(read_picture(content), np.asarray(random_image()))


def test_sixteen_bit_grey_is_scaled_not_clipped():
    values = np.array([[0, 257, 32896, 65535]], np.uint16)
    for given_picture in (Image.fromarray(values), encoded(Image.fromarray(values))):
        np.testing.assert_array_equal(read_picture(given_picture)[0], [[v] * 3 for v in (0, 1, 128, 255)])


def test_32_bit_grey_keeps_8_bit_values():
    values = Image.fromarray(np.array([[0, 100, 255]], np.int32))
    np.testing.assert_array_equal(read_picture(values)[0, :, 0], [0, 100, 255])


def test_see_through_pixels_lie_on_neutral_ground():
    pixels = np.array([[[255, 0, 0, 255], [255, 0, 0, 0]]], np.uint8)
    for given_picture in (Image.fromarray(pixels), encoded(Image.fromarray(pixels))):
        np.testing.assert_array_equal(read_picture(given_picture)[0], [(255, 0, 0), BACKGROUND])


def test_palette_with_a_see_through_colour():
    indexed = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    indexed.putpalette([10, 20, 30, 40, 50, 60])
    np.testing.assert_array_equal(read_picture(encoded(indexed, transparency=1))[0], [(10, 20, 30), BACKGROUND])


@pytest.mark.parametrize(("mode", "fill", "expected"), [("L", 90, 90), ("1", 1, 255), ("LA", (90, 255), 90)])
def test_grey_becomes_three_channels(mode: str, fill: object, expected: int):
    pixels = read_picture(encoded(Image.new(mode, (4, 3), fill)))
    assert pixels.shape == (3, 4, 3)
    assert (pixels == expected).all()


def test_cmyk_becomes_rgb():
    pixels = read_picture(encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=100))
    assert np.abs(pixels.astype(int) - (255, 0, 0)).max() <= 3


@pytest.mark.parametrize("container", ["PNG", "WEBP"])
def test_the_first_frame_of_an_animation_is_read(container: str):
    frames = [random_image(seed=seed) for seed in range(3)]
    content = encoded(frames[0], container, save_all=True, append_images=frames[1:], lossless=True)
    np.testing.assert_array_equal(read_picture(content), np.asarray(frames[0]))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "I;16"])
@pytest.mark.parametrize(
    ("size", "kept"), [((3000, 1500), (512, 1024)), ((1, 10_000), (1024, 1)), ((1025, 7), (7, 1024))]
)
def test_large_pictures_are_reduced(mode: str, size: tuple[int, int], kept: tuple[int, int]):
    pixels = read_picture(encoded(Image.new(mode, size)))
    assert pixels.shape == (*kept, 3)
    assert max(pixels.shape) == MAX_PICTURE_SIDE


def test_a_reduced_jpeg_looks_like_the_whole_one():
    smooth = Image.linear_gradient("L").resize((4000, 3000)).convert("RGB")
    reduced = read_picture(encoded(smooth, "JPEG", quality=95))
    assert reduced.shape == (768, 1024, 3)
    assert np.abs(reduced.astype(int) - np.asarray(smooth.resize((1024, 768)))).max() <= 4


def test_the_pixel_limit_is_checked_before_decoding(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(image, "MAX_PICTURE_PIXELS", 100)
    assert read_picture(random_image(10, 10)).shape == (10, 10, 3)
    files = [encoded(Image.new("RGB", (101, 1)), container) for container in ("PNG", "JPEG", "WEBP")]
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded"))
    for given_picture in (Image.new("RGB", (101, 1)), *files):
        with pytest.raises(InvalidInput, match="too large"):
            read_picture(given_picture)


def test_floating_point_pictures_are_refused():
    with pytest.raises(InvalidInput, match="Convert the picture"):
        read_picture(Image.new("F", (4, 4)))


@pytest.mark.parametrize("container", ["GIF", "BMP", "TIFF", "PPM", "ICO", "EPS", "PDF"])
def test_other_formats_are_refused_whatever_their_name(tmp_path: Path, container: str):
    disguised = tmp_path / "face.png"
    disguised.write_bytes(encoded(random_image(), container))
    with pytest.raises(InvalidInput, match="JPEG, PNG and WebP pictures are read"):
        read_picture(disguised)


def test_a_picture_crops_its_face():
    pixels = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    np.testing.assert_array_equal(Picture(pixels, Box(1, 2, 4, 4)).crop(), pixels[2:4, 1:4])
    np.testing.assert_array_equal(Picture(pixels).crop(), pixels)


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 3)])
def test_a_whole_picture_has_three_channels_and_no_box(shape: tuple[int, ...]):
    values = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    picture = Picture.whole(values)
    assert picture.face is None
    assert picture.crop().shape == (4, 5, 3)
    np.testing.assert_array_equal(picture.crop()[:, :, 0], values.reshape(4, 5, -1)[:, :, 0])


def test_a_leaning_face_is_turned_about_the_middle_of_its_box():
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[20:41, 40] = 255  # a line that stands on the right
    picture = Picture(pixels, Box(20, 20, 41, 41), turn=90.0)
    lying = picture.upright.max(2) > 128
    assert lying[20, 22:39].all(), "a quarter anticlockwise about (30, 30) lays it down at the top"
    assert lying.sum() <= 25
    np.testing.assert_array_equal(picture.crop(), picture.upright[20:41, 20:41])
    assert picture.upright.shape == pixels.shape


def test_a_face_that_hardly_leans_is_left_as_it_is():
    pixels = np.random.default_rng(0).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    assert Picture(pixels, Box(2, 2, 20, 20), turn=LEAST_TURN - 0.1).upright is pixels
    assert Picture(pixels, turn=45.0).upright is pixels, "the whole picture is never turned"


def test_a_place_outside_the_faces_has_no_number():
    faces = (Face(Box(0, 0, 9, 9)), Face(Box(10, 10, 14, 14), 8.0))
    picture = Picture.of_face(np.zeros((20, 20, 3), np.uint8), faces, 2)
    assert (picture.face, picture.turn, picture.number) == (*faces[1], 2)
    assert Picture(picture.pixels, Box(1, 1, 5, 5), faces=faces).number is None
