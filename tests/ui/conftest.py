"""The page as people start it, with a toy model, and a real Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx
import pytest

from mm_core.storage import EMBEDDED, save
from tests.conftest import ROOT
from tests.serving.page import free_port
from tests.toys import toy_model

START_SECONDS = 600
"""A busy machine loads torch slowly."""

WAIT = 180_000
"""Milliseconds; a busy machine answers and draws slowly."""

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]

STILL = """() => !document.getAnimations().some(
  each => each.playState === 'running' && each.effect.getComputedTiming().endTime < Infinity
)"""
"""Runs in the browser: nothing moves or fades in, which would be seen half done."""

AT_REST = """async field => {
  const pause = () => new Promise(done => setTimeout(done, 50));
  for (let still = 0, before; still < 10; still++, await pause()) {
    if (Math.abs(field.getBoundingClientRect().top - before) < 1) continue;
    field.scrollIntoView({block: 'center', behavior: 'instant'});
    before = field.getBoundingClientRect().top;
    still = 0;
  }
}"""
"""Runs in the browser: brings a field to the middle of the window, again whenever it moves because something above it
is drawn, until it has stood still for half a second."""

HARMLESS = ("/manifest.json", "favicon")
"""Console errors of Gradio's own that mean nothing: files that a page may have and this one has not."""


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved toy model."""
    folder = tmp_path_factory.mktemp("model") / "toy"
    save(toy_model(), folder)
    return folder


@pytest.fixture(scope="session")
def app_url(toy_folder: Path) -> Iterator[str]:
    """The running app with the toy model."""
    with running_app("--model", str(toy_folder)) as url:
        yield url


@pytest.fixture(scope="session")
def shipped_url() -> Iterator[str]:
    """The running app with the weights that ship."""
    if not (EMBEDDED / "model.safetensors").is_file():
        pytest.skip("no weights are shipped in assets/model yet")
    with running_app() as url:
        yield url


@contextmanager
def running_app(*arguments: str, **environment: str) -> Iterator[str]:
    """Start ``python app.py`` in a folder of its own, as a person may, and give its address."""
    with started_app(*arguments, **environment) as (url, _):
        yield url


@contextmanager
def started_app(*arguments: str, **environment: str) -> Iterator[tuple[str, int]]:
    """The same with its process id."""
    port = free_port()
    # A file: a pipe that nobody reads is full after some 300 requests' log lines, and then the app stands still.
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--port", str(port), *arguments],
            cwd=ROOT.parent,
            env=os.environ | environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url, process, log)
            yield url, process.pid
        finally:
            process.terminate()
            process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            log.seek(0)
            raise AssertionError(f"the app ended at once: {log.read().decode(errors='replace')}")
        try:
            if httpx.get(f"{url}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"the app did not start within {START_SECONDS} s")


@pytest.fixture(scope="package")  # Playwright allows one driver at a time, and other packages start their own
def chromium() -> Iterator[Any]:
    """The system's Chromium with a fake camera and a fake microphone."""
    with running_chromium() as browser:
        yield browser


@contextmanager
def running_chromium() -> Iterator[Any]:
    """Start the system's Chromium; the test is skipped where there is none."""
    executable = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    if executable is None:
        pytest.skip("no Chromium is installed; apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, headless=True, args=CHROMIUM_FLAGS, timeout=WAIT)
        yield browser
        browser.close()


class Visit:
    """One open page, and what it did that it should not have done."""

    def __init__(self, browser: Any, url: str, opening: str = "example=none", **options: Any) -> None:
        """opening: the page's query. Nothing scrolls smoothly, so what a test aims at stands still."""
        still = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
        given: dict[str, Any] = {**still, **options}
        self.context = browser.new_context(
            permissions=["camera", "microphone", "clipboard-read", "clipboard-write"], **given
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(WAIT)
        self.errors: list[str] = []
        self.outside: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url, url))
        self.page.goto(f"{url}/?{opening}")
        self.page.wait_for_selector("#find-out")

    def _heard(self, message: Any) -> None:
        about = f"{message.text} {message.location.get('url', '')}"
        if message.type == "error" and not any(harmless in about for harmless in HARMLESS):
            self.errors.append(about)

    def _asked(self, asked: str, url: str) -> None:
        if not asked.startswith((url, "data:", "blob:")):
            self.outside.append(asked)

    def give(self, selector: str, *files: str | Path) -> None:
        """Choose files in an upload."""
        self.page.locator(f"{selector} input[type=file]").first.set_input_files([str(file) for file in files])

    def click_at_once(self, selector: str) -> None:
        """Click what may soon be gone: the page itself looks for it, so no time is lost on the way."""
        self.page.wait_for_function(
            "selector => { const found = document.querySelector(selector); found?.click(); return Boolean(found); }",
            arg=selector,
        )

    def choose(self, selector: str, option: str) -> None:
        """Choose an option of a drop-down list.

        Gradio fixes an open list to the window and moves it only when the page scrolls, to where its field is then: a
        field that drawing pushed away meanwhile takes the list along, out of the window. So the field rests first.
        """
        field = self.page.locator(f"{selector} input").first
        field.evaluate(AT_REST)
        field.click()
        self.page.get_by_role("option", name=option, exact=True).first.click()

    def find_out(self) -> str:
        """Ask, and give the answer's text."""
        live = "#headline [aria-live]"  # beside it Gradio counts the seconds
        before = self.page.locator(live).inner_text()
        self.page.click("#find-out")
        self.page.wait_for_function(
            "([live, before]) => document.querySelector(live).innerText !== before", arg=[live, before]
        )
        return self.page.locator("#answer").inner_text()

    def explained(self) -> None:
        """Wait for the explanation."""
        self.page.wait_for_selector("#shapley-foot .reading")
        self.page.wait_for_selector("body:not([data-answer]):not([data-why])")

    def for_experts(self) -> None:
        """Open what is for experts."""
        self.page.locator("#experts").get_by_role("button").first.click()
        self.page.wait_for_selector("#waterfall-foot .reading")

    def settled(self) -> None:
        """Wait until nothing moves any more."""
        self.page.wait_for_function(STILL)

    def heading(self, words: str) -> None:
        """Wait for a heading with exactly these words."""
        self.page.get_by_role("heading", name=words, exact=True).wait_for()

    def open(self, tab: str, content: str) -> None:
        """Go to a tab and wait until its content is drawn."""
        self.page.get_by_role("tab", name=tab).click()
        self.page.wait_for_selector(content)


@pytest.fixture
def visits(chromium: Any) -> Iterator[Any]:
    """Open pages; afterwards none of them may have failed in its console or asked another server for anything."""
    opened: list[Visit] = []

    def visit(url: str, **options: Any) -> Visit:
        opened.append(Visit(chromium, url, **options))
        return opened[-1]

    yield visit
    for each in opened:
        each.context.close()
    assert [error for each in opened for error in each.errors] == []
    assert [asked for each in opened for asked in each.outside] == []


@pytest.fixture
def visit(visits: Any, app_url: str) -> Visit:
    """One open page of the app with the toy model."""
    return visits(app_url)


@pytest.fixture(scope="session")
def axe(request: pytest.FixtureRequest) -> str:
    """The source of axe-core (MPL-2.0), from AXE_CORE, from node_modules, or fetched once with npm."""
    kept = request.config.cache.mkdir("axe")
    places = [
        os.environ.get("AXE_CORE"),
        ROOT / "node_modules/axe-core/axe.min.js",
        kept / "node_modules/axe-core/axe.min.js",
    ]
    if not any(place and Path(place).is_file() for place in places) and shutil.which("npm"):
        install = ["npm", "install", "--silent", "--no-save", "--prefix", str(kept), "axe-core@4"]
        subprocess.run(install, capture_output=True, timeout=120, check=False)
    found = next((Path(place) for place in places if place and Path(place).is_file()), None)
    if found is None:
        pytest.skip("axe-core is not here and npm could not fetch it; set AXE_CORE to the path of axe.min.js")
    return found.read_text(encoding="utf-8")
