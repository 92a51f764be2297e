"""The picture that a shared link of the page shows: ``python docs/screenshots/card.py`` draws ``webapp/card.png``."""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from mm_core.figures.palette import MODALITY_COLOURS  # noqa: E402
from mm_core.locale import say  # noqa: E402
from tests.ui.conftest import running_chromium  # noqa: E402
from webapp.link_preview import CARD, CARD_SIZE  # noqa: E402

_PAGE: Final = """<!doctype html><html lang="en"><style>
  body {{ margin: 0; width: {width}px; height: {height}px; background: #f7f6f3; color: #1d2330;
    font-family: system-ui, sans-serif; display: flex; align-items: center; gap: 70px;
    box-sizing: border-box; padding: 0 90px; }}
  svg {{ flex: 0 0 330px; mix-blend-mode: multiply; }}
  circle {{ fill-opacity: .18; stroke-width: 2.2; }}
  h1 {{ font-size: 104px; margin: 0 0 18px; letter-spacing: -2px; }}
  p {{ font-size: 43px; line-height: 1.32; margin: 0; color: #4b5260; }}
</style><body><svg viewBox="0 0 120 110" width="330" height="303">
  <circle cx="60" cy="38" r="30" fill="{text}" stroke="{text}"/>
  <circle cx="40" cy="70" r="30" fill="{image}" stroke="{image}"/>
  <circle cx="80" cy="70" r="30" fill="{audio}" stroke="{audio}"/></svg>
  <div><h1>{name}</h1><p>{question}</p></div></body></html>"""


def main() -> int:
    """Draw the card with the page's own words and colours."""
    width, height = CARD_SIZE
    words = {"name": escape(say("page-name")), "question": escape(say("page-question"))}
    with running_chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_content(_PAGE.format(width=width, height=height, **words, **MODALITY_COLOURS))
        page.screenshot(path=CARD)
    print(f"{CARD.name}: {CARD.stat().st_size / 1024:.0f} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
