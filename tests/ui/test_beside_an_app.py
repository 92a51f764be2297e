"""The page on another app's model: asked like any page, with neither torch nor weights in its process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file

from mm_core import Evidence
from tests.dashboard.browsing import loaded_libraries
from tests.ui.conftest import started_app
from webapp import examples

FACE, VOICE = examples.FOLDER / "astronaut.jpg", examples.FOLDER / "voice-joyful.flac"


@pytest.fixture(scope="module")
def beside(app_url: str) -> Iterator[tuple[str, int]]:
    """Address and process id of a page that asks the app with the toy model."""
    with started_app(MM_CORE_URL=app_url) as started:
        yield started


def test_it_answers_and_explains_as_the_app_does(beside: tuple[str, int], app_url: str) -> None:
    given = {"text": "i am so happy today", "image": handle_file(FACE), "audio": handle_file(VOICE)}
    client = Client(beside[0], verbose=False)
    answer = client.predict(**given, force=[], noise_reduction=False, api_name="/predict")
    files = {"image": FACE.read_bytes(), "audio": VOICE.read_bytes()}
    direct = httpx.post(f"{app_url}/predict", data={"text": given["text"]}, files=files, timeout=60).json()
    assert answer["present"] == ["text", "image", "audio"]
    assert answer["emotion"]["probabilities"] == pytest.approx(direct["emotion"]["probabilities"], abs=1e-4)
    _, record = client.predict(**given, force=[], noise_reduction=False, label="", api_name="/explain")
    assert Evidence.load(record).prediction.model["hash"] == direct["model"]["hash"]
    client.close()


def test_its_health_is_that_of_the_app(beside: tuple[str, int], app_url: str) -> None:
    health = httpx.get(f"{beside[0]}/health", timeout=60).json()
    assert health["ready"]
    assert health["hash"] == httpx.get(f"{app_url}/health", timeout=60).json()["hash"]
    assert set(httpx.get(f"{beside[0]}/openapi.json", timeout=60).json()["paths"]) == {"/health"}


@pytest.mark.browser
def test_a_visitor_sees_no_difference(visits: Any, beside: tuple[str, int], tmp_path: Path) -> None:
    visit = visits(beside[0], opening="example=0")
    visit.explained()
    assert "sure" in visit.page.locator("#answer .sentence").inner_text()
    visit.page.wait_for_selector("#map-image-plot .js-plotly-plot")
    visit.choose("#method", "occlusion")
    visit.page.locator("#map-text-foot .reading").wait_for()
    false = tmp_path / "face.png"
    false.write_text("no picture")
    visit.page.locator("#ask-image").get_by_role("button", name="Remove Image").click()
    visit.give("#ask-image", false)
    visit.page.wait_for_selector("#ask-image img")
    assert "not a picture that can be read" in visit.find_out()
    visit.errors.clear()  # the browser could not show the false picture, and says so


def test_neither_torch_nor_weights_are_loaded(beside: tuple[str, int]) -> None:
    """Last, when the page has read, asked, explained and drawn."""
    assert "libtorch" not in loaded_libraries(beside[1])
