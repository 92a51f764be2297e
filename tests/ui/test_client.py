"""The functions that gradio_client reaches by name, on the running app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from mm_core import Evidence
from webapp import examples

FACE, VOICE = examples.FOLDER / "astronaut.jpg", examples.FOLDER / "voice-joyful.flac"


@pytest.fixture(scope="module")
def client(app_url: str) -> Iterator[Client]:
    opened = Client(app_url, verbose=False)
    yield opened
    opened.close()


def test_two_functions_and_no_more_can_be_seen(client: Client) -> None:
    seen = client.view_api(return_format="dict", print_info=False)
    assert set(seen["named_endpoints"]) == {"/predict", "/explain"}
    assert seen["unnamed_endpoints"] == {}


def test_predict_answers_as_rest_does(client: Client, app_url: str) -> None:
    given = {"text": "i am so happy today", "image": handle_file(FACE), "audio": handle_file(VOICE)}
    by_name = client.predict(**given, force=[], noise_reduction=False, api_name="/predict")
    files = {"image": FACE.read_bytes(), "audio": VOICE.read_bytes()}
    over_rest = httpx.post(f"{app_url}/predict", data={"text": given["text"]}, files=files, timeout=60).json()
    assert by_name["present"] == ["text", "image", "audio"]
    assert by_name["emotion"]["probabilities"] == pytest.approx(over_rest["emotion"]["probabilities"], abs=1e-4)
    assert by_name["agreement"] == pytest.approx(over_rest["agreement"], abs=1e-4)


def test_explain_gives_json_and_the_evidence_file(client: Client) -> None:
    answer, record = client.predict("i am so sad", None, None, [], False, "sadness", api_name="/explain")
    evidence = Evidence.load(record)
    assert answer["label"] == evidence.label == "sadness"
    assert evidence.present == ("text",)
    assert answer["prediction"]["emotion"] == evidence.prediction.to_json()["emotion"]


def test_what_was_wrong_is_told_and_nothing_else(client: Client) -> None:
    with pytest.raises(AppError, match="Nothing was given"):
        client.predict(None, None, None, [], False, api_name="/predict")
    with pytest.raises(AppError, match="no emotion called 'glee'"):
        client.predict("so happy", None, None, [], False, "glee", api_name="/explain")
    assert client.predict("so happy", None, None, [], False, api_name="/predict")["present"] == ["text"]


@pytest.mark.parametrize(("place", "words"), [(1, "not a picture"), (2, "not a sound")])
def test_a_file_of_another_kind_is_refused_in_our_words(
    client: Client, tmp_path: Path, place: int, words: str
) -> None:
    false = tmp_path / ("face.png" if place == 1 else "voice.wav")
    false.write_text("<html>neither</html>")
    given: list[object] = ["so happy", None, None, [], False]
    given[place] = handle_file(false)
    for name, more in (("/predict", []), ("/explain", [""])):
        with pytest.raises(AppError, match=words):
            client.predict(*given, *more, api_name=name)


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../../etc/passwd", "http://169.254.169.254/latest/meta-data"])
def test_a_forged_file_reference_opens_nothing(client: Client, path: str) -> None:
    forged = {"path": path, "meta": {"_type": "gradio.FileData"}}
    with pytest.raises((AppError, httpx.HTTPStatusError)) as refused:
        client.predict(None, forged, None, [], False, api_name="/predict")
    if isinstance(refused.value, httpx.HTTPStatusError):  # Gradio itself refuses addresses
        assert refused.value.response.status_code == 403
    assert "root:" not in str(refused.value)
    assert "/etc" not in str(refused.value)


def test_private_events_are_not_for_clients(client: Client) -> None:
    with pytest.raises((ValueError, AppError)):
        client.predict(["text"], api_name="/switch")
