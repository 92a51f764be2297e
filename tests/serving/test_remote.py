"""The service over HTTP gives what the service gives, and says what went wrong in the same words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from mm_core.samples import InvalidInput, RawInputs
from mm_core.serving.errors import Busy, NotReady, ServingError
from mm_core.serving.remote import Remote
from mm_core.serving.service import Service
from mm_core.steps import finish
from tests.serving import uploads
from tests.serving.conftest import rest_app
from tests.serving.live import running

GIVEN = RawInputs("i am so happy and you hate this", uploads.png(1), uploads.wav(1), force=("image", "audio"))


@pytest.fixture(scope="module")
def remote(service: Service) -> Iterator[Remote]:
    with running(rest_app(service)) as url:
        opened = Remote(url)
        yield opened
        opened.close()


def test_predict_is_the_services(remote: Remote, service: Service) -> None:
    got, expected = remote.predict(GIVEN), service.predict(GIVEN)
    assert got.emotion.probabilities == pytest.approx(expected.emotion.probabilities, abs=1e-5)
    assert (got.present, got.warnings, got.model) == (expected.present, expected.warnings, expected.model)


def test_explain_is_the_services(remote: Remote, service: Service) -> None:
    got, expected = remote.explain(GIVEN, label="fear"), service.explain(GIVEN, label="fear")
    assert (got.label, got.digests, got.defaults) == ("fear", expected.digests, expected.defaults)
    np.testing.assert_allclose(got.coalitions.logits["emotion"], expected.coalitions.logits["emotion"], atol=1e-5)
    assert got.inputs is not None
    assert remote.explain(GIVEN, keep_inputs=False).inputs is None


def test_files_may_be_paths(remote: Remote, tmp_path) -> None:
    path = tmp_path / "face.png"
    path.write_bytes(uploads.png(1))
    assert remote.predict(RawInputs(image=path, force=("image",))).present == ("image",)


@pytest.mark.parametrize(
    "change",
    [
        {"remove": "audio"},
        {"mask_words": ["happy"]},
        {"mask_words": [0, 1]},
        {"mask_region": (5, 5, 40, 40)},
        {"mute": (0.2, 0.6)},
        {"text": "what an awful day"},
    ],
)
def test_what_if_is_the_services(remote: Remote, service: Service, change: dict) -> None:
    record = service.explain(GIVEN)
    got, expected = remote.what_if(record, **change), service.what_if(record, **change)
    assert got.change == expected.change
    assert got.difference() == pytest.approx(expected.difference(), abs=1e-5)
    assert max(map(abs, got.difference().values())) > 1e-6


def test_what_if_with_another_picture_and_from_a_case(remote: Remote, service: Service) -> None:
    got = remote.what_if(GIVEN, image=uploads.png(9))
    # The other picture shows no face, so it counts as absent.
    assert got.after.present == service.what_if(GIVEN, image=uploads.png(9)).after.present == ("text", "audio")


def test_taking_away_from_a_record_without_inputs_asks_nobody(service: Service) -> None:
    record = service.explain(GIVEN, keep_inputs=False)
    nowhere = Remote("http://127.0.0.1:9")
    assert nowhere.what_if(record, remove="text").after.present == ("image", "audio")


def test_testing_gives_the_record_with_its_tests(remote: Remote, service: Service) -> None:
    record = service.explain(GIVEN)
    steps = list(service.evaluate_faithfulness(record, modalities=["text"]))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert len(fractions) > 2
    tested, far = steps[-1].result, finish(remote.evaluate_faithfulness(record, modalities=["text"]))
    assert tested is not None
    here, there = tested.faithfulness_of("text"), far.faithfulness_of("text")
    assert here is not None
    assert there is not None
    np.testing.assert_allclose(there.deletion, here.deletion, atol=1e-5)
    assert far.faithfulness_of("image") is None


def test_health_is_the_services(remote: Remote, service: Service) -> None:
    assert remote.health() == service.health()


def test_errors_keep_their_kind_and_words(remote: Remote, service: Service) -> None:
    with pytest.raises(InvalidInput, match="Nothing was given"):
        remote.predict(RawInputs())
    with pytest.raises(InvalidInput, match="boredom"):
        remote.explain(GIVEN, label="boredom")
    with pytest.raises(InvalidInput, match="exactly one change"):
        remote.what_if(service.explain(GIVEN))
    with pytest.raises(InvalidInput, match="not kept"):
        remote.what_if(service.explain(GIVEN, keep_inputs=False), mute=(0.1, 0.2))


def test_a_busy_app_says_when_to_come_back(remote: Remote, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise Busy(retry_after=7)

    monkeypatch.setattr(service, "arriving", full)
    with pytest.raises(Busy) as refused:
        remote.predict(GIVEN)
    assert refused.value.retry_after == 7


def test_no_app_there_is_said_plainly() -> None:
    nowhere = Remote("http://127.0.0.1:9")
    with pytest.raises(NotReady, match=r"python app\.py"):
        nowhere.predict(GIVEN)
    assert not nowhere.health().ready
    with pytest.raises(InvalidInput, match="MM_CORE_URL"):
        Remote("file:///etc/passwd")


def test_another_server_there_is_said_plainly() -> None:
    app = FastAPI()
    for path in ("/predict", "/explain"):
        app.add_api_route(path, lambda: PlainTextResponse("hello"), methods=["POST"])
    with running(app) as url:
        strange = Remote(url)
        with pytest.raises(ServingError, match="one version"):
            strange.predict(GIVEN)
        with pytest.raises(ServingError, match="one version"):
            strange.explain(GIVEN)
        assert "one version" in strange.health().reason


def test_the_remote_side_loads_no_torch() -> None:
    names = "{'torch', 'transformers', 'fastapi'}"
    code = f"import sys, mm_core.samples; from mm_core.serving import Remote; assert not {names} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
