"""The REST API over HTTP in process, with a toy model."""

from __future__ import annotations

import json
import logging

import pytest
from starlette.testclient import TestClient

from mm_core.prediction import Prediction
from mm_core.serving import logs, schema
from mm_core.serving.service import Service
from tests.serving import uploads


def test_predict_answers_what_the_model_answers(client: TestClient, service: Service) -> None:
    answer = client.post("/predict", **uploads.case(3))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    got, expected = Prediction.from_json(answer.json()), service.model.predict(uploads.sample(3))
    assert got.emotion.probabilities == pytest.approx(expected.emotion.probabilities, abs=1e-5)
    assert got.agreement == pytest.approx(expected.agreement, abs=1e-5)
    assert got.present == ("text", "image", "audio")


def test_the_documented_example_has_the_fields_of_a_true_answer(client: TestClient) -> None:
    answer = client.post("/predict", **uploads.case()).json()
    assert answer.keys() == schema.PREDICTION_EXAMPLE.keys()
    assert answer["emotion"].keys() == schema.PREDICTION_EXAMPLE["emotion"].keys()
    assert client.get("/health").json().keys() == schema.HEALTH_EXAMPLE.keys()
    Prediction.from_json(schema.PREDICTION_EXAMPLE)


def test_text_alone_is_enough(client: TestClient) -> None:
    answer = client.post("/predict", **uploads.form_only(text="what an awful day"))
    assert answer.json()["present"] == ["text"]


def test_an_empty_file_field_of_a_browser_counts_as_not_given(client: TestClient) -> None:
    files = {"text": (None, "so sad"), "image": ("", b"", "application/octet-stream")}
    assert client.post("/predict", files=files).json()["present"] == ["text"]


def test_what_is_ignored_is_said(client: TestClient) -> None:
    files = {"text": (None, "so sad"), "image": ("a.png", uploads.png(), "image/png")}
    answer = client.post("/predict", files=files).json()
    assert answer["present"] == ["text"]
    assert any("face" in warning for warning in answer["warnings"])


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"files": {"text": (None, " ")}}, 422, "invalid_input"),
        ({"files": {"image": ("a.png", b"no picture", "image/png")}}, 422, "invalid_input"),
        ({"files": {"image": (None, "/etc/passwd")}}, 422, "invalid_input"),
        ({"files": {"text": ("a.txt", b"words", "text/plain")}}, 422, "invalid_input"),
        ({"files": {"text": (None, "sad"), "insist": (None, "smell")}}, 422, "invalid_input"),
        ({"files": {"text": (None, "sad"), "noise_reduction": (None, "perhaps")}}, 422, "invalid_input"),
        ({"files": {"text": (None, "sad"), "txet": (None, "sad")}}, 400, "bad_form"),
        ({"files": [("text", (None, "sad")), ("text", (None, "happy"))]}, 400, "bad_form"),
        ({"json": {"text": "sad"}}, 415, "not_a_form"),
        ({"data": {"text": "sad"}}, 415, "not_a_form"),
        ({"content": b"", "headers": {"content-type": "multipart/form-data"}}, 400, "bad_form"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; charset=idna"}}, 415, "not_a_form"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_in_json(client: TestClient, request_: dict, status: int, code: str) -> None:
    answer = client.post("/predict", **request_)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert len(answer.json()["error"]["message"]) > 20


def test_health_names_the_model(client: TestClient, service: Service) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    health = answer.json()
    assert (health["ready"], health["model"], health["hash"], health["device"]) == (True, "toy", "unsaved", "cpu")


def test_metrics_count_requests_batches_and_errors(client: TestClient) -> None:
    client.post("/predict", **uploads.form_only(text="so happy"))
    client.post("/predict", **uploads.form_only(text=""))
    lines = client.get("/metrics").text.splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert float(values['triad_requests_total{job="predict",outcome="ok",way="rest"}']) >= 1
    assert float(values['triad_errors_total{code="invalid_input"}']) >= 1
    assert float(values['triad_batch_size_count{job="predict"}']) >= 1
    assert float(values['triad_request_seconds_count{job="predict",way="rest"}']) >= 2
    assert float(values["triad_waiting"]) == 0


def test_the_description_names_every_field_and_failure(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    form = paths["/predict"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]["properties"]
    assert set(form) == {"text", "image", "audio", "insist", "noise_reduction"}
    assert {"200", "400", "413", "415", "422", "503", "504"} <= set(paths["/predict"]["post"]["responses"])
    assert {"/predict", "/explain", "/health", "/metrics"} <= set(paths)


def test_an_unknown_error_shows_nothing_and_is_logged_without_content(
    client: TestClient, service: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(samples: list) -> list:
        raise RuntimeError(f"/srv/secret.py choked on {samples[0].text}")

    monkeypatch.setattr(service.model, "predict_batch", broken)
    with caplog.at_level(logging.INFO, "triad"):
        answer = client.post("/predict", **uploads.form_only(text="my private words"))
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "failed"
    assert "secret" not in answer.text
    lines = [json.loads(logs.JsonLines().format(record)) for record in caplog.records]
    assert [line["event"] for line in lines] == ["request failed", "request"]
    assert lines[0]["error"] == "RuntimeError"
    assert any("broken" in place for place in lines[0]["at"])
    assert "private" not in json.dumps(lines)
    assert "secret" not in json.dumps(lines)


def test_log_lines_are_json_objects_on_the_stream_given(capsys: pytest.CaptureFixture[str]) -> None:
    before = list(logs.LOGGER.handlers), logs.LOGGER.propagate
    try:
        logs.configure()
        logs.log("request", milliseconds=1.5)
    finally:
        logs.LOGGER.handlers[:], logs.LOGGER.propagate = before
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["milliseconds"]) == ("request", "info", 1.5)
