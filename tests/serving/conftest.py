"""One toy model behind the REST API, shared by the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from mm_core.serving.limits import Limits
from mm_core.serving.rest import router
from mm_core.serving.service import Service
from tests.toys import toy_model


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    # Patience is measured in machine time, which a busy machine stretches; tests that need it set their own.
    served = Service(toy_model(), Limits(patience=600.0, capacity=256, deadline=120.0))
    yield served
    served.close()


@pytest.fixture(scope="module")
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(rest_app(service)) as opened:
        yield opened


def rest_app(service: Service) -> FastAPI:
    app = FastAPI(docs_url=None)
    app.include_router(router(service))
    return app
