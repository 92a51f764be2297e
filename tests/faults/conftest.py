"""The app as it runs: a page and the REST routes on one port, with a toy model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from mm_core.serving.limits import Limits
from mm_core.serving.service import Service
from tests.serving.page import served_page
from tests.toys import toy_model

HERE = f"/{Path(__file__).resolve().parts[1]}/"
"""Where the checkout lies, from the root of the machine."""

LEAKS = ("Traceback", 'File "', "site-packages", "mm_core/", "/usr/", "/home/", "/tmp/", HERE, ".py")
"""What no answer may hold."""


@dataclass(frozen=True)
class App:
    """The running app. Every refusal is checked for what it must not hold, and for the app's health after it."""

    url: str
    service: Service

    def post(self, path: str = "/predict", **request: object) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", timeout=120, **request)  # type: ignore[arg-type]

    def refuses(self, status: int | tuple[int, ...] = 422, path: str = "/predict", **request: object) -> str:
        """Ask, expect one of these statuses, and return the message."""
        answer = self.post(path, **request)
        assert answer.status_code in ((status,) if isinstance(status, int) else status), answer.text
        error = answer.json()["error"]
        assert set(error) == {"code", "message"}
        assert not [leak for leak in LEAKS if leak in answer.text], answer.text
        assert self.post(files={"text": (None, "so happy")}).status_code == 200
        return error["message"]


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    service = Service(toy_model(), Limits(patience=600.0, deadline=120.0))
    with served_page(service) as url:
        yield App(url, service)
    service.close()
