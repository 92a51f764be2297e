"""The contract of a Client, run on the service of this process and on the running app over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import get_type_hints

import numpy as np
import pytest

from mm_core.errors import TriadError
from mm_core.evidence import Change, Evidence
from mm_core.resources import EXAMPLES
from mm_core.samples import InvalidInput, RawInputs
from mm_core.samples.image import read_picture
from mm_core.samples.raw_inputs import png
from mm_core.serving.client import Client
from mm_core.serving.errors import Busy
from mm_core.serving.remote import Remote
from mm_core.serving.service import Service
from mm_core.steps import finish
from tests.serving import uploads
from tests.serving.conftest import rest_app
from tests.serving.live import running

GIVEN = RawInputs("i am so happy and you hate this", uploads.png(1), uploads.wav(1), force=("image", "audio"))

CHANGES = [
    Change(remove="audio"),
    Change(mask_words=["happy"]),
    Change(mask_words=[0, 1]),
    Change(mask_region=(5, 5, 40, 40)),
    Change(mute=(0.2, 0.6)),
    Change(text="what an awful day"),
]


@pytest.fixture(scope="module")
def remote(service: Service) -> Iterator[Remote]:
    with running(rest_app(service)) as url:
        opened = Remote(url)
        yield opened
        opened.close()


@pytest.fixture(params=["service", "remote"])
def client(request: pytest.FixtureRequest) -> Client:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def record(service: Service) -> Evidence:
    return service.explain(GIVEN)


def test_every_way_is_a_client(client: Client) -> None:
    assert isinstance(client, Client)
    for name in ("read", "predict", "explain", "what_if", "evaluate_faithfulness", "watch", "keep", "kept", "health"):
        theirs, ours = get_type_hints(getattr(type(client), name)), get_type_hints(getattr(Client, name))
        assert {key: theirs[key] for key in ours} == ours, name


def test_predict_is_the_models_answer(client: Client, service: Service) -> None:
    got, expected = client.predict(GIVEN), service.model.predict(GIVEN.read())
    assert got.emotion.probabilities == pytest.approx(expected.emotion.probabilities, abs=1e-5)
    assert (got.present, got.warnings, got.model) == (expected.present, expected.warnings, expected.model)


def test_a_decoded_case_is_answered_like_its_files(client: Client) -> None:
    sample = GIVEN.read()
    from_sample, from_files = client.predict(sample), client.predict(GIVEN)
    assert from_sample.emotion.probabilities == pytest.approx(from_files.emotion.probabilities, abs=1e-5)
    assert client.explain(sample).digests == sample.digests()


def test_another_face_of_the_picture_is_chosen(client: Client) -> None:
    alone = read_picture(EXAMPLES / "astronaut.jpg")
    checked = client.read(RawInputs(image=png(np.hstack((alone, alone[:, ::-1])))))
    assert checked.picture is not None
    assert len(checked.picture.faces) == 2
    other = checked.choosing_face(2)
    assert other.picture is not None
    kept = client.explain(other.case).inputs
    assert kept is not None
    assert kept.face == tuple(other.picture.faces[1].box)
    with pytest.raises(InvalidInput, match="no face 3"):
        checked.choosing_face(3)


def test_a_case_is_checked_before_it_is_asked_about(client: Client, tmp_path) -> None:
    path = tmp_path / "noise.png"
    path.write_bytes(uploads.png(9))  # it shows no face
    checked = client.read(RawInputs("so happy", image=path))
    path.unlink()  # as a page does with its uploads
    assert (checked.present, checked.ignored) == (("text",), {"image"})
    assert [(notice.modality, notice.code) for notice in checked.notices] == [("image", "no-face")]
    assert client.predict(checked.case).present == ("text",)
    forced = checked.using("image")
    assert (forced.present, forced.ignored) == (("text", "image"), frozenset())
    assert client.predict(forced.case).present == ("text", "image")
    with pytest.raises(InvalidInput, match="Nothing was given"):
        client.read(RawInputs())


def test_files_may_be_paths(client: Client, tmp_path) -> None:
    path = tmp_path / "face.png"
    path.write_bytes(uploads.png(1))
    assert client.predict(RawInputs(image=path, force=("image",))).present == ("image",)


def test_explain_takes_its_options(client: Client, record: Evidence) -> None:
    got = client.explain(GIVEN, label="positive", task="sentiment", methods=["occlusion"])
    assert (got.label, got.task, got.digests, got.defaults) == (
        "positive",
        "sentiment",
        record.digests,
        record.defaults,
    )
    assert {made.method for made in got.relevance} == {"occlusion"}
    np.testing.assert_allclose(got.coalitions.logits["emotion"], record.coalitions.logits["emotion"], atol=1e-5)
    assert got.inputs is not None
    assert client.explain(GIVEN, keep_inputs=False).inputs is None


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.in_words())
def test_a_change_moves_the_answer(client: Client, service: Service, record: Evidence, change: Change) -> None:
    got, expected = client.what_if(record, change), service.what_if(record, change)
    assert got.change == expected.change == change.in_words()
    assert got.difference() == pytest.approx(expected.difference(), abs=1e-5)
    assert max(map(abs, got.difference().values())) > 1e-6


def test_another_picture_is_checked_like_the_first(client: Client) -> None:
    # The other picture shows no face, so it counts as absent.
    assert client.what_if(GIVEN, Change(image=uploads.png(9))).after.present == ("text", "audio")


def test_taking_away_from_a_record_without_inputs_asks_nobody(
    client: Client, record: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_what_if", lambda *_: pytest.fail("the model was asked"))
    assert client.what_if(record.without_inputs(), Change(remove="text")).after.present == ("image", "audio")


def test_testing_gives_the_record_with_its_tests(client: Client, service: Service, record: Evidence) -> None:
    steps = list(client.evaluate_faithfulness(record, modalities=["text"]))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert [step.result is None for step in steps] == [True] * (len(steps) - 1) + [False]
    tested = steps[-1].result
    assert tested is not None
    assert tested.faithfulness_of("image") is None
    got = tested.faithfulness_of("text")
    expected = finish(service.evaluate_faithfulness(record, modalities=["text"])).faithfulness_of("text")
    assert got is not None
    assert expected is not None
    np.testing.assert_allclose(got.deletion, expected.deletion, atol=1e-5)


def test_a_kept_record_comes_back_as_it_was(client: Client, record: Evidence) -> None:
    name = client.keep(record)
    assert client.kept(name).to_bytes() == record.to_bytes()
    bare = record.without_inputs()
    assert client.kept(client.keep(bare)).to_bytes() == bare.to_bytes()
    with pytest.raises(InvalidInput, match="no longer leads to a case"):
        client.kept("A" * 22)


def test_both_ways_lead_to_the_same_records(remote: Remote, service: Service, record: Evidence) -> None:
    assert service.kept(remote.keep(record)).digests == remote.kept(service.keep(record)).digests == record.digests


def test_health_says_what_answers(client: Client, service: Service) -> None:
    health = client.health()
    assert health.ready
    assert (health.model, health.hash) == (service.model.name, service.model.hash)


def test_errors_keep_their_kind_and_words(client: Client, record: Evidence) -> None:
    with pytest.raises(InvalidInput, match="Nothing was given"):
        client.predict(RawInputs())
    with pytest.raises(InvalidInput, match="boredom"):
        client.explain(GIVEN, label="boredom")
    with pytest.raises(InvalidInput, match="not kept"):
        client.what_if(record.without_inputs(), Change(mute=(0.1, 0.2)))
    with pytest.raises(InvalidInput, match="no such map"):
        finish(client.evaluate_faithfulness(record, methods=["rollout"]))


def test_a_full_queue_says_when_to_come_back(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Busy(retry_after=7)

    monkeypatch.setattr(service, "arriving", full)
    with pytest.raises(TriadError) as refused:
        client.predict(GIVEN)
    assert isinstance(refused.value, Busy)
    assert refused.value.retry_after == 7


def test_whoever_asks_the_model_of_this_process_is_told_their_place(service: Service) -> None:
    told: dict[str, list[int]] = {"predict": [], "explain": []}
    service.predict(GIVEN, told["predict"].append)
    service.explain(GIVEN, waiting=told["explain"].append)
    for places in told.values():
        assert places in ([], [0])  # nobody else asks; an answer may be there before anything is told


def test_the_place_is_told_while_others_are_before(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, let_go = threading.Event(), threading.Event()
    predict = service.model.predict_batch

    def held(samples: list) -> list:
        entered.set()
        assert let_go.wait(60)
        return predict(samples)

    monkeypatch.setattr(service.model, "predict_batch", held)
    first = service.submit("predict", service.read(GIVEN).case)
    assert entered.wait(60)
    told: list[int] = []

    def tell(ahead: int) -> None:
        told.append(ahead)
        let_go.set()

    service.predict(GIVEN, tell)
    assert first.result()
    assert told[0] == 1
