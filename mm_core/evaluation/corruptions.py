"""What can go wrong with a text, a picture or a voice on its way to a model, in steps from light to heavy.

The kinds follow common practice: Hendrycks and Dietterich (ICLR 2019) for pictures, Belinkov and Bisk (ICLR 2018)
for typing errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mm_core.encoders.recording import Random, Wave, band_limit, noise, reverberation
from mm_core.encoders.typing_errors import typos

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Corruption:
    """title: for people. unit: what a level counts. levels: from light to heavy. apply: ``(content, level, random)``
    to the content made worse; content is a str, a face (h, w, 3) uint8 or a waveform (T,) float32 at 16 kHz."""

    title: str
    unit: str
    levels: tuple[float, ...]
    apply: Callable[[Any, float, Random], Any]


def dropped_words(text: str, percent: float, random: Random) -> str:
    """Each word is left out with that chance; one at least stays."""
    words = text.split()
    kept = [word for word in words if random.random() >= percent / 100]
    return " ".join(kept) or (words[int(random.integers(len(words)))] if words else text)


def blur(face: Pixels, percent: float, random: Random) -> Pixels:
    """Gaussian blur whose deviation is that share of the face's width."""
    sigma = face.shape[1] * percent / 100
    return np.asarray(cv2.GaussianBlur(face, (0, 0), sigma), np.uint8)


def grain(face: Pixels, deviation: float, random: Random) -> Pixels:
    """Gaussian noise of that deviation, in levels of 255, the same in all colours."""
    noise = random.normal(0, deviation, (*face.shape[:2], 1))
    return np.clip(face + noise, 0, 255).astype(np.uint8)


def occlusion(face: Pixels, percent: float, random: Random) -> Pixels:
    """A mid-grey square somewhere over that share of the face's area."""
    height, width = face.shape[:2]
    side = (percent / 100) ** 0.5
    high, wide = round(height * side), round(width * side)
    top, left = int(random.integers(height - high + 1)), int(random.integers(width - wide + 1))
    covered = face.copy()
    covered[top : top + high, left : left + wide] = 128
    return covered


def darkness(face: Pixels, percent: float, random: Random) -> Pixels:
    """That share of the light is missing; what is left is rounded to whole levels, as a camera does."""
    return np.rint(face * (1 - percent / 100)).astype(np.uint8)


def jpeg(face: Pixels, quality: float, random: Random) -> Pixels:
    """Compressed as JPEG of that quality (1 to 100) and read again."""
    _, data = cv2.imencode(".jpg", face[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)


def clipping(wave: Wave, percent: float, random: Random) -> Wave:
    """Cut at the level that this share of all samples lies above."""
    limit = float(np.quantile(np.abs(wave), 1 - percent / 100))
    return np.clip(wave, -limit, limit).astype(np.float32)


CORRUPTIONS: Final[dict[str, dict[str, Corruption]]] = {
    "text": {
        "typos": Corruption("Typing errors", "% of letters", (5, 10, 20, 40), typos),
        "dropped_words": Corruption("Dropped words", "% of words", (10, 25, 50, 75), dropped_words),
    },
    "image": {
        "blur": Corruption("Blur", "% of the face's width", (2, 4, 8, 12), blur),
        "noise": Corruption("Noise", "levels of 255", (10, 25, 50, 80), grain),
        "occlusion": Corruption("Occlusion", "% of the face", (10, 25, 50, 75), occlusion),
        "darkness": Corruption("Darkness", "% of the light missing", (50, 75, 90, 97), darkness),
        "jpeg": Corruption("JPEG", "quality", (50, 20, 10, 5), jpeg),
    },
    "audio": {
        "noise": Corruption("Noise", "dB SNR", (30, 20, 10, 0), noise),
        "reverberation": Corruption("Reverberation", "s until -60 dB", (0.2, 0.5, 1.0, 2.0), reverberation),
        "clipping": Corruption("Clipping", "% of samples", (5, 20, 40, 70), clipping),
        "band_limit": Corruption("Band limit", "Hz", (6000, 3400, 2000, 1000), band_limit),
    },
}
"""``CORRUPTIONS[modality][name]``."""
