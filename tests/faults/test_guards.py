"""Rows 17, 19, 20 and 23: what may be asked for, by whom, and how much of it is taken or kept."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio.routes import App as GradioApp
from gradio.utils import get_upload_folder
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from mm_core.serving.access import Access
from mm_core.serving.guards import AllowedRoutes, BoundedEvents, BoundedUploads, KnownOrigins
from mm_core.serving.guards.events import MAX_EVENT_BYTES
from mm_core.serving.guards.routes import ALLOWED
from tests.faults.conftest import LEAKS, App
from tests.faults.test_uploads import METADATA, NETWORK, Network
from tests.serving import uploads
from tests.serving.page import page_app


@pytest.fixture
def network() -> Iterator[Network]:
    NETWORK.seen.clear()
    NETWORK.watching = True
    yield NETWORK
    NETWORK.watching = False


def declared_routes(app: App) -> list[tuple[str, str]]:
    """Method and path of every route of the running app, the page's library's among them."""
    found = []
    todo = list(page_app(app.service).routes)
    while todo:
        route = todo.pop()
        included = getattr(route, "original_router", None)
        if included is not None:
            todo += included.routes
        else:
            found += [(method, route.path) for method in getattr(route, "methods", None) or ("GET",)]
    assert len(found) > 60
    return found


def filled(path: str) -> list[str]:
    """A route's path with plain and with hostile values in place of its parameters."""
    values = (
        "a",
        METADATA,
        METADATA.replace("://", ":/"),
        "../../etc/passwd",
        "%2e%2e%2fetc%2fpasswd",
        "/etc/passwd",
    )
    return [re.sub(r"{[^}]*}", lambda _, value=value: value, path) for value in values]


class TestRow19Routes:
    def test_every_route_that_is_declared_is_allowed_by_name_or_is_404(self, app: App, network: Network) -> None:
        guard = AllowedRoutes(PlainTextResponse("in"), get_upload_folder())
        with httpx.Client(base_url=app.url, timeout=20) as client:
            for method, path in declared_routes(app):
                for tricky in dict.fromkeys(filled(path)):
                    for spelled in (tricky, tricky + "/", tricky.upper(), "/" + tricky):
                        url = httpx.URL(app.url).copy_with(raw_path=spelled.encode())
                        resolved = url.path
                        if guard.allows(method, resolved) or "heartbeat" in spelled or "queue/data" in spelled:
                            continue
                        answer = client.request(method, url)
                        assert answer.status_code == 404, (method, spelled, answer.status_code)
                        assert not [leak for leak in LEAKS if leak in answer.text]
        assert network.outside() == []

    @pytest.mark.parametrize("spelling", ["file/", "file=", "FILE=", "proxy=", "file=/", "file%3D", "/file="])
    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PROPFIND"])
    def test_nothing_is_fetched_for_anybody(self, app: App, network: Network, spelling: str, method: str) -> None:
        for target in (METADATA, METADATA.upper(), "https://example.org/a", "//example.org/a", "http:/example.org"):
            url = httpx.URL(app.url).copy_with(raw_path=f"/gradio_api/{spelling}{target}".encode())
            assert httpx.request(method, url, timeout=20).status_code == 404
        assert network.outside() == []

    @pytest.mark.parametrize(
        "method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]
    )
    def test_no_other_method_or_spelling_gets_in(self, app: App, network: Network, method: str) -> None:
        guard = AllowedRoutes(PlainTextResponse("in"), get_upload_folder())
        with httpx.Client(base_url=app.url, timeout=20) as client:
            for path in sorted({path for _, path in declared_routes(app)}):
                plain = re.sub(r"{[^}]*}", METADATA, path)
                for spelled in (
                    plain,
                    plain.replace("=", "/"),
                    plain.replace("=", "%3D"),
                    plain.replace("/", "//"),
                    "/" + plain.lstrip("/").replace("/", "%2F"),
                    f"/%{ord(plain[1]):x}{plain[2:]}" if len(plain) > 1 else plain,
                    plain + "?url=" + METADATA,
                ):
                    url = httpx.URL(app.url).copy_with(raw_path=spelled.encode())
                    if not guard.allows(method, url.path):
                        assert client.request(method, url).status_code == 404, (method, spelled)
        assert network.outside() == []

    @pytest.mark.parametrize(
        "target", [METADATA, METADATA.upper(), "//example.org/a", "http:/example.org", "ftp://a/b"]
    )
    def test_what_is_allowed_fetches_no_address_either(self, app: App, network: Network, target: str) -> None:
        meta = {"_type": "gradio.FileData"}
        given = (
            {"path": target, "meta": meta},
            {"path": "", "url": target, "meta": meta},
            {"path": "a.png", "url": target, "orig_name": target, "meta": meta},
            {"url": target, "is_stream": True, "meta": meta},
            {"data": target, "name": target, "is_file": True},
            target,
        )
        for file in given:
            event = {"data": ["so happy", file, file], "fn_index": 0, "session_hash": "abc", "event_data": file}
            for path in ("/gradio_api/run/answer", "/gradio_api/call/answer", "/gradio_api/queue/join"):
                answer = app.post(path, json=event)
                assert not [leak for leak in LEAKS if leak in answer.text]
        # Two of the three only queue what is asked; this one's turn comes after theirs.
        assert app.post("/gradio_api/run/answer", json={"data": ["so happy", None, None]}).status_code == 200
        assert network.outside() == []

    def test_files_outside_of_the_own_folder_are_not_there(self, app: App) -> None:
        for path in ("/etc/passwd", f"{get_upload_folder()}/../x", get_upload_folder(), "app.py", ""):
            assert httpx.get(f"{app.url}/gradio_api/file={path}").status_code == 404

    def test_what_is_allowed_exists(self, app: App) -> None:
        """A list that outlives its routes would hide that a new version has moved them."""
        known = [(method, re.sub(r"{[^}]*}", "a", path)) for method, path in declared_routes(app)]
        for method, patterns in ALLOWED.items():
            for pattern in patterns:
                assert [p for m, p in known if m == method and re.fullmatch(pattern, p)], (method, pattern)

    def test_websockets_are_closed(self) -> None:
        client = TestClient(AllowedRoutes(PlainTextResponse("in"), "/x"))
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/gradio_api/queue/data"):
            pass


class TestRow17Events:
    def post(self, app: App, body: bytes, path: str = "/gradio_api/queue/join") -> httpx.Response:
        return httpx.post(f"{app.url}{path}", content=body, headers={"content-type": "application/json"}, timeout=60)

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"[" + b"{}," * 4_700_000 + b"{}]", 413),
            (b'{"data": [' + b"{}," * 60_000 + b"{}]}", 413),
            (b'{"data":' * 3_000 + b"1" + b"}" * 3_000, 400),
            (b'{"data":' + b"[" * 200 + b"]" * 200 + b"}", 413),
            (b'{"data": [1e999, NaN]}', 400),
            (b"[]", 400),
            (b"not json SECRET", 400),
        ],
    )
    def test_bodies_over_the_bounds_are_refused_at_once_and_not_told_back(
        self, app: App, body: bytes, status: int
    ) -> None:
        for path in ("/gradio_api/queue/join", "/gradio_api/run/answer", "/gradio_api/call/answer"):
            started = time.perf_counter()
            answer = self.post(app, body, path)
            assert time.perf_counter() - started < 5
            assert answer.status_code == status, answer.text[:200]
            assert len(answer.content) < 500
            assert "SECRET" not in answer.text

    def test_a_validation_error_does_not_echo(self, app: App) -> None:
        answer = self.post(app, json.dumps({"data": "SECRET" * 100, "fn_index": "SECRET"}).encode())
        assert answer.status_code == 422
        assert "SECRET" not in answer.text

    def test_a_long_body_that_declares_nothing(self, app: App) -> None:
        def pieces() -> Iterator[bytes]:
            for _ in range(600):
                yield b'{"a": 1}' * 64

        assert httpx.post(f"{app.url}/gradio_api/queue/join", content=pieces()).status_code == 413

    def test_the_largest_text_of_the_page_fits(self) -> None:
        from webapp.inputs import MOST_CHARACTERS

        assert len(json.dumps({"data": ["ß" * MOST_CHARACTERS], "session_hash": "a" * 12})) < MAX_EVENT_BYTES * 2
        assert len(json.dumps({"data": ["ß" * MOST_CHARACTERS]}, ensure_ascii=False).encode()) < MAX_EVENT_BYTES

    @pytest.mark.parametrize("data", [[1, "a"], {"a": None}, "text, with {brackets}" * 1000])
    def test_what_fits_passes_unchanged(self, data: object) -> None:
        async def echo(request: Request) -> PlainTextResponse:
            return PlainTextResponse(await request.body())

        client = TestClient(BoundedEvents(Starlette(routes=[Route("/gradio_api/run/x", echo, methods=["POST"])])))
        assert client.post("/gradio_api/run/x", json={"data": data}).json() == {"data": data}


class TestRow20Uploads:
    @pytest.fixture
    def kept(self, tmp_path: Path) -> TestClient:
        async def upload(request: Request) -> PlainTextResponse:
            (tmp_path / str(len(list(tmp_path.iterdir())))).write_bytes(await request.body())
            return PlainTextResponse("kept")

        async def page(request: Request) -> PlainTextResponse:
            return PlainTextResponse("page")

        routes = [Route("/gradio_api/upload", upload, methods=["POST"]), Route("/", page)]
        self.folder = tmp_path
        return TestClient(BoundedUploads(Starlette(routes=routes), str(tmp_path), most=1000, most_a_visit=600))

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def test_without_a_visit_nothing_is_taken(self, kept: TestClient) -> None:
        answer = kept.post("/gradio_api/upload", content=b"a")
        assert answer.status_code == 403
        assert answer.json()["error"]["message"] == "Open the page first, then upload."
        assert self.size() == 0

    def test_one_visit_has_a_cap(self, kept: TestClient) -> None:
        kept.get("/")
        assert kept.post("/gradio_api/upload", content=b"a" * 400).text == "kept"
        answer = kept.post("/gradio_api/upload", content=b"a" * 300)
        assert answer.status_code == 413
        assert answer.headers["retry-after"]
        assert self.size() == 400

    def test_all_visits_have_a_cap_at_full_speed(self, kept: TestClient) -> None:
        statuses = set()
        for _ in range(200):
            kept.cookies.clear()
            kept.get("/")
            statuses.add(kept.post("/gradio_api/upload", content=b"a" * 90).status_code)
            assert self.size() <= 1000
        assert statuses == {200, 507}

    def test_the_oldest_unused_go_first(self, kept: TestClient) -> None:
        for name, age in (("old", 300), ("older", 400), ("new", 1)):
            (self.folder / name).write_bytes(b"a" * 300)
            os.utime(self.folder / name, (time.time() - age,) * 2)
        kept.get("/")
        assert kept.post("/gradio_api/upload", content=b"a" * 390).text == "kept"
        assert {path.name for path in self.folder.iterdir()} - {"2", "3"} == {"old", "new"}

    def test_a_length_must_be_said(self, kept: TestClient) -> None:
        kept.get("/")
        assert kept.post("/gradio_api/upload", content=iter([b"a"])).status_code == 411

    def test_the_running_app_takes_them_and_keeps_to_it(self, app: App) -> None:
        files = {"files": ("a.png", uploads.png())}
        with httpx.Client(base_url=app.url) as browser:
            assert "triad_visit" in browser.get("/").cookies
            assert browser.post("/gradio_api/upload", files=files).status_code == 200


class TestRow23Origins:
    @pytest.mark.parametrize(
        "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost.evil.io"]
    )
    @pytest.mark.parametrize("path", ["/predict", "/gradio_api/queue/join", "/gradio_api/upload", "/explain"])
    def test_a_foreign_page_gets_nothing(self, app: App, origin: str, path: str) -> None:
        for host in (None, "203.0.113.7:7860"):
            headers = {"origin": origin, **({"host": host} if host else {})}
            for method in ("POST", "OPTIONS", "GET"):
                asked = {"access-control-request-method": "POST"} if method == "OPTIONS" else {}
                answer = httpx.request(method, f"{app.url}{path}", headers=headers | asked)
                assert answer.status_code in (403, 421)
                assert not [name for name in answer.headers if name.startswith("access-control")]

    def test_a_foreign_host_name_is_not_answered(self, app: App) -> None:
        for host in ("evil.example", "127.0.0.1.evil.example", "localhost.", "", "[::1"):
            assert httpx.get(f"{app.url}/health", headers={"host": host}).status_code in (400, 421)

    def test_the_own_page_asks_freely(self, app: App) -> None:
        answer = httpx.post(f"{app.url}/predict", files={"text": (None, "so happy")}, headers={"origin": app.url})
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("access-control")]

    def test_named_sites_and_hosts(self) -> None:
        async def answer(request: Request) -> PlainTextResponse:
            return PlainTextResponse("in")

        app = Starlette(routes=[Route("/health", answer)])
        guarded = KnownOrigins(app, ["triad.example"], ["https://friend.example/"])
        client = TestClient(guarded, base_url="http://triad.example")
        friend = client.get("/health", headers={"origin": "https://friend.example"})
        assert friend.headers["access-control-allow-origin"] == "https://friend.example"
        assert "access-control-allow-credentials" not in friend.headers
        asked = {"origin": "https://friend.example", "access-control-request-method": "POST"}
        assert client.options("/health", headers=asked).status_code == 204
        assert client.get("/health", headers={"origin": "https://friend.example.evil.io"}).status_code == 403
        assert client.get("/health", headers={"host": "other.example"}).status_code == 421
        for address in ("192.168.1.5:7860", "[::1]:7860", "localhost:7860"):
            assert client.get("/health", headers={"host": address}).text == "in"

    def test_a_space_knows_its_own_address(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SPACE_HOST", "me-triad.hf.space")
        access = Access.of_this_machine(["a.example"], ["https://b.example"])
        assert list(access.hosts) == ["a.example", "me-triad.hf.space"]
        assert list(access.origins) == ["https://b.example", "https://me-triad.hf.space"]


def test_the_page_library_is_the_one_that_is_guarded(app: App) -> None:
    assert isinstance(page_app(app.service), GradioApp)
