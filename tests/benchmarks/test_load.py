"""The load test counts right: answers, refusals, wrong answers, failures."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from tests.serving.live import running

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def stub(statuses: list[int], wrong_every: int) -> FastAPI:
    """Answers with these statuses in turn; every so many answers another one's."""
    app, turn = FastAPI(), itertools.count()

    @app.post("/predict")
    async def predict(request: Request) -> Response:
        number = next(turn)
        body = float(await request.body())
        shown = body + 0.5 if number % wrong_every == wrong_every - 1 else body
        status = statuses[number % len(statuses)]
        if status == 200:
            return JSONResponse({"emotion": {"probabilities": {"joy": shown}}})
        return Response(status_code=status, headers={"Retry-After": "0"})

    return app


def request(port: int, value: str) -> bytes:
    head = f"POST /predict HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {len(value)}\r\n\r\n"
    return (head + value).encode()


def test_clients_count_what_they_see() -> None:
    import load_clients

    with running(stub([200, 503, 200, 500], wrong_every=5)) as url:
        port = int(url.rsplit(":", 1)[1])
        requests = [request(port, "0.1"), request(port, "0.2")]
        tally = load_clients.load(port, 3, 0.5, requests, [{"joy": 0.1}, {"joy": 0.2}])
    assert len(tally.seconds) > 20
    assert tally.busy == pytest.approx(len(tally.seconds) / 2, abs=3)
    assert tally.errors == pytest.approx(len(tally.seconds) / 2, abs=3)
    assert tally.wrong == pytest.approx(len(tally.seconds) / 5, abs=3)
    assert tally.lasted >= 0.5


def test_a_server_that_is_not_there_is_an_error_and_not_a_hang() -> None:
    import load_clients

    assert load_clients.load(9, 1, 0.1, [b"x"], [{}]).errors > 0


def test_the_requests_are_whole_cases_that_differ() -> None:
    import load_inputs

    made = load_inputs.requests(1)
    assert len(set(made)) == 8
    for text in load_inputs.TEXTS:
        assert len(text.split()) == 20
    head, body = made[0].split(b"\r\n\r\n", 1)
    assert f"content-length: {len(body)}".encode() in head.lower()


def test_the_summary_compares_cells_of_one_run() -> None:
    import load

    cells = [
        {"server": server, "clients": clients, "throughput": speed, "p95_ms": p95}
        for server, clients, speed, p95 in [
            ("batching", 1, 20.0, 50.0), ("single", 1, 20.0, 48.5),
            ("batching", 16, 40.0, 400.0), ("single", 16, 20.0, 800.0), ("pipelines", 16, 2.5, 6000.0),
        ]
    ]  # fmt: skip
    assert load.summary(cells) == {
        "throughput_16_batching_over_single": 2.0,
        "throughput_16_batching_over_pipelines": 16.0,
        "p95_1_batching_minus_single_ms": 1.5,
        "soak": None,
        "memory": None,
    }
    assert load.summary(cells[:1])["throughput_16_batching_over_single"] is None
    drawn = ElementTree.fromstring(load.plot(cells))
    assert len(drawn.findall(".//{http://www.w3.org/2000/svg}polyline")) == 6


def test_memory_is_read_after_few_and_after_many_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    import load

    megabytes = iter([100.0, 105.0])
    server = SimpleNamespace(port=1, requests=[], expected=[], megabytes=lambda: (next(megabytes), 0.0))
    monkeypatch.setattr(load, "load", lambda *_: load.Tally(seconds=[0.1] * 150))
    assert load.growth(server, 500) == {
        "early": 200, "late": 600, "early_mb": 100, "late_mb": 105, "late_over_early": 1.05
    }  # fmt: skip
    monkeypatch.setattr(load, "load", lambda *_: load.Tally(errors=1))
    with pytest.raises(RuntimeError, match="1 requests failed"):
        load.growth(server, 500)


def test_the_peer_answers_with_the_sizes_it_claims() -> None:
    import load_servers

    millions = {"text": 82, "image": 86, "audio": 95}
    for name, build in (("text", load_servers.text_pipeline), ("image", load_servers.image_pipeline)):
        model = build().model
        assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(millions[name], abs=1.5)
