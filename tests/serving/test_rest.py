"""The REST API over HTTP in process, with a toy model."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

import numpy as np
import pytest
from starlette.testclient import TestClient

from mm_core import __version__
from mm_core.evidence import Evidence
from mm_core.prediction import Prediction
from mm_core.serving import logs, schema
from mm_core.serving.service import Service
from tests.samples.pictures import encoded, two_faces
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
    files = {"text": (None, "so happy"), "image": ("a.png", uploads.png(9), "image/png")}
    assert client.post("/check", files=files).json() == schema.CHECK_EXAMPLE


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
        ({"files": {"text": (None, "sad"), "force": (None, "smell")}}, 422, "invalid_input"),
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
    assert health["version"] == __version__


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
    assert set(form) == {"text", "image", "audio", "reference", "force", "noise_reduction", "face"}
    assert {"200", "400", "413", "415", "422", "503", "504"} <= set(paths["/predict"]["post"]["responses"])
    assert {"/predict", "/explain", "/what-if", "/faithfulness", "/health", "/metrics"} <= set(paths)


def test_the_reference_shows_every_route_and_loads_nothing(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    for route in (
        "POST /predict",
        "POST /check",
        "POST /explain",
        "POST /what-if",
        "POST /faithfulness",
        "GET /health",
        "GET /metrics",
    ):
        assert route in page.text
    assert "<script" not in page.text
    assert "curl -F text=" in page.text
    assert "&quot;joy&quot;: 0.91" in page.text


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


def test_explain_answers_json_the_file_or_a_page(client: TestClient, service: Service) -> None:
    case = uploads.case(2)
    case["data"] |= {"label": "fear", "methods": "gradient_x_input"}
    plain = client.post("/explain", **case).json()
    assert (plain["task"], plain["label"]) == ("emotion", "fear")
    assert Prediction.from_json(plain["prediction"]).present == ("text", "image", "audio")
    game = plain["contributions"]["logit"]
    assert sum(game["dividends"].values()) == pytest.approx(
        game["worths"]["text+image+audio"] - game["worths"]["none"]
    )
    relevance = {found["modality"]: found for found in plain["relevance"]}
    assert len(relevance["text"]["values"]) == len(plain["units"]["text"]["labels"]) == 5
    assert len(plain["attention"]["text->audio"]) == 5

    file = client.post("/explain", **case, headers={"Accept": schema.EVIDENCE_FILE})
    assert file.headers["content-type"] == schema.EVIDENCE_FILE
    record = Evidence.from_bytes(file.content)
    assert record.inputs is None
    assert record.relevance_of("text", "gradient_x_input").values.tolist() == relevance["text"]["values"]

    page = client.post("/explain", **case, headers={"Accept": "text/html,application/xhtml+xml"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<html" in page.text


def test_inputs_are_in_the_record_only_if_asked_for(client: TestClient) -> None:
    case = uploads.case(2)
    case["data"] |= {"keep_inputs": "yes"}
    record = Evidence.from_bytes(client.post("/explain", **case, headers={"Accept": "application/zip"}).content)
    assert record.inputs is not None
    assert record.inputs.text == "i am so happy today"


def test_what_if_of_a_case_says_what_changes(client: TestClient) -> None:
    case = uploads.case(2)
    case["data"] |= {"change": '{"remove": "audio"}'}
    answer = client.post("/what-if", **case).json()
    assert answer["change"] == "Without the voice"
    assert answer["before"]["present"] == ["text", "image", "audio"]
    assert answer["after"]["present"] == ["text", "image"]
    joy = answer["after"]["emotion"]["probabilities"]["joy"] - answer["before"]["emotion"]["probabilities"]["joy"]
    assert answer["difference"]["emotion"]["joy"] == pytest.approx(joy)


@pytest.mark.parametrize(
    "change",
    [
        "", "[]", "{}", "null", "{", '{"remove": 3}', '{"mute": [1]}', '{"mute": [NaN, 1]}',
        '{"mask_region": [1e999, 0, 1, 1]}',
        '{"mask_words": [99]}', '{"mask_words": "x"}', '{"remove": "smell"}', '{"remove": "text", "mute": [0, 1]}',
        '{"mask_region": [' + "9" * 500 + ', 0, 1, 1]}', "[" * 100_000,
    ],
)  # fmt: skip
def test_changes_that_make_no_sense_are_refused(client: TestClient, change: str) -> None:
    files = {"text": (None, "i am so happy"), "change": (None, change)}
    answer = client.post("/what-if", files=files)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input")


def test_a_record_and_a_case_together_are_refused(client: TestClient, service: Service) -> None:
    record = service.explain(uploads.sample()).to_bytes()
    files = {"text": (None, "so happy"), "evidence": ("case.triad", record), "change": (None, '{"remove": "text"}')}
    answer = client.post("/what-if", files=files)
    assert answer.status_code == 422
    assert "not both" in answer.json()["error"]["message"]


def test_a_record_with_inputs_beyond_the_limits_is_refused(client: TestClient, service: Service) -> None:
    sample = uploads.sample()
    record = service.explain(sample)
    assert record.inputs is not None
    huge = sample.replace(audio=replace(sample.audio, waveform=np.ones(31 * 16_000, np.float32)))
    inputs = replace(record.inputs, waveform=huge.audio.waveform)
    forged = replace(record, inputs=inputs, digests=huge.digests()).to_bytes()
    files = {"evidence": ("case.triad", forged), "change": (None, '{"remove": "text"}')}
    answer = client.post("/what-if", files=files)
    assert answer.status_code == 422
    assert "larger than this app reads" in answer.json()["error"]["message"]


def test_maps_are_tested_on_request(client: TestClient, service: Service) -> None:
    record = service.explain(uploads.sample(0, "i am so happy and you hate this"))
    files = {"evidence": ("case.triad", record.to_bytes()), "modalities": (None, "text")}
    tests = client.post("/faithfulness", files=files).json()["faithfulness"]
    assert {test["modality"] for test in tests} == {"text"}
    assert all(0 < test["deletion_p"] <= 1 for test in tests)
    other = replace(record, prediction=replace(record.prediction, model={"name": "toy", "hash": "other"}))
    answer = client.post("/faithfulness", files={"evidence": ("case.triad", other.to_bytes())})
    assert answer.status_code == 422
    assert "another model" in answer.json()["error"]["message"]


def test_which_face_is_judged_can_be_said(client: TestClient) -> None:
    files = {"image": ("a.png", encoded(two_faces()), "image/png")}
    largest, second = (client.post("/predict", data=data, files=files).json() for data in ({}, {"face": "2"}))
    assert any("the largest, face 1, is judged" in words for words in largest["warnings"])
    assert any("face 2 is judged, as asked" in words for words in second["warnings"])
    assert largest["emotion"]["probabilities"] != second["emotion"]["probabilities"]
    refused = client.post("/predict", data={"face": "3"}, files=files)
    assert refused.status_code == 422
    assert "There is no face 3" in refused.json()["error"]["message"]
