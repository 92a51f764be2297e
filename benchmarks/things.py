"""Pictures without a face: twelve kinds that are drawn, and parts of photographs that come with libraries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

HEIGHT, WIDTH = 480, 640

PHOTOGRAPHS = [
    "brick",
    "cell",
    "chelsea",
    "chessboard_GRAY",
    "clock_motion",
    "coffee",
    "grass",
    "gravel",
    "horse",
    "hubble_deep_field",
    "ihc",
    "microaneurysms",
    "moon",
    "motorcycle_left",
    "page",
    "phantom",
    "retina",
    "rocket",
    "text",
]
"""Files of scikit-image's wheel that show no face; its coins do (ancient heads), and its camera shows a man."""


def drawn(kind: str, seed: int) -> np.ndarray:
    """Draw one picture of a kind of ``KINDS``, (480, 640, 3) uint8 RGB."""
    return KINDS[kind](np.random.default_rng([seed, list(KINDS).index(kind)]))


def photograph_parts(count: int, seed: int) -> list[np.ndarray]:
    """Return random parts of photographs without a face, half of them mirrored, (h, w, 3) uint8 RGB."""
    random = np.random.default_rng(seed)
    photographs = _photographs()
    parts = []
    for number in range(count):
        whole = photographs[number % len(photographs)]
        height, width = (max(24, int(side * random.uniform(0.3, 1))) for side in whole.shape[:2])
        top, left = (
            int(random.integers(0, side - part + 1)) for side, part in zip(whole.shape, (height, width), strict=False)
        )
        part = whole[top : top + height, left : left + width]
        parts.append(np.ascontiguousarray(part[:, ::-1] if random.random() < 0.5 else part))
    return parts


def _photographs() -> list[np.ndarray]:
    import skimage.data
    from sklearn.datasets import load_sample_images

    folder = Path(skimage.data.__file__).parent
    files = [file for name in PHOTOGRAPHS for file in folder.glob(f"{name}.*") if file.suffix in (".png", ".jpg")]
    return [np.asarray(Image.open(file).convert("RGB")) for file in sorted(files)] + list(load_sample_images().images)


def smooth_noise(random: np.random.Generator, slope: float) -> np.ndarray:
    """Noise whose amplitude falls with frequency, (480, 640) in 0..1."""
    frequency = np.hypot(np.fft.fftfreq(HEIGHT)[:, None], np.fft.fftfreq(WIDTH)[None])
    frequency[0, 0] = 1
    values = np.fft.ifft2(np.fft.fft2(random.standard_normal((HEIGHT, WIDTH))) / frequency**slope).real
    return (values - values.min()) / np.ptp(values)


def _colour(random: np.random.Generator) -> tuple[int, ...]:
    return tuple(random.integers(0, 256, 3).tolist())


def _plain(random: np.random.Generator) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), _colour(random), np.uint8)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray((255 * values).clip(0, 255).astype(np.uint8))


def _grid() -> tuple[np.ndarray, np.ndarray]:
    row, column = np.mgrid[0:HEIGHT, 0:WIDTH]
    return row / HEIGHT, column / WIDTH


def _gradient(random: np.random.Generator) -> np.ndarray:
    row, column = _grid()
    planes = np.stack([a * row + b * column for a, b in random.uniform(-1, 1, (3, 2))], axis=-1)
    return _bytes((planes - planes.min()) / np.ptp(planes))


def _white_noise(random: np.random.Generator) -> np.ndarray:
    return random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def _colour_clouds(random: np.random.Generator) -> np.ndarray:
    slope = random.uniform(0.8, 2.2)
    return _bytes(np.stack([smooth_noise(random, slope) for _ in range(3)], axis=-1))


def _grey_clouds(random: np.random.Generator) -> np.ndarray:
    return _bytes(np.repeat(smooth_noise(random, random.uniform(0.8, 2.2))[..., None], 3, axis=2))


def _stripes(random: np.random.Generator) -> np.ndarray:
    row, column = _grid()
    down, across = random.uniform(-40, 40, 2)
    share = 0.5 + 0.5 * np.sin(2 * np.pi * (down * row + across * column))[..., None]
    return (share * _colour(random) + (1 - share) * _colour(random)).astype(np.uint8)


def _discs(random: np.random.Generator) -> np.ndarray:
    picture = _plain(random)
    for _ in range(random.integers(5, 60)):
        filled = -1 if random.random() < 0.7 else 4
        cv2.circle(picture, _place(random), int(random.integers(5, 120)), _colour(random), filled)
    return _blurred(picture, random)


def _ellipses(random: np.random.Generator) -> np.ndarray:
    picture = _plain(random)
    for _ in range(random.integers(5, 60)):
        long = int(random.integers(5, 120))
        axes = (long, int(long * random.uniform(0.3, 1)))
        cv2.ellipse(picture, _place(random), axes, random.uniform(0, 180), 0, 360, _colour(random), -1)
    return _blurred(picture, random)


def _polygons(random: np.random.Generator) -> np.ndarray:
    picture = _plain(random)
    for _ in range(random.integers(5, 60)):
        corners = np.array(_place(random)) + random.integers(-90, 90, (int(random.integers(3, 7)), 2))
        cv2.fillPoly(picture, [corners.astype(np.int32)], _colour(random))
    return _blurred(picture, random)


def _windows(random: np.random.Generator) -> np.ndarray:
    picture = _plain(random)
    across, down = random.integers(2, 14, 2)
    glass = _colour(random)
    for i in range(across):
        for j in range(down):
            left, right = (int((i + part) * WIDTH / across) for part in (0.2, 0.8))
            top, bottom = (int((j + part) * HEIGHT / down) for part in (0.2, 0.8))
            cv2.rectangle(
                picture, (left, top), (right, bottom), glass if random.random() < 0.8 else _colour(random), -1
            )
            if random.random() < 0.5:
                cv2.line(picture, ((left + right) // 2, top), ((left + right) // 2, bottom), (20, 20, 20), 2)
    return picture


def _landscape(random: np.random.Generator) -> np.ndarray:
    row, _ = _grid()
    picture = np.ascontiguousarray(
        (row[..., None] * _colour(random) + (1 - row[..., None]) * (120, 170, 230)), np.uint8
    )
    cv2.circle(picture, (int(random.integers(WIDTH)), int(random.integers(HEIGHT // 2))), 40, (255, 240, 150), -1)
    for hill in range(4):
        ridge = HEIGHT * (0.35 + 0.15 * hill) + np.cumsum(random.normal(0, 3, WIDTH))
        outline = np.vstack([np.stack([np.arange(WIDTH), ridge], axis=1), [[WIDTH, HEIGHT], [0, HEIGHT]]])
        colour = tuple(int(v * (1 - 0.15 * hill)) for v in random.integers((30, 80, 30), (120, 180, 120)))
        cv2.fillPoly(picture, [outline.astype(np.int32)], colour)
    for _ in range(random.integers(0, 25)):
        x, y, size = (
            int(random.integers(WIDTH)),
            int(random.integers(HEIGHT // 2, HEIGHT)),
            int(random.integers(5, 30)),
        )
        cv2.rectangle(picture, (x - size // 6, y), (x + size // 6, y + size), (80, 50, 30), -1)
        cv2.circle(picture, (x, y), size, (30, int(random.integers(70, 150)), 40), -1)
    return _bytes(picture / 255 + 0.25 * (smooth_noise(random, 1.2)[..., None] - 0.5))


def _written_page(random: np.random.Generator) -> np.ndarray:
    picture = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    letters = list("abcdefghijklmnopqrstuvwxyz    ")
    for line in range(20):
        text = "".join(random.choice(letters, 50))
        cv2.putText(
            picture, text, (5, 20 + 24 * line), int(random.integers(0, 8)), random.uniform(0.4, 0.9), (0, 0, 0), 1
        )
    return picture


def _mosaic(random: np.random.Generator) -> np.ndarray:
    row, column = _grid()
    points = random.uniform(0, 1, (int(random.integers(10, 80)), 2))
    nearest = ((column[..., None] - points[:, 0]) ** 2 + (row[..., None] - points[:, 1]) ** 2).argmin(axis=-1)
    return random.integers(0, 256, (len(points), 3), np.uint8)[nearest]


def _place(random: np.random.Generator) -> tuple[int, int]:
    return int(random.integers(WIDTH)), int(random.integers(HEIGHT))


def _blurred(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), random.uniform(0.1, 6)) if random.random() < 0.5 else picture


KINDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "gradient": _gradient,
    "white noise": _white_noise,
    "colour clouds": _colour_clouds,
    "grey clouds": _grey_clouds,
    "stripes": _stripes,
    "discs": _discs,
    "ellipses": _ellipses,
    "polygons": _polygons,
    "windows": _windows,
    "landscape": _landscape,
    "written page": _written_page,
    "mosaic": _mosaic,
}
