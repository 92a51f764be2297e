"""Requests made up from /openapi.json: whatever the description allows is answered as the description says.

They are made by Schemathesis (Hatfield-Dodds and Dygalo, "Deriving semantics-aware fuzzers from web API schemas",
ICSE 2022). TRIAD_FUZZ_REQUESTS sets how many for each route, good ones and as many bad ones.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mm_core.serving.launch import describe
from mm_core.serving.rest import router
from mm_core.serving.schema import EVIDENCE_FILE
from mm_core.serving.service import Service
from tests.faults.conftest import LEAKS
from tests.serving import uploads
from tests.serving.conftest import rest_app
from tests.serving.live import running

REQUESTS = int(os.environ.get("TRIAD_FUZZ_REQUESTS", "10"))

OPERATIONS = {
    "/predict": "POST",
    "/check": "POST",
    "/explain": "POST",
    "/what-if": "POST",
    "/faithfulness": "POST",
    "/timeline": "POST",
    "/cases": "POST",
    "/cases/open": "POST",
    "/health": "GET",
    "/metrics": "GET",
}
FILES = {"image", "audio", "reference", "new_image", "new_audio", "evidence", "film", "subtitles"}

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def described(service: Service) -> Iterator[Any]:
    """The description as a server tells it, with files of each kind that it names."""
    record = service.explain(uploads.sample(), keep_inputs=True).to_bytes()
    good = {
        "image/png": uploads.png(),
        "image/jpeg": uploads.jpeg(),
        "audio/wav": uploads.wav(),
        EVIDENCE_FILE: record,
    }
    for kind, content in good.items():
        cut = st.integers(0, len(content)).map(lambda end, content=content: content[:end])
        schemathesis.openapi.media_type(kind, st.just(content) | cut | st.binary(max_size=64))
    with running(rest_app(service)) as url:
        yield schemathesis.openapi.from_url(f"{url}/openapi.json")


def test_our_routes_are_described_and_no_others(service: Service) -> None:
    paths = describe(router(service).routes)["paths"]
    assert {path: next(iter(methods)).upper() for path, methods in paths.items()} == OPERATIONS


def test_of_files_it_says_what_they_are(service: Service) -> None:
    for methods in describe(router(service).routes)["paths"].values():
        for operation in methods.values():
            form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
            if form is None:
                continue
            given_as_file = {name for name, field in form["schema"]["properties"].items() if "format" in field}
            assert given_as_file == set(form["encoding"]) <= FILES
            assert all(encoded["contentType"].count("/") >= 1 for encoded in form["encoding"].values())


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", OPERATIONS)
def test_requests_are_answered_as_described(described: Any, path: str, mode: GenerationMode) -> None:
    if mode is GenerationMode.NEGATIVE and OPERATIONS[path] == "GET":
        pytest.skip("it takes nothing that could be wrong")
    seen: Counter[int] = Counter()

    @settings(
        max_examples=REQUESTS,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(described[path][OPERATIONS[path]].as_strategy(mode))
    def ask(case: Any) -> None:
        answer = case.call(timeout=120)
        case.validate_response(answer, checks=CHECKS)
        seen[answer.status_code] += 1
        if answer.status_code >= 400:
            assert set(json.loads(answer.content)["error"]) == {"code", "message"}
            assert not [leak for leak in LEAKS if leak in answer.text]

    ask()
    assert sum(seen.values()) >= 1
    assert max(seen) < 500
