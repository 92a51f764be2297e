"""The Film tab in a browser: a film becomes a timeline, and a moment of it a case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mm_core.timeline import Timeline
from tests.timeline.films import film, portrait, voice
from tests.ui.conftest import Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds: a portrait and a voice."""
    path = tmp_path_factory.mktemp("film") / "clip.mp4"
    path.write_bytes(film(4.0, [portrait()], [voice(4.0)]))
    return path


def watched(visit: Visit, clip: Path) -> None:
    visit.open("Film", "#film-video")
    visit.give("#film-video", clip)
    visit.page.wait_for_selector("#film-video video")
    subtitles = clip.with_suffix(".srt")
    subtitles.write_text("1\n00:00:00,500 --> 00:00:01,500\nI am so happy\n")
    visit.give("#film-subtitles", subtitles)
    visit.page.get_by_text(subtitles.stem).first.wait_for()
    visit.page.click("#film-start")
    visit.page.wait_for_selector("#film-sentence .sentence")
    visit.page.wait_for_selector("#film-timeline-plot .js-plotly-plot .main-svg")


def test_a_film_becomes_a_timeline_and_a_moment_a_case(visit: Visit, clip: Path, tmp_path: Path) -> None:
    watched(visit, clip)
    assert visit.page.locator("#film-sentence .sentence").inner_text().startswith("Over 5 windows")
    visit.page.evaluate("document.querySelector('#film-video video').currentTime = 2.2")
    visit.page.wait_for_function("Number(document.querySelector('#film-moment input').value) > 2")
    visit.page.wait_for_selector(".film-cursor", state="attached")
    with visit.page.expect_download() as saved:
        visit.page.click("#film-save-triad")
    record = Timeline.load(saved.value.path())
    assert len(record.windows) == 5
    assert record.words == "subtitles"
    visit.page.click("#film-open")
    visit.page.wait_for_selector("#shapley-foot .reading")
    assert visit.page.locator("#ask-image img").count() == 1
    assert visit.page.locator("#answer .sentence").first.inner_text()


def test_without_a_film_it_says_so_and_a_phone_shows_all_of_it(visits: Any, app_url: str, clip: Path) -> None:
    visit = visits(app_url, viewport={"width": 390, "height": 844}, color_scheme="dark")
    visit.open("Film", "#film-video")
    visit.page.click("#film-start")
    visit.page.get_by_text("No film was given").wait_for()
    watched(visit, clip)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
