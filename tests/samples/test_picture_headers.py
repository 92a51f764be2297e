"""Pictures whose headers promise more than their bytes hold, or cost more than their pixels are worth."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from mm_core.samples import InvalidInput, limits
from mm_core.samples.image import read_picture
from mm_core.samples.picture_headers import check_scans, is_complete
from tests.faults.files import (
    jpeg_of_many_scans,
    jpeg_of_many_segments,
    png_chunk,
    png_that_declares,
    saved,
    webp_of_huge_frames,
)
from tests.samples.pictures import encoded, random_image


def png_of(header: tuple[int, ...], raw: bytes) -> bytes:
    """A PNG whose data ends in good order after ``raw``."""
    palette = png_chunk(b"PLTE", b"\1\2\3" * 2) if header[3] == 3 else b""
    parts = (png_chunk(b"IHDR", struct.pack(">IIBBBBB", *header)), palette, png_chunk(b"IDAT", zlib.compress(raw)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + png_chunk(b"IEND", b"")


class TestScans:
    def test_pictures_as_they_are_saved_pass(self):
        noise = random_image(300, 300)
        for options in ({}, {"progressive": True}, {"icc_profile": b"p" * 300_000}):
            content = saved(noise, "JPEG", **options)
            check_scans(content)
            assert read_picture(content).shape == (300, 300, 3)

    def test_markers_inside_segments_do_not_count(self):
        exif = b"Exif\0\0" + b"\xff\xda" * 2 * limits.MAX_JPEG_SCANS
        check_scans(saved(random_image(), "JPEG", exif=exif))

    def test_what_follows_the_picture_does_not_count(self):
        check_scans(saved(random_image(), "JPEG") + b"\xff\xda\0\2" * 10_000)

    @pytest.mark.parametrize("content", [jpeg_of_many_scans(12_000), jpeg_of_many_segments(20_000)])
    def test_many_parts_are_refused_at_once(self, content: bytes):
        started = time.thread_time()
        with pytest.raises(InvalidInput, match="too many parts"):
            read_picture(content)
        assert time.thread_time() - started < 0.5

    @pytest.mark.parametrize("cut", [0, 2, 3, 5, 20, 100, 400])
    def test_damage_ends_the_walk(self, cut: int):
        content = saved(random_image(), "JPEG")
        check_scans(content[:cut])
        check_scans(content[:cut] + b"\xff" * 50)


class TestCompleteness:
    @pytest.mark.parametrize(("colour", "depth"), [(0, 1), (0, 8), (0, 16), (2, 8), (3, 4), (4, 8), (6, 8), (6, 16)])
    def test_a_png_whose_rows_are_missing_is_refused(self, colour: int, depth: int):
        channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
        rows, row = 50, 1 + -(-3 * depth * channels // 8)
        header = (3, rows, depth, colour, 0, 0, 0)
        assert read_picture(png_of(header, bytes(rows * row))).shape == (50, 3, 3)
        with pytest.raises(InvalidInput, match="damaged or incomplete"):
            read_picture(png_of(header, bytes((rows - 1) * row)))

    def test_a_large_flat_png_is_whole_or_refused(self):
        flat = saved(Image.new("RGB", (3000, 2000), (9, 9, 9)), "PNG")
        assert read_picture(flat).shape == (683, 1024, 3)
        header = (3000, 2000, 8, 2, 0, 0, 0)
        with pytest.raises(InvalidInput, match="damaged or incomplete"):
            read_picture(png_of(header, bytes(9001 * 1999)))

    def test_interlaced_and_photographic_pngs_are_whole(self):
        noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), np.uint8)
        assert is_complete(saved(Image.fromarray(noise), "PNG"), 400, 400)
        assert is_complete(encoded(random_image(40, 40)), 40, 40)

    def test_a_jpeg_too_short_for_its_size_is_refused(self):
        content = bytearray(saved(random_image(16, 16), "JPEG"))
        frame = content.index(b"\xff\xc0")
        content[frame + 5 : frame + 9] = struct.pack(">HH", 7000, 7000)
        with pytest.raises(InvalidInput, match="damaged or incomplete"):
            read_picture(bytes(content))


class TestBounds:
    def test_thin_pictures_are_refused_before_memory_is_taken(self):
        tracemalloc.start()
        with pytest.raises(InvalidInput, match="20,000 pixels on a side"):
            read_picture(png_that_declares(1, 49_999_999))
        assert tracemalloc.get_traced_memory()[1] < 5e6
        tracemalloc.stop()

    def test_the_longest_side_is_read(self):
        assert read_picture(saved(Image.new("RGB", (1, limits.MAX_PICTURE_EDGE)), "PNG")).shape == (1024, 1, 3)

    def test_frames_of_an_animation_are_counted(self):
        with pytest.raises(InvalidInput, match="all frames counted"):
            read_picture(webp_of_huge_frames(4000, frames=4))
        frame = Image.new("RGB", (100, 100))
        file = io.BytesIO()
        frame.save(
            file, "WEBP", save_all=True, append_images=[Image.new("RGB", (100, 100), (n, 9, 9)) for n in (50, 99)]
        )
        assert read_picture(file.getvalue()).shape == (100, 100, 3)

    def test_a_webp_canvas_has_its_own_bound(self):
        with pytest.raises(InvalidInput, match="25 in a WebP"):
            read_picture(webp_of_huge_frames(5001, frames=1))
