"""The tags of a shared link, in the HTML that a crawler without JavaScript gets."""

from __future__ import annotations

import io
from collections.abc import Callable
from html.parser import HTMLParser

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from mm_core.locale import say
from webapp.link_preview import CARD_SIZE, LinkPreview


class Tags(HTMLParser):
    """Every meta tag's contents by name or property, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("property") or given.get("name")
        if tag == "meta" and name:
            self.found.setdefault(name, []).append(given.get("content") or "")


def test_the_running_page_names_itself_and_shows_its_picture(app_url: str) -> None:
    html = httpx.get(app_url, timeout=60).text
    found = Tags(html).found
    assert found["og:title"] == [say("page-title")]
    assert found["description"] == found["og:description"] == [say("page-description")]
    assert found["twitter:card"] == ["summary_large_image"]
    assert found["og:url"] == [f"{app_url}/"]
    assert not [name for name, contents in found.items() if "radio" in " ".join(contents)], "Gradio's own"
    (address,) = found["og:image"]
    assert address.startswith(app_url)
    picture = httpx.get(address, timeout=60)
    assert picture.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(picture.content)).size == CARD_SIZE
    assert "window.gradio_config" in html, "the page itself is whole"


def behind(answer: Callable[[Request], Response]) -> TestClient:
    """A client of an app with one page."""

    async def page(request: Request) -> Response:
        return answer(request)

    return TestClient(LinkPreview(Starlette(routes=[Route("/", page), Route("/other", page)])))


GRADIOS = (
    '<html><head><meta charset="utf-8" />\n<meta property="og:title" content="Gradio" />'
    '<meta\n\tname="twitter:creator"\n\tcontent="@Gradio"\n/><title>é</title></head><body>whole</body></html>'
)


def test_a_proxy_tells_the_scheme_and_nothing_else_counts() -> None:
    client = behind(lambda _: HTMLResponse(GRADIOS))
    for told, seen in (("https", "https"), ("https, http", "https"), ("javascript", "http"), ("", "http")):
        answer = client.get("/", headers={"x-forwarded-proto": told})
        assert Tags(answer.text).found["og:url"] == [f"{seen}://testserver/"]
    assert "twitter:creator" not in Tags(answer.text).found
    assert answer.text.endswith("<title>é</title></head><body>whole</body></html>")
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(
    ("path", "answer"), [("/other", HTMLResponse(GRADIOS)), ("/", JSONResponse({"a": "<head>"}))]
)
def test_all_else_passes_unchanged(path: str, answer: Response) -> None:
    assert behind(lambda _: answer).get(path).content == answer.body
