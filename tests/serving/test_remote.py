"""The service over HTTP gives what the service gives, and says what went wrong in the same words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from mm_core.samples import InvalidInput, RawInputs
from mm_core.serving.errors import Busy, NotReady, ServingError
from mm_core.serving.remote import Remote
from mm_core.serving.service import Service
from tests.serving import uploads
from tests.serving.conftest import rest_app
from tests.serving.live import running

GIVEN = RawInputs("i am so happy and you hate this", uploads.png(1), uploads.wav(1), force=("image", "audio"))


@pytest.fixture(scope="module")
def remote(service: Service) -> Iterator[Remote]:
    with running(rest_app(service)) as url:
        opened = Remote(url)
        yield opened
        opened.close()


def test_a_busy_app_says_when_to_come_back(remote: Remote, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise Busy(retry_after=7)

    monkeypatch.setattr(service, "arriving", full)
    with pytest.raises(Busy) as refused:
        remote.predict(GIVEN)
    assert refused.value.retry_after == 7


def test_no_app_there_is_said_plainly() -> None:
    nowhere = Remote("http://127.0.0.1:9")
    with pytest.raises(NotReady, match=r"python app\.py"):
        nowhere.predict(GIVEN)
    assert not nowhere.health().ready
    with pytest.raises(InvalidInput, match="MM_CORE_URL"):
        Remote("file:///etc/passwd")


def test_another_server_there_is_said_plainly() -> None:
    app = FastAPI()
    for path in ("/predict", "/explain"):
        app.add_api_route(path, lambda: PlainTextResponse("hello"), methods=["POST"])
    with running(app) as url:
        strange = Remote(url)
        with pytest.raises(ServingError, match="one version"):
            strange.predict(GIVEN)
        with pytest.raises(ServingError, match="one version"):
            strange.explain(GIVEN)
        assert "one version" in strange.health().reason


def test_the_remote_side_loads_no_torch() -> None:
    names = "{'torch', 'transformers', 'fastapi'}"
    code = f"import sys, mm_core.samples; from mm_core.serving import Remote; assert not {names} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
