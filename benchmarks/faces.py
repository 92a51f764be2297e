"""Face detectors: how often they find a face, how often one that is not there, and how tightly they crop.

    python benchmarks/faces.py --data ../shared/data

Faces: muxspace rows as they are, enlarged and pasted into pictures of 640 x 480, and FER2013 rows as they are. No
faces: 12 kinds of drawn pictures and parts of photographs. A face in a large picture counts as found if the box
overlaps the pasted one (intersection over union of 0.3 or more). Times are processor milliseconds with one thread.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from things import HEIGHT, KINDS, WIDTH, drawn, photograph_parts  # noqa: E402

from mm_core.samples import Box  # noqa: E402
from mm_core.samples.faces import find_face  # noqa: E402
from mm_core.samples.image import read_picture  # noqa: E402

Detector = Callable[[np.ndarray], Box | None]
RESULTS = ROOT / "benchmarks" / "results"
SEED = 20
SINGLE_PASS_SIDE = 320
"""Pixels of the longest side that the detectors for comparison search, in one pass."""


def cascade_detector(name: str) -> Detector:
    """One of OpenCV's cascades, one pass over the picture reduced to 320 px."""
    cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_{name}.xml")

    def detect(pixels: np.ndarray) -> Box | None:
        grey, scale = reduced(pixels)
        return largest([tuple(box) for box in cascade.detectMultiScale(grey, 1.1, 3)], scale)

    return detect


def lbp_detector() -> Detector:
    """scikit-image's cascade of local binary patterns, one pass over the picture reduced to 320 px."""
    from skimage.data import lbp_frontal_face_cascade_filename
    from skimage.feature import Cascade

    cascade = Cascade(lbp_frontal_face_cascade_filename())

    def detect(pixels: np.ndarray) -> Box | None:
        grey, scale = reduced(pixels)
        side = min(grey.shape)
        found = cascade.detect_multi_scale(
            grey, scale_factor=1.1, step_ratio=1, min_size=(24, 24), max_size=(side, side)
        )
        return largest([(box["c"], box["r"], box["width"], box["height"]) for box in found], scale)

    return detect


def reduced(pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """Grey, longest side at most 320 px, and the factor."""
    scale = min(1.0, SINGLE_PASS_SIDE / max(pixels.shape[:2]))
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), scale


def largest(found: list[tuple[int, ...]], scale: float) -> Box | None:
    """The widest box, in pixels of the whole picture."""
    if not found:
        return None
    left, top, width, height = (value / scale for value in max(found, key=lambda box: box[2]))
    return Box(round(left), round(top), round(left + width), round(top + height))


def overlap(one: Box | None, other: Box) -> float:
    """Intersection over union of two boxes; 0 where there is none."""
    if one is None:
        return 0.0
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    common = max(0, width) * max(0, height)
    areas = sum((box.right - box.left) * (box.bottom - box.top) for box in (one, other))
    return common / (areas - common)


def pasted(
    faces: list[np.ndarray], sides: tuple[int, int], random: np.random.Generator
) -> list[tuple[np.ndarray, Box]]:
    """Put each face, enlarged to a random side, somewhere into a picture of 640 x 480 without a face."""
    cases = []
    for number, face in enumerate(faces):
        ground = drawn(("colour clouds", "landscape", "mosaic", "windows")[number % 4], number)
        side = int(random.integers(*sides))
        left, top = int(random.integers(0, WIDTH - side)), int(random.integers(0, HEIGHT - side))
        ground[top : top + side, left : left + side] = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
        cases.append((ground, Box(left, top, left + side, top + side)))
    return cases


def rows(data: Path, source: str, count: int) -> list[np.ndarray]:
    """Random rows of one source of faces.parquet as RGB pictures."""
    table = pd.read_parquet(data / "faces.parquet", columns=["image", "source"])
    return [read_picture(content) for content in table.image[table.source == source].sample(count, random_state=SEED)]


def measured(detect: Detector, cases: dict[str, list]) -> dict[str, float]:
    """Shares found, shares found falsely, and milliseconds of one detector."""
    figures = {
        f"{source} found": share(detect(face) is not None for face in cases[source])
        for source in ("muxspace", "fer2013")
    }
    started = time.thread_time()
    large = [overlap(detect(picture), box) for picture, box in cases["large"]]
    figures["ms with a face"] = 1000 * (time.thread_time() - started) / len(large)
    figures["large faces found"] = share(value >= 0.3 for value in large)
    figures["median overlap"] = float(np.median([value for value in large if value >= 0.3]))
    figures["small faces found"] = share(overlap(detect(picture), box) >= 0.3 for picture, box in cases["small"])
    figures["drawn, false"] = share(detect(picture) is not None for picture in cases["drawn"])
    started = time.thread_time()
    figures["photographs, false"] = share(detect(picture) is not None for picture in cases["photographs"])
    figures["ms without a face"] = 1000 * (time.thread_time() - started) / len(cases["photographs"])
    return {name: round(value, 4) for name, value in figures.items()}


def share(hits) -> float:
    """Share of true values."""
    return float(np.mean(list(hits)))


def margins(faces: list[np.ndarray]) -> dict[str, list[float]]:
    """Where the chosen cascade's box lies in tight pictures: quartiles of the room around it, in box widths."""
    cascade = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_alt2.xml")
    side, border = 128, 32
    around = []
    for face in faces:
        grey = cv2.resize(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), (side, side), interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(grey, *[border] * 4, cv2.BORDER_REPLICATE)
        found = cascade.detectMultiScale(framed, 1.05, 3, minSize=(side * 2 // 5, side * 2 // 5))
        if len(found):
            left, top, width, height = max(found, key=lambda box: box[2])
            left, top = left - border, top - border
            around.append(np.array([left, top, side - left - width, side - top - height]) / width)
    quartiles = np.percentile(around, [25, 50, 75], axis=0).round(3)
    return dict(zip(("left", "top", "right", "bottom"), quartiles.T.tolist(), strict=True))


def table_of(results: dict[str, dict[str, float]]) -> str:
    """A Markdown table, one row a detector."""
    columns = list(next(iter(results.values())))
    lines = ["| detector | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    for name, figures in results.items():
        cells = (f"{v:.1f}" if c.startswith("ms") else f"{v:.3f}" for c, v in figures.items())
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with faces.parquet")
    parser.add_argument("--faces", type=int, default=400, help="rows of each source")
    parser.add_argument("--drawn", type=int, default=20, help="drawn pictures of each kind")
    parser.add_argument("--parts", type=int, default=120, help="parts of photographs")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    random = np.random.default_rng(SEED)
    muxspace, fer2013 = (rows(given.data, source, given.faces) for source in ("muxspace", "fer2013"))
    cases: dict[str, list] = {
        "muxspace": muxspace,
        "fer2013": fer2013,
        "large": pasted(muxspace[: given.faces // 2], (110, 300), random),
        "small": pasted(muxspace[given.faces // 2 :], (64, 110), random),
        "drawn": [drawn(kind, seed) for kind in KINDS for seed in range(given.drawn)],
        "photographs": photograph_parts(given.parts, SEED),
    }
    detectors: dict[str, Detector] = {
        "alt2, three passes (used)": find_face,
        "alt2, one pass": cascade_detector("alt2"),
        "alt, one pass": cascade_detector("alt"),
        "default, one pass": cascade_detector("default"),
        "scikit-image LBP, one pass": lbp_detector(),
    }
    results = {}
    for name, detect in detectors.items():
        results[name] = measured(detect, cases)
        print(name, results[name], flush=True)
    room = {"muxspace": margins(muxspace), "fer2013": margins(fer2013)}
    counts = {name: len(content) for name, content in cases.items()}
    record = {
        "counts": counts,
        "seed": SEED,
        "opencv": cv2.__version__,
        "detectors": results,
        "room around the box": room,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "faces.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    text = f"# Face detectors\n\n{' '.join((__doc__ or '').split())}\n\nPictures: {counts}\n\n{table_of(results)}\n\n"
    text += "Room around the box of the used cascade in tight pictures (quartiles, in widths of the box):\n\n"
    text += "\n".join(f"- {source}: {sides}" for source, sides in room.items()) + "\n"
    (RESULTS / "faces.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
