"""The mixed load counts right: answers, tries that are turned away and told when to come back, mix-ups."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from tests.serving.live import running

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def stub() -> FastAPI:
    """Predictions are right, every other explanation is turned away, what-ifs are somebody else's."""
    app, turn = FastAPI(), itertools.count()

    @app.post("/predict")
    async def predict(request: Request) -> Response:
        return JSONResponse({"emotion": {"probabilities": {"joy": float(await request.body())}}})

    @app.post("/explain")
    async def explain(request: Request) -> Response:
        if next(turn) % 2 == 0:
            return Response(status_code=503, headers={"Retry-After": "0"})
        answer = {"emotion": {"probabilities": {"joy": float(await request.body())}}}
        return JSONResponse({"prediction": answer, "label": "joy"})

    @app.post("/what-if")
    async def what_if(request: Request) -> Response:
        return JSONResponse({"after": {"emotion": {"probabilities": {"joy": 0.9}}}, "before": {}})

    return app


def test_every_kind_is_counted_by_itself() -> None:
    import mixed

    with running(stub()) as url:
        port = int(url.rsplit(":", 1)[1])

        def wish(path: str) -> mixed.Wish:
            head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: 3\r\n\r\n"
            return mixed.Wish([(head + value).encode() for value in ("0.1", "0.2")], [{"joy": 0.1}, {"joy": 0.2}])

        asked = {"predict": wish("/predict"), "explain": wish("/explain"), "what_if": wish("/what-if")}
        outcomes = mixed.mixed_load(port, 4, 1.0, asked)
    predict, explain, what_if = (outcomes[kind].row() for kind in ("predict", "explain", "what_if"))
    assert predict["answered"] > explain["answered"] > 0
    assert (predict["answered_share"], predict["wrong"], predict["refused"]) == (1.0, 0, 0)
    assert explain["refused"] == pytest.approx(explain["answered"], abs=5)
    assert (explain["wrong"], explain["told_seconds"], explain["errors"]) == (0, 0.0, 0)
    assert what_if["wrong"] == what_if["answered"] > 0


def test_goals_are_of_predictions_and_nothing_asked_reaches_none() -> None:
    import mixed

    good = {"answered_share": 0.95, "p95_seconds": 2.9, "wrong": 0}
    assert mixed.reached(good) == {"answered_share": True, "p95_seconds": True, "wrong": True}
    bad = {"answered_share": 0.94, "p95_seconds": 3.0, "wrong": 1}
    assert mixed.reached(bad) == {"answered_share": False, "p95_seconds": False, "wrong": False}
    nothing = mixed.Outcome().row()
    assert mixed.reached(nothing) == {"answered_share": False, "p95_seconds": False, "wrong": True}


def test_the_page_says_how_busy_the_machine_was() -> None:
    import mixed

    result = {"clients": 24, "seconds": 90.0, "kinds": {"predict": mixed.Outcome([0.5, 1.0]).row()}, "reached": {}}
    for load, said in ((0.1, "otherwise idle"), (7.0, "busy with other work")):
        shown = mixed.page({**result, "made": {"machine": {"load_before": (load, 0, 0), "cores": 2}}})
        assert said in shown
        assert "| predict | 2 | 0 |" in shown


def test_decoders_are_measured_in_turns_without_the_first_round() -> None:
    import decoding

    calls: list[str] = []

    class Decoder:
        def __init__(self, name: str) -> None:
            self.name = name

        def picture(self, content: bytes) -> None:
            calls.append(self.name)

        def sound(self, content: bytes) -> None:
            assert content

    taken, spent = decoding.measure({"a": Decoder("a"), "b": Decoder("b")}, rounds=3)
    assert calls == ["a", "b"] * 4
    assert {name: len(times) for name, times in taken.items()} == {"a": 3, "b": 3}
    assert spent.keys() == taken.keys()
    assert all(value >= 0.0 for value in spent.values())


@pytest.mark.parametrize("lanes", [True, False])
def test_the_queue_alone_answers_every_kind_with_its_own(lanes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    import queueing

    monkeypatch.setattr(queueing, "PREDICT_SECONDS", 0.001)
    monkeypatch.setattr(queueing, "EXPLAIN_SECONDS", (0.001, 0.001))
    outcomes = queueing.run(lanes, clients=4, seconds=0.5)
    for kind in ("predict", "explain", "what_if"):
        row = outcomes[kind].row()
        assert row["answered"] > 0
        assert (row["wrong"], row["errors"]) == (0, 0)
    assert queueing.jobs(lanes)["explain"].in_steps == lanes


def test_what_is_expected_is_asked_as_predictions(monkeypatch: pytest.MonkeyPatch) -> None:
    import mixed

    asked: list[bytes] = []

    def answered(port: int, whole: list[bytes]) -> list[dict[str, float]]:
        asked.extend(whole)
        return [{"joy": float(b'name="audio"' in request)} for request in whole]

    monkeypatch.setattr(mixed, "expected_answers", answered)
    found = mixed.wishes(80)
    assert all(request.startswith(b"POST /predict ") for request in asked)
    assert all(request.startswith(b"POST /explain ") for request in found["explain"].requests)
    assert [found[kind].expected[0] for kind in ("predict", "explain", "what_if")] == [{"joy": n} for n in (1, 1, 0)]
    assert all(b'name="audio"' in request for request in found["what_if"].requests)  # it is to be taken away
