"""Many people at once, and a model that hangs, runs out of memory or answers nonsense."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import torch

from mm_core.prediction import Prediction
from mm_core.serving.limits import Limits
from mm_core.serving.service import Service
from tests.faults.conftest import LEAKS, App
from tests.serving import uploads
from tests.serving.conftest import rest_app
from tests.serving.live import running
from tests.toys import toy_model

LONG = 60.0
"""Seconds after which a test that waits has failed."""


class Held:
    """A model whose passes wait until they are let through."""

    def __init__(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()
        self.seen: list[list[str]] = []
        predict = service.model.predict_batch

        def held(samples: list) -> list:
            self.seen.append([sample.text for sample in samples])
            self.entered.release()
            assert self.open.wait(LONG)
            return predict(samples)

        monkeypatch.setattr(service.model, "predict_batch", held)


@contextmanager
def served(**limits: Any) -> Iterator[App]:
    service = Service(toy_model(), Limits(**{"patience": 600.0, "deadline": 120.0, **limits}))
    with running(rest_app(service)) as url:
        yield App(url, service)
    service.close()


def until(happened: Any) -> None:
    end = time.monotonic() + LONG
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def text(words: str) -> dict[str, Any]:
    return {"files": {"text": (None, words)}}


class TestRow13OneBadAmongSixteen:
    def test_bad_files(self, app: App) -> None:
        start = threading.Barrier(16)

        def ask(number: int) -> httpx.Response:
            start.wait(LONG)
            if number == 7:
                return app.post(files={"image": ("a.png", uploads.png()[:100]), "force": (None, "image")})
            return app.post(**uploads.case(number))

        with ThreadPoolExecutor(16) as people:
            answers = list(people.map(ask, range(16)))
        assert [answer.status_code for answer in answers] == [422 if n == 7 else 200 for n in range(16)]
        for number in set(range(16)) - {7}:
            expected = app.service.model.predict(uploads.sample(number))
            got = Prediction.from_json(answers[number].json())
            assert got.emotion.probabilities == pytest.approx(expected.emotion.probabilities, abs=1e-4)

    def test_one_case_that_breaks_the_model(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with served() as app:
            predict = app.service.model.predict_batch
            sizes = []

            def fragile(samples: list) -> list:
                sizes.append(len(samples))
                if any(sample.text == "i hate this" for sample in samples):
                    raise RuntimeError("/srv/model.py: i hate this")
                return predict(samples)

            monkeypatch.setattr(app.service.model, "predict_batch", fragile)
            words = ["i hate this" if number == 5 else f"so happy {number}" for number in range(16)]
            # All arrive before the first pass begins, so the bad one sits among the others.
            with app.service.arriving("predict"), ThreadPoolExecutor(16) as people:
                answers = list(people.map(lambda said: app.post(**text(said)), words))
            assert [answer.status_code for answer in answers] == [500 if n == 5 else 200 for n in range(16)]
            assert max(sizes) > 1
            assert not [leak for leak in (*LEAKS, "hate") if leak in answers[5].text]
            for number in set(range(16)) - {5}:
                alone = app.post(**text(words[number])).json()
                together = answers[number].json()["emotion"]["probabilities"]
                assert together == pytest.approx(alone["emotion"]["probabilities"], abs=1e-4)


class TestRow14Pressure:
    def test_a_flood_is_turned_away_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with served(capacity=4, max_batch=1) as app:
            held = Held(app.service, monkeypatch)
            with ThreadPoolExecutor(40) as people:
                first = people.submit(app.post, **text("so happy"))
                assert held.entered.acquire(timeout=LONG)
                waiting = [people.submit(app.post, **text("so sad")) for _ in range(4)]
                until(lambda: app.service.health().waiting == 4)
                flood = list(people.map(lambda _: app.post(**text("so great")), range(30)))
                assert {answer.status_code for answer in flood} == {503}
                assert {answer.json()["error"]["code"] for answer in flood} == {"busy"}
                assert all(int(answer.headers["retry-after"]) >= 1 for answer in flood)
                held.open.set()
                assert {future.result(LONG).status_code for future in (first, *waiting)} == {200}
            assert ["so great"] not in held.seen
            assert app.post(**text("so happy")).status_code == 200

    def test_a_client_that_leaves_frees_its_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with served(capacity=1, max_batch=1) as app:
            held = Held(app.service, monkeypatch)
            with ThreadPoolExecutor(2) as people:
                first = people.submit(app.post, **text("so happy"))
                assert held.entered.acquire(timeout=LONG)
                leaver = self.connect(app, "so sad")
                until(lambda: app.service.health().waiting == 1)
                assert app.post(**text("so great")).status_code == 503
                leaver.close()
                until(lambda: app.service.health().waiting == 0)
                next_one = people.submit(app.post, **text("so angry"))
                until(lambda: app.service.health().waiting == 1)
                held.open.set()
                assert first.result(LONG).status_code == next_one.result(LONG).status_code == 200
            assert held.seen == [["so happy"], ["so angry"]]

    def connect(self, app: App, words: str) -> socket.socket:
        request = httpx.Request("POST", f"{app.url}/predict", files={"text": (None, words)})
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        connection = socket.create_connection((request.url.host, request.url.port or 80))
        connection.sendall(f"POST /predict HTTP/1.1\r\n{head}\r\n".encode() + request.read())
        return connection

    def test_a_model_that_hangs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with served(deadline=0.2, stuck_after=0.2) as app:
            held = Held(app.service, monkeypatch)
            late = app.post(**text("so happy"))
            assert (late.status_code, late.json()["error"]["code"]) == (504, "deadline")
            until(lambda: not app.service.health().ready)
            assert httpx.get(f"{app.url}/health").status_code == 503
            refused = app.post(**text("so happy"))
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_ready")
            assert "retry-after" in refused.headers
            held.open.set()
            until(lambda: app.service.health().ready)
            assert httpx.get(f"{app.url}/health").json()["ready"]

    def test_out_of_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with served() as app:
            predict = app.service.model.predict_batch

            def small(samples: list) -> list:
                if len(samples) > 2:
                    raise torch.OutOfMemoryError("CUDA out of memory at /srv/x.py")
                return predict(samples)

            monkeypatch.setattr(app.service.model, "predict_batch", small)
            with app.service.arriving("predict"), ThreadPoolExecutor(12) as people:
                answers = list(people.map(lambda n: app.post(**text(f"so happy {n}")), range(12)))
            assert {answer.status_code for answer in answers} == {200}

    def test_never_nan(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with served() as app:
            logits = app.service.model.logits

            def poisoned(*args: Any, **options: Any) -> Any:
                answer = logits(*args, **options)
                answer.sentiment[:, 1] = torch.nan
                return answer

            monkeypatch.setattr(app.service.model, "logits", poisoned)
            answer = app.post(**text("so happy"))
            assert (answer.status_code, answer.json()["error"]["code"]) == (500, "no_answer")
            assert "NaN" not in answer.text
