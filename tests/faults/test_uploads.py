"""What is uploaded to the running app, and what only claims to be: too much, empty, hostile, forged."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mm_core.samples import RawInputs
from mm_core.samples.limits import MAX_FILE_BYTES
from tests.faults.conftest import App
from tests.serving import uploads

INSIST = (None, "image,audio")


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go during the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def open_files_in(folder: Path) -> list[str]:
    links = [f"/proc/self/fd/{fd}" for fd in os.listdir("/proc/self/fd")]
    targets = [os.readlink(link) for link in links if os.path.lexists(link)]
    return [target for target in targets if target.startswith(str(folder))]


class TestRow1TooMuch:
    @pytest.mark.parametrize("field", ["image", "audio"])
    def test_one_byte_over_the_limit(
        self, app: App, empty_folder: Path, field: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def decoded(self: RawInputs) -> None:
            raise AssertionError("it was decoded")

        with monkeypatch.context() as patched:
            patched.setattr(RawInputs, "read", decoded)
            answer = app.post(files={field: ("a", b"\x89PNG" + b"x" * (MAX_FILE_BYTES - 3))})
        assert answer.status_code == 413
        assert "20 MB" in answer.json()["error"]["message"]
        assert list(empty_folder.iterdir()) == open_files_in(empty_folder) == []

    def test_a_file_of_exactly_the_limit_is_read(self, app: App) -> None:
        padded = uploads.png() + b"\0" * (MAX_FILE_BYTES - len(uploads.png()))
        assert app.post(files={"image": ("a.png", padded), "force": INSIST}).status_code == 200

    def test_a_body_far_over_the_limit_is_answered_and_not_kept(self, app: App, empty_folder: Path) -> None:
        def endless() -> Iterator[bytes]:
            yield b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
            for _ in range(100):
                yield b"x" * 1024**2

        headers = {"content-type": "multipart/form-data; boundary=b"}
        app.refuses(413, content=endless(), headers=headers)
        assert list(empty_folder.iterdir()) == open_files_in(empty_folder) == []

    def test_a_form_of_1001_parts(self, app: App, empty_folder: Path) -> None:
        app.refuses(400, files=[("text", (None, "a"))] * 1001)
        app.refuses(400, files=[("image", ("a.png", b"a"))] * 1001)
        assert list(empty_folder.iterdir()) == open_files_in(empty_folder) == []

    def test_the_pages_own_upload_has_the_same_limits(self, app: App) -> None:
        httpx.get(app.url)  # a visit begins
        url = f"{app.url}/gradio_api/upload"
        over = httpx.post(url, files={"files": ("a.png", b"x" * (MAX_FILE_BYTES + 1))}, timeout=60)
        many = httpx.post(url, files=[("files", (f"{n}.png", b"a")) for n in range(1001)], timeout=60)
        assert over.status_code == 413
        assert many.status_code == 400


class TestRow2Text:
    @pytest.mark.parametrize("text", ["", " \n\t ", "\0\0", "‏  "])
    def test_nothing_readable(self, app: App, text: str) -> None:
        app.refuses(files={"text": (None, text)})

    @pytest.mark.parametrize("text", ["so\0 happy", "‫so happy‬", "so happy " * 100_000])
    def test_odd_text_is_answered(self, app: App, text: str) -> None:
        answer = app.post(files={"text": (None, text)})
        assert answer.status_code == 200
        if len(text) > 5000:
            assert any("first" in warning for warning in answer.json()["warnings"])

    def test_a_lone_surrogate(self, app: App) -> None:
        assert app.post(files={"text": (None, b"so happy \xed\xa0\x80")}).status_code in (200, 422)

    def test_more_than_any_text(self, app: App) -> None:
        app.refuses(400, files={"text": (None, "a" * (3 * 1024**2))})


class TestRow3Absence:
    def test_nothing_at_all(self, app: App) -> None:
        assert "Nothing was given" in app.refuses(files={"force": INSIST})

    @pytest.mark.parametrize("modality", ["text", "image", "audio"])
    def test_each_alone_and_the_absent_contribute_nothing(self, app: App, modality: str) -> None:
        given = {"text": (None, "so happy"), "image": ("a.png", uploads.png()), "audio": ("a.wav", uploads.wav())}
        answer = app.post("/explain", files={modality: given[modality], "force": INSIST}).json()
        game = answer["contributions"]["logit"]
        assert answer["prediction"]["present"] == list(game["shapley"]) == [modality]
        assert game["shapley"][modality] == game["worths"][modality] - game["worths"]["none"]

    def test_what_is_set_aside_changes_no_bit(self, app: App) -> None:
        alone = app.post(files={"text": (None, "so happy")}).json()
        beside = app.post(files={"text": (None, "so happy"), "image": ("a.png", uploads.png())}).json()
        assert beside["present"] == ["text"]
        assert beside["emotion"] == alone["emotion"]


class Network:
    """Addresses that this process looked up or connected to while it is watched."""

    watching = False
    seen: list[str]

    def __init__(self) -> None:
        self.seen = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple) -> None:
        if self.watching and event in ("socket.connect", "socket.getaddrinfo"):
            self.seen.append(str(arguments[1 if event == "socket.connect" else 0]))

    def outside(self) -> list[str]:
        return [address for address in self.seen if "127.0.0.1" not in address and "localhost" not in address]


NETWORK = Network()


@pytest.fixture
def network() -> Iterator[Network]:
    NETWORK.seen.clear()
    NETWORK.watching = True
    yield NETWORK
    NETWORK.watching = False


METADATA = "http://169.254.169.254/latest/meta-data"


class TestRow11ForgedReferences:
    @pytest.mark.parametrize("name", ["/etc/passwd", "../../../etc/passwd", METADATA, "file:///etc/passwd", "-i"])
    def test_a_name_in_place_of_a_file(self, app: App, network: Network, name: str) -> None:
        app.refuses(files={"image": (None, name)})
        app.refuses(files={"audio": (None, name)})
        assert network.outside() == []

    @pytest.mark.parametrize("name", ["/etc/passwd", "../../../etc/passwd", METADATA, "-i.png", "<img src=x>.png"])
    def test_a_file_name_is_never_used(self, app: App, network: Network, name: str) -> None:
        answer = app.post(files={"image": (name, uploads.png(), "image/png"), "force": INSIST})
        assert answer.status_code == 200
        assert name not in answer.text
        assert network.outside() == []

    @pytest.mark.parametrize("path", ["/etc/passwd", "../../../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", METADATA])
    def test_the_pages_file_route(self, app: App, network: Network, path: str) -> None:
        answer = httpx.get(f"{app.url}/gradio_api/file={path}", follow_redirects=False)
        assert answer.status_code in (403, 404)
        assert "root:" not in answer.text
        assert network.outside() == []

    @pytest.mark.parametrize(
        "reference",
        [
            {"path": "/etc/passwd"},
            {"path": "../../etc/passwd"},
            {"path": METADATA},
            {"path": "a.png", "url": METADATA},
        ],
    )
    def test_a_forged_reference_in_a_page_event(self, app: App, network: Network, reference: dict) -> None:
        file = {**reference, "meta": {"_type": "gradio.FileData"}}
        asked = httpx.post(f"{app.url}/gradio_api/call/answer", json={"data": ["so happy", file, None]})
        if asked.status_code == 200:
            stream = httpx.get(f"{app.url}/gradio_api/call/answer/{asked.json()['event_id']}", timeout=30)
            assert "event: error" in stream.text
            assert "root:" not in stream.text
            assert json.dumps("joy") not in stream.text
        assert network.outside() == []
