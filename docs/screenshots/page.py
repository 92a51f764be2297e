"""Pictures of the Gradio page: ``python docs/screenshots/page.py``.

A real Chromium goes through a page that this script starts with the weights that ship (or ``--model``), and leaves
one picture of each part beside this file. Run it anew when the weights or the page have changed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent
ROOT: Final = FOLDER.parents[1]
sys.path.insert(0, str(ROOT))

from tests.screenshots import webp  # noqa: E402
from tests.ui.conftest import Visit, running_app, running_chromium  # noqa: E402

DESKTOP: Final = {"viewport": {"width": 1280, "height": 900}}
PHONE: Final = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2}
DARK: Final = {**DESKTOP, "color_scheme": "dark"}

TALLEST: Final = 2000
"""Pixels of a picture; what is below on a page is not shown."""

PATIENCE: Final = 900_000
"""Milliseconds to wait for an answer; this may run beside other work."""

SENTENCES: Final = """text
We did it! I am so happy and proud of all of you.
I waited all evening and nobody came. I miss them so much.
How could you do that? I am sick of your lies!
""
The train to the city leaves at half past nine.
"""


def main() -> int:
    """Take the chosen pictures and say how large each is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PICTURES, default=list(PICTURES))
    parser.add_argument("--model", help="the folder of other weights")
    parser.add_argument("--url", help="of a page that runs already (default: one is started)")
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    chosen = ("--model", arguments.model) if arguments.model else ()
    with nullcontext(arguments.url) if arguments.url else running_app(*chosen) as url, running_chromium() as browser:
        for name in arguments.only:
            path = arguments.out / f"{name}.webp"
            path.write_bytes(webp(_picture(browser, url, name)))
            print(f"{path.name}: {path.stat().st_size / 1024:.0f} KB", flush=True)
    return 0


def _picture(browser: Any, url: str, name: str) -> bytes:
    """The page from its top, after what ``PICTURES`` does on it."""
    options, prepare = PICTURES[name]
    visit = Visit(browser, url, **options)
    visit.page.set_default_timeout(PATIENCE)
    prepare(visit)
    visit.page.mouse.move(0, 0)
    visit.page.evaluate("document.activeElement?.blur()")
    high = int(visit.page.evaluate("document.documentElement.scrollHeight"))
    visit.page.set_viewport_size({"width": options["viewport"]["width"], "height": min(high, TALLEST)})
    visit.page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
    visit.settled()
    shot: bytes = visit.page.screenshot()
    for words in visit.errors + visit.outside:
        print(f"{name}: the browser complains: {words}", file=sys.stderr)
    visit.context.close()
    return shot


def answered(visit: Visit) -> None:
    """Ask the first example and wait for its explanation; what is for experts stays closed, as a visitor finds it."""
    visit.page.click("#example-0")
    visit.explained()
    for part in ("#shapley-plot", "#map-image-plot", "#map-audio-plot"):
        visit.page.wait_for_selector(f"{part} .js-plotly-plot")


def _compared(visit: Visit) -> None:
    visit.open("Compare", "#compare-example")
    visit.page.click("#compare-example")
    for side in "ab":
        visit.page.wait_for_selector(f"#compare-{side}-plot .js-plotly-plot")


def _batch(visit: Visit) -> None:
    visit.open("Batch", "#batch-start")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sentences.csv"
        path.write_text(SENTENCES, encoding="utf-8")
        visit.give("#batch-file", path)
        visit.page.wait_for_selector("#batch-file .file-preview")
    visit.page.click("#batch-start")
    visit.page.wait_for_selector("#batch-results table")


def _about(visit: Visit) -> None:
    visit.open("About", ".about .card")


PICTURES: Final[dict[str, tuple[dict[str, Any], Callable[[Visit], None]]]] = {
    "page": (DESKTOP, answered),
    "page-dark": (DARK, answered),
    "phone": (PHONE, answered),
    "compare": (DESKTOP, _compared),
    "batch": (DESKTOP, _batch),
    "about": (DESKTOP, _about),
}
"""A picture's name, the window, and what is done in it before the picture is taken."""


if __name__ == "__main__":
    raise SystemExit(main())
