"""Row 23 in a real browser: a page of another site can neither read what the app answers nor make it work.

``foreign.localhost`` and ``rebound.localhost`` lead to this machine, as every name under localhost does in Chromium:
the one is another site, the other what a rebound DNS name looks like to the app.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

pytestmark = pytest.mark.browser

ASK = """async ([url, options]) => {
  const given = {...options};
  if (given.form) {
    given.body = new FormData();
    given.body.set("text", "so happy");
  }
  try {
    const answer = await fetch(url, given);
    return {type: answer.type, status: answer.status, text: await answer.text()};
  } catch (error) {
    return {type: "failed", status: 0, text: ""};
  }
}"""

STREAM = """url => new Promise(told => {
  const source = new EventSource(url);
  source.onmessage = event => told(event.data);
  source.onerror = () => told("failed");
})"""

FRAME = """url => new Promise(told => {
  const frame = document.createElement("iframe");
  frame.onload = () => {
    try { told(frame.contentDocument === null ? "closed" : frame.contentDocument.body.innerText); }
    catch { told("closed"); }
  };
  frame.src = url;
  document.body.append(frame);
})"""

JSON = {"headers": {"content-type": "application/json"}}
EVENT = '{"data": ["so happy", null, null, [], false]}'
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "health": ("/health", {}),
    "a prediction": ("/predict", {"method": "POST", "form": True}),
    "an explanation": ("/explain", {"method": "POST", "form": True}),
    "a case that is held": ("/cases/open", {"method": "POST", "form": True}),
    "the page": ("/", {}),
    "the page's configuration": ("/config", {}),
    "the page's events": ("/gradio_api/queue/join", {"method": "POST", "body": EVENT, **JSON}),
    "the page's events as plain text": ("/gradio_api/queue/join", {"method": "POST", "body": EVENT}),
    "the page's functions": ("/gradio_api/call/predict", {"method": "POST", "body": EVENT, **JSON}),
    "an upload": ("/gradio_api/upload", {"method": "POST", "form": True}),
}


class _Empty(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Another site</title><body>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def other_port() -> Iterator[int]:
    """The port of a server with an empty page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Empty)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


@pytest.fixture(params=["foreign.localhost", "127.0.0.1"])
def foreign(request: pytest.FixtureRequest, chromium: Any, other_port: int) -> Iterator[Any]:
    """A page of another site, and one of the same machine under another port."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"http://{request.param}:{other_port}/")
    yield page
    context.close()


def answered(url: str) -> float:
    """Requests that the app has counted so far, over REST and from the page."""
    lines = httpx.get(f"{url}/metrics", timeout=60).text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("triad_requests_total{"))


@pytest.mark.parametrize("mode", ["cors", "no-cors"])
@pytest.mark.parametrize("credentials", ["omit", "include"])
def test_a_foreign_page_reads_nothing_and_has_nothing_done(
    foreign: Any, app_url: str, mode: str, credentials: str
) -> None:
    before = answered(app_url)
    for path, options in ASKED.values():
        told = foreign.evaluate(ASK, [app_url + path, {**options, "mode": mode, "credentials": credentials}])
        assert told["type"] in ("failed", "opaque"), (path, told)
        assert (told["status"], told["text"]) == (0, "")
    assert answered(app_url) == before


def test_neither_streams_nor_frames_are_readable(foreign: Any, app_url: str) -> None:
    assert foreign.evaluate(STREAM, f"{app_url}/gradio_api/queue/data?session_hash=abc") == "failed"
    assert foreign.evaluate(FRAME, f"{app_url}/health") == "closed"


def test_the_apps_own_page_reads_all_of_it(chromium: Any, app_url: str) -> None:
    """Otherwise the tests above would pass for an app that answers nobody."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{app_url}/health")
    for name in ("health", "a prediction", "the page's configuration"):
        path, options = ASKED[name]
        told = page.evaluate(ASK, [app_url + path, options])
        assert (told["type"], told["status"]) == ("basic", 200), name
    context.close()


def test_a_name_that_was_rebound_to_this_machine_is_refused(chromium: Any, app_url: str) -> None:
    rebound = f"http://rebound.localhost:{urlsplit(app_url).port}"
    context = chromium.new_context()
    page = context.new_page()
    before = answered(app_url)
    opened = page.goto(f"{rebound}/")
    assert opened.status == 421
    assert "--allow-host" in page.content()
    for path, options in ASKED.values():  # the same origin now, so that answers could be read
        told = page.evaluate(ASK, [rebound + path, options])
        assert told["status"] == 421, path
        assert "foreign_host" in told["text"]
    assert answered(app_url) == before
    context.close()
