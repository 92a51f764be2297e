"""The moving picture of the README: ``python docs/screenshots/tour.py``.

A real Chromium goes through the page with the weights that ship: an example is asked, the answer read, the
explanation scrolled through. Run it anew when the weights or the page have changed.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from PIL import Image

FOLDER: Final = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1]))

from docs.screenshots.page import PATIENCE, answered  # noqa: E402
from tests.ui.conftest import Visit, running_app, running_chromium  # noqa: E402

WINDOW: Final = {"viewport": {"width": 1040, "height": 720}}
STEP: Final = 120
"""Pixels scrolled between two frames."""

LONGEST: Final = 1700
"""Pixels scrolled through: the answer, what each input added, and the maps."""

READING_MS, MOVING_MS = 2500, 180
WIDTH: Final = 780
MOST_BYTES: Final = 1_500_000


def main() -> int:
    """Write ``tour.webp`` and say how large it is; 1 where it would be larger than a README should load."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    with running_app() as url, running_chromium() as browser:
        visit = Visit(browser, url, **WINDOW)
        visit.page.set_default_timeout(PATIENCE)
        frames = list(_frames(visit))
        visit.context.close()
    path = folder / "tour.webp"
    first, *rest = (frame for frame, _ in frames)
    durations = [milliseconds for _, milliseconds in frames]
    first.save(path, save_all=True, append_images=rest, duration=durations, loop=0, quality=60, method=6)
    size = path.stat().st_size
    print(f"{path.name}: {len(frames)} frames, {size / 1024:.0f} KB")
    return int(size > MOST_BYTES)


def _frames(visit: Visit) -> Iterator[tuple[Image.Image, int]]:
    """Pictures of the window, and how long each is shown in milliseconds."""
    yield _shot(visit), READING_MS
    answered(visit)
    visit.settled()
    answer = _scroll(visit, visit.page.locator("#answer").bounding_box()["y"])
    yield _shot(visit), READING_MS
    lowest = int(visit.page.evaluate("document.documentElement.scrollHeight - window.innerHeight"))
    for place in range(answer + STEP, min(lowest, answer + LONGEST), STEP):
        _scroll(visit, STEP)
        yield _shot(visit), READING_MS if (place - answer) % (5 * STEP) == 0 else MOVING_MS


def _scroll(visit: Visit, pixels: float) -> int:
    """Scroll down by that much; returns where the window then begins."""
    visit.page.evaluate("pixels => window.scrollBy({top: pixels, behavior: 'instant'})", pixels)
    return int(visit.page.evaluate("window.scrollY"))


def _shot(visit: Visit) -> Image.Image:
    visit.page.mouse.move(0, 0)
    content: Any = visit.page.screenshot()
    picture = Image.open(io.BytesIO(content)).convert("RGB")
    return picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    raise SystemExit(main())
