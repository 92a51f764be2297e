"""The dashboard as people start it, and a real Chromium to use it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT
from tests.serving.page import free_port
from tests.ui.conftest import CHROMIUM_FLAGS, START_SECONDS

SCRIPT = ROOT / "dashboard" / "app.py"

WAIT = 180_000
"""Milliseconds; a busy machine draws slowly."""

QUIET = """() => {
  const state = document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state');
  const calm = state === 'notRunning' && !document.querySelector('[data-testid=stSkeleton]');
  window.calmSince = calm ? window.calmSince ?? performance.now() : null;
  return calm && performance.now() - window.calmSince > 1000;
}"""
"""Runs in the browser: for a second the page's script has not run and everything has been drawn."""


@contextmanager
def running_dashboard(
    script: Path = SCRIPT, port: int | None = None, **environment: str
) -> Iterator[tuple[str, int]]:
    """Start the dashboard (or another script) and give its address and process id."""
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    process = subprocess.Popen(
        [*command, "--server.address", "127.0.0.1"],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process)
        yield url, process.pid
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:  # a busy machine
            process.kill()
            process.wait()


@contextmanager
def browser_page(width: int = 1280, height: int = 1400, scheme: str = "light") -> Iterator[Any]:
    """A page of the system's Chromium. Its ``complaints`` are the errors that our pages caused."""
    playwright = pytest.importorskip("playwright.sync_api")
    executable = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).is_file()), None)
    if executable is None:
        pytest.skip("there is no Chromium; install it with apt-get install chromium")
    with playwright.sync_playwright() as driver, tempfile.TemporaryDirectory() as profile:
        context = driver.chromium.launch_persistent_context(
            profile,
            executable_path=executable,
            headless=True,
            args=CHROMIUM_FLAGS,
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            accept_downloads=True,
        )
        context.set_default_timeout(WAIT)
        page = context.new_page()
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda message: _note(page, message))
        page.on("requestfailed", lambda request: _elsewhere(page, request))
        yield page
        context.close()


def settled(page: Any) -> None:
    """Wait until the page's script has ended and everything is drawn."""
    page.evaluate("window.calmSince = null")
    page.wait_for_function(QUIET)


def memory_megabytes(process: int) -> float:
    """Resident memory of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def loaded_libraries(process: int) -> str:
    """The files that a process has mapped into memory."""
    return Path(f"/proc/{process}/maps").read_text()


def _wait(url: str, process: subprocess.Popen) -> None:
    stop = time.monotonic() + START_SECONDS
    while time.monotonic() < stop:
        if process.poll() is not None:
            raise RuntimeError("the dashboard ended at its start")
        try:
            if httpx.get(f"{url}/_stcore/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise RuntimeError("the dashboard did not start in time")


def _note(page: Any, message: Any) -> None:
    # Opened by its own address, a page of Streamlit first looks for its server one folder too deep.
    streamlits_own = "404" in message.text and "_stcore" in (message.location or {}).get("url", "")
    if message.type == "error" and not streamlits_own:
        page.complaints.append(message.text)


def _elsewhere(page: Any, request: Any) -> None:
    if "127.0.0.1" not in request.url and not request.url.startswith(("data:", "blob:")):
        page.complaints.append(f"asked elsewhere: {request.url}")
