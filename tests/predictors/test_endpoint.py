"""A model behind a URL: another Triad, and a server of a few lines that a mapping describes."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from mm_core.evidence import Change
from mm_core.evidence.session import ExplanationSession, explain, what_if
from mm_core.figures.page import evidence_page
from mm_core.predictors import UnusableAnswer, UnusablePredictor, load
from mm_core.predictors.endpoint import TRIES, EndpointDescription, EndpointFailed, TriadEndpoint
from mm_core.samples import Sample
from mm_core.serving.limits import Limits
from mm_core.serving.rest import router
from mm_core.serving.service import Service
from mm_core.steps import finish
from tests.toys import toy_model, toy_sample

MAPPED = """
kind: endpoint
url: {url}
name: from elsewhere
labels: {{POS: joy, NEG: sadness, ODD: null}}
request:
  text: inputs.text
  image: inputs.picture
  audio: inputs.sound
  also: {{parameters: {{top_k: 3}}}}
answer: result.0
headers: {{Authorization: TRIAD_TEST_TOKEN}}
"""


class Elsewhere(BaseHTTPRequestHandler):
    """Happier with "happy", with a bright picture and with a loud sound."""

    asked: list[dict[str, Any]] = []  # noqa: RUF012
    status = 200
    busy = 0
    answer: Any = None

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append({**body, "token": self.headers["Authorization"]})
        inputs = body["inputs"]
        score = 3.0 * inputs.get("text", "").count("happy")
        if "picture" in inputs:
            score += np.asarray(Image.open(io.BytesIO(base64.b64decode(inputs["picture"])))).mean() / 255
        if "sound" in inputs:
            score += np.abs(soundfile.read(io.BytesIO(base64.b64decode(inputs["sound"])))[0]).mean()
        share = 0.9 / (1 + np.exp(1 - score))
        entries = [("POS", share), ("NEG", 0.9 - share), ("ODD", 0.1)]
        found = self.answer or {"result": [[{"label": name, "score": float(value)} for name, value in entries]]}
        content = json.dumps(found).encode()
        if Elsewhere.busy:
            Elsewhere.busy -= 1
            self.send_response(503)
            self.send_header("Retry-After", "0")
        else:
            self.send_response(self.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def server(monkeypatch) -> Iterator[str]:
    monkeypatch.setenv("TRIAD_TEST_TOKEN", "secret")
    monkeypatch.setattr(Elsewhere, "asked", [])
    running = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/classify"
    running.shutdown()
    running.server_close()


def described(folder: Path, url: str, content: str = MAPPED) -> Path:
    path = folder / "predictor.yaml"
    path.write_text(content.format(url=url))
    return path


def test_a_server_that_is_described_is_explained_and_shown(server, tmp_path):
    predictor = load(described(tmp_path, server))
    assert (predictor.name, predictor.labels) == ("from elsewhere", ("joy", "sadness"))
    session = ExplanationSession(predictor, toy_sample())
    record = session.evidence("joy")
    assert record.units["text"].labels[int(record.relevance_of("text").values.argmax())] == "happy"
    assert record.contributions("joy", "probability").start == pytest.approx(0.5)
    (alone, _) = finish(session.evaluate_faithfulness(record.relevance_of("text")))
    assert alone.testable
    assert what_if(predictor, record, Change(mask_words=["happy"])).difference()["joy"] < -0.2
    assert "joy" in evidence_page(record)


def test_a_request_is_what_the_description_says(server, tmp_path):
    predictor = load(described(tmp_path, server))
    predictor.predict_batch([toy_sample(modalities=("text", "audio"))])
    (asked,) = Elsewhere.asked
    assert asked["parameters"] == {"top_k": 3}
    assert asked["token"] == "secret"
    assert set(asked["inputs"]) == {"text", "sound"}
    sound, rate = soundfile.read(io.BytesIO(base64.b64decode(asked["inputs"]["sound"])))
    assert (rate, sound.ndim) == (16_000, 1)


def test_what_is_left_out_is_shared_among_the_rest(server, tmp_path):
    (prediction,) = load(described(tmp_path, server)).predict_batch([Sample("happy happy")])
    assert sum(prediction.emotion.probabilities.values()) == pytest.approx(1.0)
    assert prediction.emotion.probabilities["joy"] == pytest.approx(1 / (1 + np.exp(-5)), abs=1e-5)


def test_nothing_and_no_words_are_answered_by_the_prior_without_a_request(server, tmp_path):
    predictor = load(described(tmp_path, server, MAPPED + "prior: {{joy: 0.8, sadness: 0.2}}\n"))
    found = predictor.predict_logits([Sample(), Sample("")]).emotion
    assert np.exp(found) == pytest.approx(np.array([[0.8, 0.2]] * 2))
    assert Elsewhere.asked == []


def test_a_busy_server_is_asked_again_but_not_for_ever(server, tmp_path, monkeypatch):
    predictor = load(described(tmp_path, server))
    monkeypatch.setattr(Elsewhere, "busy", 2)
    assert predictor.predict_batch([Sample("happy")])[0].emotion.label == "joy"
    assert len(Elsewhere.asked) == 3
    monkeypatch.setattr(Elsewhere, "busy", TRIES)
    with pytest.raises(EndpointFailed, match="status 503"):
        predictor.predict_batch([Sample("happy")])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"result": []}, "nothing at the place"),
        ({"result": [[{"label": "WHO", "score": 1.0}]]}, "no name"),
        ({"result": [{"POS": "very"}]}, "no number"),
        ({"result": [["POS"]]}, "a label and a score"),
    ],
)
def test_answers_of_another_form_are_refused(server, tmp_path, monkeypatch, answer, said):
    predictor = load(described(tmp_path, server))
    monkeypatch.setattr(Elsewhere, "answer", answer)
    with pytest.raises(UnusableAnswer, match=said):
        predictor.predict_batch([Sample("hello")])


def test_a_server_that_fails_or_is_not_there_is_told_without_its_address(server, tmp_path, monkeypatch):
    predictor = load(described(tmp_path, server))
    monkeypatch.setattr(Elsewhere, "status", 500)
    with pytest.raises(EndpointFailed, match="status 500"):
        predictor.predict_batch([Sample("hello")])
    gone = load(described(tmp_path, "http://127.0.0.1:9"))
    with pytest.raises(EndpointFailed) as failed:
        gone.predict_batch([Sample("hello")])
    assert "127.0.0.1" not in str(failed.value)


def test_a_header_that_is_not_in_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("TRIAD_TEST_TOKEN", raising=False)
    with pytest.raises(UnusablePredictor, match="TRIAD_TEST_TOKEN"):
        load(described(tmp_path, "http://127.0.0.1:9"))


@pytest.fixture(scope="module")
def app() -> Iterator[TestClient]:
    service = Service(toy_model(), Limits(patience=600.0, deadline=600.0))
    api = FastAPI()
    api.include_router(router(service))
    with TestClient(api, base_url="http://localhost") as client:
        yield client
    service.close()


def triad(client: httpx.Client, **more: Any) -> TriadEndpoint:
    return TriadEndpoint(EndpointDescription(kind="endpoint", url="http://localhost", **more), client)


def test_another_triad_is_asked_for_its_own_answers(app):
    model, sample = toy_model(), toy_sample()
    endpoint = triad(app)
    assert (endpoint.name, endpoint.hash, endpoint.labels) == (model.name, model.hash, model.labels)
    (found,), (own,) = endpoint.predict_batch([sample]), model.predict_batch([sample])
    assert found.emotion.probabilities == pytest.approx(own.emotion.probabilities, abs=1e-5)
    prior = dict(zip(model.labels, np.exp(_log_softmax(model.predict_logits([Sample()]).emotion[0])), strict=True))
    record = explain(triad(app, prior=prior), sample, methods=("occlusion",))
    expected = explain(model, sample, methods=("occlusion",)).contributions(record.label)
    assert record.contributions().shapley == pytest.approx(expected.shapley, abs=1e-4)


def test_another_model_behind_the_same_address_is_noticed(app):
    endpoint = triad(app)
    endpoint._hash = "of yesterday"
    with pytest.raises(EndpointFailed, match="another model by now"):
        endpoint.predict_batch([Sample("hello")])


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    return logits - np.log(np.exp(logits).sum())
