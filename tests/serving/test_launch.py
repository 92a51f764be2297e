"""The REST routes ride on a launched Gradio page, on one port."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from gradio_client import Client, handle_file
from starlette.types import Message, Receive, Scope, Send

from mm_core.serving.guards import BoundedBody
from mm_core.serving.service import Service
from tests.serving import uploads
from tests.serving.page import served_page


@pytest.fixture(scope="module")
def page(service: Service) -> Iterator[str]:
    with served_page(service) as url:
        yield url


def test_page_rest_and_documentation_share_a_port(page: str) -> None:
    assert "gradio" in httpx.get(page).text.lower()
    assert httpx.get(f"{page}/health").json()["ready"]
    described = httpx.get(f"{page}/docs")
    assert "POST /predict" in described.text
    assert "gradio_api" not in described.text
    assert "http" not in described.text.replace(page, "").replace("http://HOST", "")
    described = httpx.get(f"{page}/openapi.json").json()
    ours = {
        "/predict",
        "/check",
        "/explain",
        "/what-if",
        "/faithfulness",
        "/timeline",
        "/cases",
        "/cases/open",
        "/health",
        "/metrics",
    }
    assert set(described["paths"]) == ours
    assert "triad_requests" in httpx.get(f"{page}/metrics").text


def test_rest_and_page_give_the_same_answer(page: str, service: Service, tmp_path) -> None:
    image, audio = tmp_path / "face.png", tmp_path / "voice.wav"
    image.write_bytes(uploads.png(5))
    audio.write_bytes(uploads.wav(5))
    over_rest = httpx.post(f"{page}/predict", **uploads.case(5), timeout=60).json()
    client = Client(page, verbose=False)
    by_name = client.predict("i am so happy today", handle_file(image), handle_file(audio), api_name="/answer")
    assert over_rest["emotion"]["label"] == by_name == service.model.predict(uploads.sample(5)).emotion.label


def test_a_machine_too_busy_to_fetch_its_own_page_in_time_serves_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradio.networking.url_ok", lambda url: False)
    with served_page(service) as url:
        assert httpx.get(f"{url}/health", timeout=60).json()["ready"]


class TestBoundedBody:
    """The middleware alone, fed with chunks."""

    def ask(self, chunks: list[bytes], declared: int | str | None = None) -> tuple[int, bytes]:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            body = b""
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionError
                body += message["body"]
                if not message["more_body"]:
                    break
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": body})

        waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
        waiting[-1]["more_body"] = False
        sent: list[Message] = []

        async def receive() -> Message:
            return waiting.pop(0)

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [] if declared is None else [(b"content-length", str(declared).encode())]
        scope = {"type": "http", "headers": headers}
        asyncio.run(BoundedBody(app, most=10)(scope, receive, send))
        return sent[0]["status"], sent[1]["body"]

    def test_what_fits_passes_unchanged(self) -> None:
        assert self.ask([b"12345", b"67890"], declared=10) == (200, b"1234567890")

    def test_a_declared_size_over_the_bound_is_refused(self) -> None:
        status, body = self.ask([b"1"], declared=11)
        assert status == 413
        assert b"too_large" in body

    def test_a_declared_size_of_thousands_of_digits_is_refused(self) -> None:
        assert self.ask([b"1"], declared="9" * 5_000)[0] == 413  # Python itself reads at most 4,300 digits

    def test_an_undeclared_size_over_the_bound_is_refused(self) -> None:
        status, body = self.ask([b"12345", b"67890", b"1"])
        assert status == 413
        assert b"too_large" in body
