"""Pictures of every page of the dashboard, light and dark: ``python docs/screenshots/dashboard.py``.

A real Chromium opens each page of a dashboard that this script starts; ``MM_CORE_URL``, ``MM_CORE_MODEL`` and
``MM_CORE_REPORTS`` say what stands behind it, as for any dashboard. Run it anew when weights or reports have changed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.dashboard.browsing import browser_page, running_dashboard, settled  # noqa: E402
from tests.screenshots import webp  # noqa: E402

FOLDER: Final = Path(__file__).resolve().parent / "dashboard"
WIDTH: Final = 1280
"""Pixels of the window."""

TALLEST: Final = 2000
"""Pixels of a picture; what is below on a page is not shown."""

PATIENCE: Final = 900_000
"""Milliseconds to wait for a page; this may run beside other work."""

TRIES: Final = 5

MOST_BYTES: Final = 120 * 1024
PAGES: Final = {
    "overview": "",
    "case": "case",
    "attention": "attention",
    "what-if": "what_if?change=remove",
    "contributions": "contributions",
    "evaluation": "evaluation",
    "confusion": "evaluation?view=confusion",
    "calibration": "evaluation?view=calibration",
    "robustness": "robustness",
    "lab": "lab",
    "lab-stress": "lab?lab=stress",
    "lab-pairs": "lab?lab=pairs",
    "lab-small": "lab?lab=small",
    "review": "review",
}
"""A picture's name and the address of what it shows."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PAGES, default=list(PAGES))
    parser.add_argument("--schemes", nargs="+", choices=("light", "dark"), default=["light", "dark"])
    parser.add_argument("--width", type=int, default=WIDTH, help="of the window, pixels")
    parser.add_argument("--tallest", type=int, default=TALLEST, help="of a picture, pixels")
    parser.add_argument("--url", help="of a dashboard that runs already (default: one is started)")
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.url:
        _all(arguments.url.rstrip("/"), arguments)
    else:
        with running_dashboard() as (url, _):
            _all(url, arguments)
    return 0


def _all(url: str, arguments: argparse.Namespace) -> None:
    for scheme in arguments.schemes:
        with browser_page(arguments.width, 1000, scheme) as page:
            page.set_default_timeout(PATIENCE)
            for name in arguments.only:
                page.set_viewport_size({"width": arguments.width, "height": 1000})
                page.goto(f"{url}/{PAGES[name]}")
                page.get_by_role("heading", level=1).wait_for()
                settled(page)
                _until_answered(page)
                if name in PREPARED:
                    PREPARED[name](page)
                path = arguments.out / f"{name}-{scheme}.webp"
                path.write_bytes(_picture(page, arguments.width, arguments.tallest))
                print(f"{path.name}: {path.stat().st_size / 1024:.0f} KB")
            for words in page.complaints:
                print(f"the browser complains: {words}", file=sys.stderr)


def _until_answered(page: Any) -> None:
    """On a busy machine the first answer may come too late."""
    for _ in range(TRIES):
        again = page.get_by_role("button", name="Try again")
        if not again.count():
            return
        again.first.click()
        settled(page)


def _filled_review(page: Any) -> None:
    """A case in the review, with a comment and some ticks."""
    page.get_by_role("link", name="Case", exact=True).click()
    page.get_by_role("heading", level=1, name="Case").wait_for()
    settled(page)
    _until_answered(page)
    add = page.get_by_role("button", name="Add to the review")
    if not add.count():  # there is no model
        return
    add.click()
    settled(page)
    page.get_by_role("link", name="Review", exact=True).click()
    page.get_by_text("0 of 1 cases checked in full").wait_for()
    settled(page)
    for words in ("The answer fits what was given", "The right inputs decided"):
        page.get_by_text(words).first.click()
        settled(page)
    comment = page.get_by_label("Comment").first
    comment.fill("Face and voice agree; the words alone would not have said it.")
    comment.press("Control+Enter")
    settled(page)


PREPARED: Final[dict[str, Callable[[Any], None]]] = {"review": _filled_review}
"""What is done on a page before its picture is taken."""


def _picture(page: Any, width: int, tallest: int) -> bytes:
    """The page from its top as WebP."""
    # Streamlit scrolls inside the window, so the window is made as high as the page.
    high = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(int(high), tallest)})
    page.mouse.move(0, 0)
    settled(page)
    return webp(page.screenshot(), MOST_BYTES)


if __name__ == "__main__":
    raise SystemExit(main())
