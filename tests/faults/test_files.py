"""Files that are not what they seem, and markup as content, against the running REST API."""

from __future__ import annotations

import math
import re

import psutil
import pytest

from tests.faults import files
from tests.faults.conftest import App
from tests.faults.test_uploads import Network, network
from tests.serving import uploads

INSIST = (None, "image,audio")
MARKUP = "<img src=x onerror=alert(1)>"

__all__ = ["network"]


def finite(answer: dict) -> bool:
    values = [p for task in ("emotion", "sentiment") for p in answer[task]["probabilities"].values()]
    return all(math.isfinite(value) and 0 <= value <= 1 for value in values)


class TestRow4DeclaredSize:
    def test_a_tiny_png_that_declares_20000_by_20000(self, app: App) -> None:
        process = psutil.Process()
        before = process.memory_info().rss
        message = app.refuses(files={"image": ("a.png", files.png_that_declares(20_000, 20_000)), "force": INSIST})
        assert "megapixels" in message
        assert process.memory_info().rss - before < 100 * 1024**2


class TestRow5OtherFormats:
    @pytest.mark.parametrize(
        "content", [files.EPS, files.tiff(), files.SVG, files.HTML], ids=["eps", "tiff", "svg", "html"]
    )
    def test_named_png(self, app: App, content: bytes) -> None:
        message = app.refuses(files={"image": ("a.png", content, "image/png"), "force": INSIST})
        assert "JPEG, PNG and WebP" in message


class TestRow6Damaged:
    def test_a_truncated_jpeg(self, app: App) -> None:
        half = uploads.jpeg()[: len(uploads.jpeg()) // 2]
        app.refuses(files={"image": ("a.jpg", half), "force": INSIST})

    def test_a_bomb_of_text_chunks(self, app: App) -> None:
        answer = app.post(files={"image": ("a.png", files.png_text_bomb()), "force": INSIST})
        assert answer.status_code == 422
        assert psutil.Process().memory_info().rss < 3 * 1024**3


class TestRow7OddPictures:
    @pytest.mark.parametrize("name", files.odd_pictures())
    def test_are_answered(self, app: App, name: str) -> None:
        picture = files.odd_pictures()[name]
        for path in ("/predict", "/explain"):
            answer = app.post(path, files={"image": ("a", picture), "force": INSIST})
            assert answer.status_code == 200, answer.text
        assert finite(answer.json()["prediction"])

    def test_no_metadata_in_any_output(self, app: App) -> None:
        picture = files.odd_pictures()["turned"]
        assert b"Exif" in picture
        given = {"image": ("a", picture), "force": INSIST, "keep_inputs": (None, "true")}
        for accept in ("application/zip", "text/html", "application/json"):
            answer = app.post("/explain", files=given, headers={"Accept": accept})
            assert b"exif" not in answer.content.lower().replace(b"plotly", b"")[:100_000]


class TestRow8OddSounds:
    @pytest.mark.parametrize("name", files.odd_sounds())
    def test_refused_or_finite(self, app: App, name: str) -> None:
        answer = app.post(files={"audio": ("a.wav", files.odd_sounds()[name]), "force": INSIST})
        assert answer.status_code in (200, 422), answer.text
        if answer.status_code == 200:
            assert finite(answer.json())


class TestRow9LongSounds:
    def test_ten_hours(self, app: App) -> None:
        before = psutil.Process().memory_info().rss
        answer = app.post(files={"audio": ("a.flac", files.ten_hours()), "text": (None, "so happy"), "force": INSIST})
        assert answer.status_code == 200
        assert any("long" in warning for warning in answer.json()["warnings"])
        assert psutil.Process().memory_info().rss - before < 200 * 1024**2

    def test_a_header_that_declares_ten_hours(self, app: App) -> None:
        answer = app.post(files={"audio": ("a.wav", files.wav_header_of(36_000)), "force": INSIST})
        assert answer.status_code in (200, 422)


class TestRow10NotAFile:
    def test_a_playlist_named_mp3(self, app: App, network: Network) -> None:
        app.refuses(files={"audio": ("a.mp3", files.PLAYLIST, "audio/mpeg"), "force": INSIST})
        assert network.outside() == []

    @pytest.mark.parametrize("name", ["-i.mp3", "http://127.0.0.1:9/a.mp3", "|id", "$(id).wav"])
    def test_names_open_nothing(self, app: App, network: Network, name: str) -> None:
        answer = app.post(files={"audio": (name, uploads.wav()), "force": INSIST})
        assert answer.status_code == 200
        assert network.outside() == []


class TestRow12Markup:
    def test_as_text_it_is_escaped_in_the_page_and_data_in_json(self, app: App) -> None:
        given = {"text": (None, f"so happy {MARKUP}"), "keep_inputs": (None, "true"), "force": (None, "text")}
        plain = app.post("/explain", files=given)
        assert plain.headers["content-type"] == "application/json"
        assert "img" in plain.json()["units"]["text"]["labels"]
        page = app.post("/explain", files=given, headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert MARKUP not in page.text
        assert not re.search(r"<img[^>]+onerror", page.text)
        assert "onerror" in page.text  # the words are shown

    def test_as_a_file_or_field_name_it_is_never_repeated(self, app: App) -> None:
        answer = app.post(files={"image": (f"{MARKUP}.png", b"no picture")})
        assert "onerror" not in answer.text
        answer = app.post(files={MARKUP: (None, "x")})
        assert answer.status_code == 400
        assert "onerror" not in answer.text

    def test_in_a_label_or_method_it_comes_back_as_json_only(self, app: App) -> None:
        for field in ("label", "task", "methods"):
            answer = app.post("/explain", files={"text": (None, "so happy"), field: (None, MARKUP)})
            assert (answer.status_code, answer.headers["content-type"]) == (422, "application/json")
