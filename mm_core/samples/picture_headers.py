"""What a picture's bytes promise, looked at before anything is decoded: cheap walks over markers and chunks.

A decoder believes a header. These checks refuse files whose decoding would cost far more than their pixels are worth.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from .errors import InvalidInput
from .limits import MAX_JPEG_SCANS, MAX_JPEG_SEGMENTS

_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_START_OF_SCAN: Final = 0xDA
_END_OF_IMAGE: Final = 0xD9
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})

_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""A marker between entropy-coded bytes: neither a stuffed zero nor a restart."""

_PIXELS_A_JPEG_BYTE: Final = 512
"""A JPEG holds at least one bit for each block of 64 pixels (ITU-T T.81: every block has a DC code)."""

_INFLATED_A_BYTE: Final = 1032
"""Bytes that one byte of deflate gives at most (RFC 1951: 258 bytes for two bits)."""

_COUNTED_FROM: Final = 50
"""Pictures packed this tightly are inflated once more, which is quick, to count that no row is missing; photographs
are packed two- to tenfold, and one of them that ends early costs no more than a whole one."""

_COUNTED_UNDER: Final = 2**18
"""Bytes of pixels under which every picture is counted."""

_INFLATE_STEP: Final = 2**20
_PNG_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By the colour type of a PNG's header."""


def check_scans(content: bytes) -> None:
    """InvalidInput for a JPEG of more scans or segments than any camera or program writes; each costs a pass."""
    if not content.startswith(_JPEG):
        return
    scans = 0
    for segments, marker in enumerate(_jpeg_markers(content), start=1):
        scans += marker == _START_OF_SCAN
        if scans > MAX_JPEG_SCANS or segments > MAX_JPEG_SEGMENTS:
            raise InvalidInput(
                f"The picture is built of too many parts: at most {MAX_JPEG_SCANS} scans and {MAX_JPEG_SEGMENTS} "
                "segments are read. Save it again."
            )


def is_complete(content: bytes, width: int, height: int) -> bool:
    """Whether a JPEG or PNG can hold all pixels that its header declares; a decoder would make up the rest."""
    if content.startswith(_JPEG):
        return width * height <= _PIXELS_A_JPEG_BYTE * len(content)
    if content.startswith(_PNG):
        return _png_is_complete(content)
    return True


def _jpeg_markers(content: bytes) -> Iterator[int]:
    """The markers between the start and the end of the image; stops where the structure does."""
    place = 2
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == _END_OF_IMAGE:
            return
        if marker in _WITHOUT_LENGTH or marker == 0xFF:  # 0xFF: a fill byte
            place += 1 if marker == 0xFF else 2
            continue
        yield marker
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
        if marker == _START_OF_SCAN:
            found = _MARKER.search(content, place)
            if found is None:
                return
            place = found.start()


def _png_is_complete(content: bytes) -> bool:
    header = content[16:29]
    if len(header) < 13:
        return False
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    depth, channels, interlaced = header[8], _PNG_CHANNELS.get(header[9], 1), header[12] == 1
    declared = height * (-(-width * depth * channels // 8) + (not interlaced))  # a filter byte begins each row
    packed = [content[start:end] for start, end in _png_data(content)]
    size = sum(map(len, packed))
    if declared > _INFLATED_A_BYTE * size:
        return False
    trusted = declared <= _COUNTED_FROM * size and declared >= _COUNTED_UNDER
    return trusted or _inflates_to(packed, declared)


def _png_data(content: bytes) -> Iterator[tuple[int, int]]:
    """First and last byte (exclusive) of each IDAT chunk; frames of an animation stand in other chunks."""
    place = len(_PNG)
    while place + 8 <= len(content):
        start = place + 8
        end = start + int.from_bytes(content[place : place + 4], "big")
        if content[place + 4 : start] == b"IDAT":
            yield start, min(end, len(content))
        place = end + 4


def _inflates_to(packed: list[bytes], declared: int) -> bool:
    inflate = zlib.decompressobj()
    found = 0
    try:
        for piece in packed:
            while piece and found < declared and not inflate.eof:
                found += len(inflate.decompress(piece, _INFLATE_STEP))
                piece = inflate.unconsumed_tail
    except zlib.error:
        return False
    return found >= declared
