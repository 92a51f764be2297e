"""Pictures: decoded from JPEG, PNG or WebP, upright, RGB, of bounded size and without metadata."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .errors import InvalidInput
from .files import read_bytes
from .limits import MAX_PICTURE_EDGE, MAX_PICTURE_PIXELS, MAX_PICTURE_SIDE, MAX_WEBP_PIXELS
from .picture_headers import check_scans, is_complete

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP")
ALLOWED = "JPEG, PNG and WebP pictures are read"
BACKGROUND = (128, 128, 128)
"""Mid grey, neutral for the image encoder, behind see-through pixels."""


LEAST_TURN = 6.0
"""Degrees from which a face is turned upright. Half of the training pictures lean by less, and turning blurs."""


class Box(NamedTuple):
    """A rectangle in pixels of the upright picture; ``right`` and ``bottom`` are exclusive."""

    left: int
    top: int
    right: int
    bottom: int


class Face(NamedTuple):
    """A face in a picture: the box of its crop, and by how many degrees, clockwise, its eyes' line is turned."""

    box: Box
    turn: float = 0.0


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture: ``pixels`` (H, W, 3) uint8 RGB and the box of the face that is judged (None: the whole picture).

    ``turn``: degrees, clockwise, by which the face is turned about the middle of its box. ``faces``: all that were
    found, the largest first; empty where nobody looked for any.
    """

    pixels: np.ndarray
    face: Box | None = None
    turn: float = 0.0
    faces: tuple[Face, ...] = ()

    @classmethod
    def of_face(cls, pixels: np.ndarray, faces: Sequence[Face], number: int = 1) -> Picture:
        """Return a picture whose face ``number``, counted from 1, is judged; all of it where none was found.

        Raises InvalidInput where there is no face of that number.
        """
        if not faces and number == 1:
            return cls(pixels)
        if not 1 <= number <= len(faces):
            allowed = f"from 1, the largest, to {len(faces)}" if len(faces) > 1 else "1"
            shown = f"{len(faces)} faces were" if len(faces) > 1 else "one face was" if faces else "no face was"
            raise InvalidInput(f"There is no face {number}: {shown} found in the picture. Choose {allowed}.")
        chosen = faces[number - 1]
        return cls(pixels, chosen.box, chosen.turn, tuple(faces))

    @property
    def number(self) -> int | None:
        """Which of ``faces`` is judged, counted from 1; None where it is none of them."""
        own = None if self.face is None else Face(self.face, self.turn)
        return self.faces.index(own) + 1 if own in self.faces else None

    def choosing(self, number: int) -> Picture:
        """Return the same picture with another of its faces; InvalidInput where there is none of that number."""
        return Picture.of_face(self.pixels, self.faces, number)

    @classmethod
    def whole(cls, pixels: np.ndarray) -> Picture:
        """Return a picture that is all face, such as a data-set row: (H, W), (H, W, 1) or (H, W, 3) uint8."""
        if pixels.ndim == 2:
            pixels = pixels[:, :, None]
        return cls(np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3))))

    @cached_property
    def upright(self) -> np.ndarray:
        """The picture turned about the middle of its face until the face is upright, (H, W, 3) uint8.

        What is shown, and what boxes, patches and regions refer to; the face's box is the same in both.
        """
        if self.face is None or abs(self.turn) < LEAST_TURN:
            return self.pixels
        import cv2

        left, top, right, bottom = self.face
        matrix = cv2.getRotationMatrix2D(((left + right - 1) / 2, (top + bottom - 1) / 2), self.turn, 1.0)
        size = (self.pixels.shape[1], self.pixels.shape[0])
        return np.asarray(
            cv2.warpAffine(self.pixels, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        )

    def crop(self) -> np.ndarray:
        """Return the face, upright, (h, w, 3) uint8: what the image encoder sees."""
        if self.face is None:
            return self.pixels
        left, top, right, bottom = self.face
        return self.upright[top:bottom, left:right]


def read_picture(
    given: Image.Image | str | os.PathLike[str] | bytes, decode: Callable[[bytes], np.ndarray] | None = None
) -> np.ndarray:
    """Decode a picture to (H, W, 3) uint8 RGB, upright, longest side at most ``MAX_PICTURE_SIDE``.

    ``given`` is a path, the bytes of a file or a PIL image; of an animation the first frame is taken. ``decode``
    turns the bytes into pixels, by default ``decode_picture`` in this process. Raises InvalidInput for other formats
    (the content decides, not the name), damaged files and pictures over the limits.
    """
    from PIL import Image

    if isinstance(given, Image.Image):
        return _pixels(given)
    return (decode or decode_picture)(read_bytes(given, "picture"))


def decode_picture(content: bytes) -> np.ndarray:
    """``read_picture`` for the bytes of a file."""
    from PIL import Image

    check_scans(content)
    try:
        opened = Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except MemoryError:  # a canvas is laid out at opening
        raise _too_large() from None
    except Exception:  # Pillow leaks ValueError, SyntaxError, struct.error and others from damaged files
        raise InvalidInput(f"This file is not a picture that can be read. {ALLOWED}; give one of these.") from None
    with opened:
        _check_size(opened)
        if not is_complete(content, opened.width, opened.height):
            raise _damaged()
        return _pixels(opened)


def _check_size(image: Image.Image) -> None:
    if image.width < 1 or image.height < 1:
        raise InvalidInput("The picture has no pixels. Give another picture.")
    frames = getattr(image, "n_frames", 1)
    most = MAX_WEBP_PIXELS if image.format == "WEBP" else MAX_PICTURE_PIXELS
    if image.width * image.height > most or image.width * image.height * frames > MAX_PICTURE_PIXELS:
        raise _too_large()
    if max(image.size) > MAX_PICTURE_EDGE:
        raise _too_large()


def _pixels(image: Image.Image) -> np.ndarray:
    _check_size(image)
    try:
        if image.format == "JPEG":
            image.draft(None, (MAX_PICTURE_SIDE, MAX_PICTURE_SIDE))
        return np.array(_to_rgb(_upright(_reduced(image))), dtype=np.uint8)
    except (InvalidInput, MemoryError):
        raise
    except Exception:
        raise _damaged() from None


def _reduced(image: Image.Image) -> Image.Image:
    from PIL import Image

    scale = MAX_PICTURE_SIDE / max(image.size)
    if scale >= 1:
        image.load()
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if image.mode in ("P", "1", "PA"):
        image = image.convert("RGBA")
    gap = None if image.mode.startswith("I") else 2.0  # Pillow's quick first step knows no 16-bit grey
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=gap)


def _to_rgb(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.float64)
        # Pillow gives 16-bit grey as I;16 or I; only values over 255 tell the second from 8-bit grey.
        full_scale = 65535.0 if image.mode != "I" or values.max() > 255 else 255.0
        grey = np.clip(np.rint(values * (255.0 / full_scale)), 0, 255).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    if image.mode == "F":
        raise InvalidInput("Pictures of floating-point values are not read. Convert the picture to RGB first.")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        ground = Image.new("RGBA", rgba.size, (*BACKGROUND, 255))
        return Image.alpha_composite(ground, rgba).convert("RGB")
    return image.convert("RGB")


def _upright(image: Image.Image) -> Image.Image:
    """The picture as the camera was held. (Before it becomes RGB, which may lose its EXIF data.)"""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF data says nothing about the picture itself
        return image


def _damaged() -> InvalidInput:
    return InvalidInput(f"The picture file is damaged or incomplete. {ALLOWED}; save it again.")


def _too_large() -> InvalidInput:
    allowed, webp = MAX_PICTURE_PIXELS // 1_000_000, MAX_WEBP_PIXELS // 1_000_000
    return InvalidInput(
        f"The picture is too large: at most {allowed} megapixels are read, {webp} in a WebP, all frames counted, and "
        f"at most {MAX_PICTURE_EDGE:,} pixels on a side. Reduce it first."
    )
