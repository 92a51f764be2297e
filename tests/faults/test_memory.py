"""Resident memory does not grow with the number of requests, good and bad."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

EARLY, LATE = 200, 2000
GROWTH = 1.10


def measure() -> None:
    """Print the resident bytes of this process after EARLY and after LATE requests."""
    from mm_core.serving.limits import Limits
    from mm_core.serving.service import Service
    from tests.serving import uploads
    from tests.serving.conftest import rest_app
    from tests.serving.direct import Direct
    from tests.toys import toy_model

    def form(**given: object) -> tuple[bytes, bytes]:
        request = httpx.Request("POST", "http://test/predict", **given)  # type: ignore[arg-type]
        return request.read(), request.headers["content-type"].split("boundary=")[1].encode()

    good = [form(**uploads.case(seed, f"i am so happy {seed}")) for seed in range(12)]
    bad = [form(files={"image": ("a.png", uploads.png(seed)[:99])}) for seed in range(4)]
    direct = Direct(rest_app(Service(toy_model(), Limits(patience=600.0))))
    for number in range(1, LATE + 1):
        body, boundary = bad[number % 4] if number % 5 == 0 else good[number % 12]
        status, _, answer = direct.post("/predict", body, boundary, 60.0)
        assert status == (422 if number % 5 == 0 else 200), (number, status, answer[:300])
        if number in (EARLY, LATE):
            print(psutil.Process().memory_info().rss, flush=True)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_memory_after_2000_requests_is_that_after_200() -> None:
    code = "from tests.faults.test_memory import measure; measure()"
    root = Path(__file__).parents[2]
    # Its own process: pytest and other tests hold memory of their own.
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    early, late = map(int, done.stdout.split())
    print(f"resident: {early / 2**20:.0f} MB after {EARLY}, {late / 2**20:.0f} MB after {LATE} requests")
    assert late <= GROWTH * early
