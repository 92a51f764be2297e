"""Generated pictures without a face, and encoders for test files."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

from mm_core.resources import EXAMPLES


def encoded(image: Image.Image, container: str = "PNG", **options: object) -> bytes:
    """Encode a PIL image as the bytes of a picture file."""
    buffer = io.BytesIO()
    image.save(buffer, container, **options)
    return buffer.getvalue()


def random_image(width: int = 32, height: int = 24, seed: int = 0) -> Image.Image:
    """An RGB image of random pixels."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def two_faces() -> Image.Image:
    """Two public-domain portraits of the examples beside each other, the larger on the right, 560 x 320."""
    picture = Image.new("RGB", (560, 320), (90, 110, 130))
    with Image.open(EXAMPLES / "astronaut.jpg") as left, Image.open(EXAMPLES / "hopper.jpg") as right:
        picture.paste(left.resize((200, 200)), (10, 60))
        picture.paste(right.resize((320, 320)), (240, 0))
    return picture


def landscape(seed: int = 0) -> Image.Image:
    """Sky, sun and hills, 640 x 480."""
    random = np.random.default_rng(seed)
    row, column = np.mgrid[0:480, 0:640]
    pixels = np.stack([120 + row / 6, 160 + row / 8, 230 - row / 10], axis=-1)
    pixels[np.hypot(row - 90, column - random.integers(80, 560)) < 45] = (255, 240, 160)
    for hill, colour in enumerate(((90, 120, 90), (60, 110, 60), (40, 90, 40))):
        waves = sum(random.uniform(10, 40) * np.sin(column[0] / random.uniform(30, 120)) for _ in range(3))
        pixels[row > 230 + 60 * hill + waves] = colour
    return Image.fromarray((pixels + random.normal(0, 6, pixels.shape)).clip(0, 255).astype(np.uint8))


def png(width: int, height: int, chunks: bytes = b"") -> bytes:
    """A PNG of a few bytes that declares 8-bit RGB of this size; ``chunks`` stand before its (empty) pixel data."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + chunks + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
