"""Finding faces: how often one is refused, how often a thing is taken for one.

    OMP_NUM_THREADS=1 python benchmarks/faces.py --data ../shared/data

Clear faces: FER2013 rows to which at least 8 of 10 FER+ votes gave one label, by label, where there are 50 of them
or more. Also muxspace rows as they are, pasted into pictures of 640 x 480, and middle frames of the aligned films.
No faces: things.py, drawn and photographed. A face in a larger picture counts as found if its box overlaps the pasted
one (intersection over union of 0.3 or more). Times are processor milliseconds with one thread. Before: OpenCV's
cascade frontalface_alt2 in three passes, which was used until BlazeFace.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from things import HEIGHT, KINDS, WIDTH, drawn, photograph_parts  # noqa: E402

from mm_core.samples import Box  # noqa: E402
from mm_core.samples.faces import find_faces  # noqa: E402
from mm_core.samples.image import read_picture  # noqa: E402

Detector = Callable[[np.ndarray], Box | None]
RESULTS = ROOT / "benchmarks" / "results"
SEED = 20

VOTED = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
CLEAR_VOTES, FEWEST_CLEAR = 8, 50

CASCADE_PASSES = ((112, 3, 0.15, 0.35), (160, 3, 0.0, 0.0), (256, 4, 0.0, 0.0))
"""Longest side in pixels, votes, border and smallest face as shares of the shorter side."""


def blazeface(pixels: np.ndarray) -> Box | None:
    """The largest face that the app finds."""
    faces = find_faces(pixels)
    return faces[0].box if faces else None


def cascade(pixels: np.ndarray) -> Box | None:
    """The detector used before."""
    classifier = cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_frontalface_alt2.xml")
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    for longest, votes, share, least in CASCADE_PASSES:
        scale = longest / max(grey.shape)
        size = tuple(max(1, round(side * scale)) for side in grey.shape[::-1])
        reduced = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        border = round(share * min(size))
        framed = cv2.copyMakeBorder(reduced, *[border] * 4, cv2.BORDER_REPLICATE)
        smallest = max(20, round(least * min(size)))
        found = classifier.detectMultiScale(framed, 1.1, votes, minSize=(smallest, smallest))
        if len(found):
            left, top, side, _ = max(found, key=lambda box: box[2])
            places = [(value - border) / scale for value in (left, top, left + side, top + side)]
            return Box(*(round(place) for place in places))
    return None


def overlap(one: Box | None, other: Box) -> float:
    """Intersection over union of two boxes; 0 where there is none."""
    if one is None:
        return 0.0
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    common = max(0, width) * max(0, height)
    areas = sum((box.right - box.left) * (box.bottom - box.top) for box in (one, other))
    return common / (areas - common)


def pasted(faces: Sequence[np.ndarray], sides: tuple[int, int]) -> list[tuple[np.ndarray, Box]]:
    """Put each face, enlarged to a random side, somewhere into a picture of 640 x 480 without a face."""
    random = np.random.default_rng(SEED)
    cases = []
    for number, face in enumerate(faces):
        ground = drawn(("colour clouds", "landscape", "mosaic", "windows")[number % 4], number)
        side = int(random.integers(*sides))
        left, top = int(random.integers(0, WIDTH - side)), int(random.integers(0, HEIGHT - side))
        ground[top : top + side, left : left + side] = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
        cases.append((ground, Box(left, top, left + side, top + side)))
    return cases


def clear_faces(data: Path, count: int) -> dict[str, list[np.ndarray]]:
    """At most ``count`` random clear faces of each label that has enough of them."""
    votes = pd.read_parquet(data / "faces_votes.parquet")
    images = pd.read_parquet(data / "faces.parquet", columns=["image"]).image
    chosen = {}
    for label in VOTED:
        rows = votes.faces_row[votes[label] >= CLEAR_VOTES]
        if len(rows) >= FEWEST_CLEAR:
            some = rows.sample(min(count, len(rows)), random_state=SEED)
            chosen[label] = [read_picture(images[row]) for row in some]
    return chosen


def muxspace(data: Path, count: int) -> list[np.ndarray]:
    """Random rows of muxspace."""
    table = pd.read_parquet(data / "faces.parquet", columns=["image", "source"])
    return [read_picture(b) for b in table.image[table.source == "muxspace"].sample(count, random_state=SEED)]


def film_frames(data: Path, count: int) -> list[np.ndarray]:
    """The middle frame of some of the aligned films."""
    frames = []
    for path in sorted((data / "aligned").glob("*/clips/*"))[:: max(1, 168 // count)]:
        film = cv2.VideoCapture(str(path))
        film.set(cv2.CAP_PROP_POS_FRAMES, film.get(cv2.CAP_PROP_FRAME_COUNT) // 2)
        good, frame = film.read()
        if good:
            frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    return frames


def share(hits: Iterable[bool]) -> float:
    """Share of true values, and not a number of none."""
    return round(float(np.mean(list(hits))), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with faces.parquet and faces_votes.parquet")
    parser.add_argument("--faces", type=int, default=150, help="faces of each label and source")
    parser.add_argument("--things", type=int, default=120, help="parts of photographs, and half as many drawings")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    clear = clear_faces(given.data, given.faces)
    tight = muxspace(given.data, given.faces)
    frames = film_frames(given.data, max(1, given.faces // 3))
    placed = {"large": pasted(tight, (110, 300)), "small": pasted(tight, (64, 110))}
    photographs = photograph_parts(given.things, SEED)
    drawings = [drawn(kind, seed) for kind in KINDS for seed in range(max(1, given.things // 2 // len(KINDS)))]
    results: dict[str, dict[str, float]] = {}
    for name, detect in {"BlazeFace (used)": blazeface, "cascade (before)": cascade}.items():
        figures = {f"refused: {label}": share(detect(face) is None for face in clear[label]) for label in clear}
        figures["refused: muxspace"] = share(detect(face) is None for face in tight)
        if frames:
            figures["refused: film frames"] = share(detect(frame) is None for frame in frames)
        for size, cases in placed.items():
            figures[f"missed: {size} in a picture"] = share(overlap(detect(p), box) < 0.3 for p, box in cases)
        started = time.thread_time()
        figures["false: photographs"] = share(detect(picture) is not None for picture in photographs)
        figures["ms a photograph"] = round(1000 * (time.thread_time() - started) / len(photographs), 1)
        figures["false: drawings"] = share(detect(picture) is not None for picture in drawings)
        results[name] = figures
        print(name, figures, flush=True)
    counts = {**{label: len(rows) for label, rows in clear.items()}, "muxspace": len(tight), "frames": len(frames)}
    counts |= {"photographs": len(photographs), "drawings": len(drawings)}
    record = {"opencv": cv2.__version__, "counts": counts, "results": results}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "faces.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    lines = [f"| measure | {' | '.join(results)} |", "| --- |" + " ---: |" * len(results)]
    for measure in next(iter(results.values())):
        lines.append(f"| {measure} | {' | '.join(f'{figures[measure]:g}' for figures in results.values())} |")
    text = f"# Finding faces\n\n{' '.join((__doc__ or '').split())}\n\nPictures: {counts}\n\n" + "\n".join(lines)
    (RESULTS / "faces.md").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
