"""Screenshots small enough to be committed."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

MOST_BYTES: Final = 140 * 1024
QUALITIES: Final = (82, 70, 58, 46, 34)
"""Of WebP; the first that fits is taken, or else the last."""


def webp(png: bytes, most_bytes: int = MOST_BYTES) -> bytes:
    """A screenshot as WebP of at most that size, if any quality makes it so small."""
    shot = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in QUALITIES:
        packed = io.BytesIO()
        shot.save(packed, "WEBP", quality=quality, method=6)
        if packed.tell() <= most_bytes:
            break
    return packed.getvalue()
