"""The Live tab in a browser whose camera and microphone are files: a shipped portrait that speaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
import soundfile

from tests.timeline.films import portrait, voice
from tests.ui.conftest import CHROMIUM_FLAGS, WAIT, Visit

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def speaking(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Chromium with these two files in place of its devices."""
    folder: Path = tmp_path_factory.mktemp("devices")
    soundfile.write(folder / "voice.wav", voice(8.0), 16_000)
    with av.open(str(folder / "face.mjpeg"), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuvj420p"
        for _ in range(20):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(portrait(), "rgb24")))
        out.mux(stream.encode(None))
    devices = [
        f"--use-file-for-fake-video-capture={folder / 'face.mjpeg'}",
        f"--use-file-for-fake-audio-capture={folder / 'voice.wav'}",
    ]
    path = chromium.browser_type.executable_path
    found = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", path) if Path(p).exists()), path)
    browser = chromium.browser_type.launch(
        executable_path=found, headless=True, args=[*CHROMIUM_FLAGS, *devices], timeout=WAIT
    )
    yield browser
    browser.close()


def test_consent_comes_first_then_face_and_voice_are_answered_until_stopped(speaking: Any, app_url: str) -> None:
    visit = Visit(speaking, app_url)
    page: Any = visit.page
    visit.open("Live", "#live-consent")
    assert "EU AI Act" in page.locator("#live-consent").inner_text()
    assert page.locator("#live-camera").count() == 0
    page.click("#live-start")
    page.locator("#live-camera").get_by_role("button").first.click()
    page.wait_for_selector("#live-camera video")
    page.locator("#live-camera").get_by_role("button").first.click()
    page.locator("#live-microphone").get_by_role("button", name="Record").first.click()
    page.wait_for_selector("#live-answer .sentence")
    page.wait_for_selector("#live-chart-plot .js-plotly-plot .main-svg")
    page.click("#live-freeze")
    page.wait_for_selector("#shapley-foot .reading")
    assert page.locator("#ask-image img").count() == 1
    page.get_by_role("tab", name="Live").click()
    page.click("#live-stop")
    page.wait_for_selector("#live-camera", state="hidden")
    assert visit.errors == []
    visit.context.close()
