"""The normal voice on the page: shown where the model compares with one, and said beside the answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file

from mm_core import resources
from mm_core.storage import save
from tests.tiny_hub import toy_model_with_reference
from tests.ui.conftest import Visit, running_app

VOICE, NORMAL = (resources.EXAMPLES / f"voice-{name}.flac" for name in ("joyful", "neutral"))

WIDER = "() => document.documentElement.scrollWidth > window.innerWidth"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The running app with a toy model that reads references."""
    folder = tmp_path_factory.mktemp("reference")
    save(toy_model_with_reference(folder), folder / "model")
    with running_app("--model", str(folder / "model")) as started:
        yield started


def give_normal_voice(visit: Visit, file: Path) -> None:
    visit.page.locator("#ask-reference-part").get_by_role("button").first.click()
    visit.page.wait_for_selector("#ask-reference input[type=file]", state="attached")
    visit.give("#ask-reference", file)
    visit.page.locator("#ask-reference").get_by_role("button", name="Play", exact=True).wait_for()


@pytest.mark.parametrize("width", [1280, 360])
def test_a_normal_voice_is_given_and_said(chromium: Any, url: str, width: int) -> None:
    visit = Visit(chromium, url, viewport={"width": width, "height": 800})
    visit.give("#ask-audio", VOICE)
    give_normal_voice(visit, NORMAL)
    assert not visit.page.evaluate(WIDER)
    assert "Judged against your normal voice: the voice." in visit.find_out()
    visit.explained()
    assert "Judged against the speaker's normal voice" in visit.page.locator("#map-audio-foot").inner_text()
    visit.page.click("#clear")
    visit.page.locator("#ask-reference").get_by_role("button", name="Play", exact=True).wait_for(state="detached")
    assert (visit.errors, visit.outside) == ([], [])
    visit.context.close()


def test_a_model_that_compares_with_none_does_not_ask_for_one(chromium: Any, app_url: str) -> None:
    visit = Visit(chromium, app_url)
    assert visit.page.locator("#ask-reference-part").count() == 0
    visit.context.close()


def test_programs_give_it_by_name(url: str) -> None:
    client = Client(url, verbose=False)
    given = {"text": None, "image": None, "audio": handle_file(VOICE), "force": [], "noise_reduction": False}
    plain = client.predict(**given, api_name="/predict")
    referred = client.predict(**given, reference=handle_file(NORMAL), api_name="/predict")
    record, _ = client.predict(**given, label=None, reference=handle_file(NORMAL), api_name="/explain")
    client.close()
    assert plain["referenced"] == []
    assert referred["referenced"] == record["prediction"]["referenced"] == ["audio"]
    assert plain["emotion"] != referred["emotion"]
