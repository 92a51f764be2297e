"""One model for many people: one copy of the weights, nobody's answer to anybody else, order without effect."""

from __future__ import annotations

import gc
import pickle
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from mm_core.evidence import Change, Evidence
from mm_core.explain.methods import relevance_steps
from mm_core.model import TriadModel
from mm_core.prediction import Prediction
from mm_core.samples import InvalidInput, RawInputs, Sample
from mm_core.serving import zerogpu
from mm_core.serving.errors import Busy, NoAnswer
from mm_core.serving.limits import Limits
from mm_core.serving.rest import router
from mm_core.serving.service import Service
from mm_core.steps import finish
from tests.serving import uploads
from tests.toys import toy_model, toy_sample

SHAPES: tuple[tuple[str, ...], ...] = (
    ("text",), ("image",), ("audio",), ("text", "image"), ("text", "audio"), ("image", "audio"),
    ("text", "image", "audio"),
)  # fmt: skip
WORDS = ("so happy", "what an awful day", "i hate this and you", "never always", "the day was great")


def many(count: int) -> list[Sample]:
    """Different cases of all shapes."""
    made = [toy_sample(seed, SHAPES[seed % len(SHAPES)]) for seed in range(count)]
    return [s.replace(text=WORDS[i % len(WORDS)]) if s.text else s for i, s in enumerate(made)]


def same(got: Prediction, expected: Prediction) -> bool:
    near = pytest.approx(expected.emotion.probabilities, abs=1e-4)
    return got.present == expected.present and got.emotion.probabilities == near


def test_nobody_gets_another_ones_answer_whatever_the_order(service: Service) -> None:
    samples = many(60)
    expected = [service.model.predict(sample) for sample in samples]
    for seed in (1, 2):
        order = np.random.default_rng(seed).permutation(len(samples))
        with ThreadPoolExecutor(20) as people:
            answers = dict(zip(order, people.map(lambda i: service.predict(samples[i]), order), strict=True))
        assert all(same(answers[i], expected[i]) for i in range(len(samples)))
    # The test means something: these answers differ from each other.
    confidences = {round(answer.emotion.confidence, 4) for answer in expected}
    assert len(confidences) > 30


def test_there_is_one_copy_of_the_weights_and_one_worker() -> None:
    # Both counts are of the whole process, where other tests left some.
    copies, workers = count_models(), count_workers()
    service = Service(toy_model())
    try:
        router(service)
        with ThreadPoolExecutor(8) as people:
            list(people.map(service.predict, many(16)))
        service.explain(toy_sample())
        assert count_models() == copies + 1
        assert count_workers() == workers + 1
    finally:
        service.close()


def count_models() -> int:
    gc.collect()
    return sum(type(thing) is TriadModel for thing in gc.get_objects())


def count_workers() -> int:
    return sum(thread.name == "model" for thread in threading.enumerate())


def test_what_was_handed_in_is_decoded_on_the_way(service: Service) -> None:
    given = RawInputs("i am so happy today", uploads.png(4), uploads.wav(4), force=("image", "audio"))
    assert same(service.predict(given), service.model.predict(uploads.sample(4)))


def test_what_can_not_be_judged_does_not_enter_the_queue(service: Service) -> None:
    with pytest.raises(InvalidInput, match="Nothing was given"):
        service.predict(RawInputs())
    with pytest.raises(InvalidInput, match="can be used"):
        service.predict(RawInputs("?!"))


def test_a_full_queue_refuses_before_anything_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(toy_model(), Limits(capacity=1))
    monkeypatch.setattr(RawInputs, "read", lambda self: pytest.fail("it was decoded"))
    with service.arriving("predict"), pytest.raises(Busy):
        service.predict(RawInputs("so happy"))
    service.close()


def test_an_answer_that_is_not_a_number_never_leaves(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    logits = service.model.logits

    def poisoned(*args: object, **options: object) -> object:
        answer = logits(*args, **options)  # type: ignore[arg-type]
        answer.emotion[:, 0] = torch.nan
        return answer

    monkeypatch.setattr(service.model, "logits", poisoned)
    with pytest.raises(NoAnswer):
        service.predict(toy_sample())


def test_an_explanation_speaks_about_the_answer(service: Service) -> None:
    sample = toy_sample(5)
    evidence = service.explain(sample, label="fear", keep_inputs=False)
    assert isinstance(evidence, Evidence)
    assert (evidence.label, evidence.inputs) == ("fear", None)
    assert same(evidence.prediction, service.model.predict(sample))
    with pytest.raises(InvalidInput, match="boredom"):
        service.explain(sample, label="boredom")


def test_health_follows_the_service() -> None:
    service = Service(toy_model())
    assert service.health().ready
    service.close()
    assert not service.health().ready
    assert "closing" in service.health().reason


def test_away_from_zerogpu_a_marked_function_is_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    assert zerogpu.on_gpu(many) is many
    assert not zerogpu.is_active()


def test_on_zerogpu_a_function_is_marked_once_with_its_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    class Spaces:
        @staticmethod
        def GPU(function: object, duration: int) -> str:
            seen.update(function=function, duration=duration)
            return "marked"

    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setitem(__import__("sys").modules, "spaces", Spaces)
    monkeypatch.setattr(zerogpu.importlib.util, "find_spec", lambda name: object())
    assert zerogpu.on_gpu(many) == "marked"
    assert seen == {"function": many, "duration": zerogpu.GPU_SECONDS}
    service = Service(toy_model())
    assert service._batcher.limits.max_batch == 1
    service.close()


def test_on_zerogpu_a_test_of_maps_is_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zerogpu, "is_active", lambda: True)
    service = Service(toy_model())
    sample = toy_sample(3, ("text", "image")).replace(text="i am so happy and you hate this")
    (step,) = service.evaluate_faithfulness(service.explain(sample), modalities=["text"])
    assert step.fraction == 1.0
    assert step.result is not None
    assert step.result.faithfulness_of("text").testable
    service.close()


def test_a_test_of_maps_lets_others_pass_and_can_be_cancelled(service: Service) -> None:
    sample = toy_sample(3).replace(text="i am so happy and you hate this")
    steps = service.evaluate_faithfulness(service.explain(sample))
    assert next(steps).fraction == 0.0
    assert same(service.predict(toy_sample(1)), service.model.predict(toy_sample(1)))
    assert next(steps).fraction > 0.0
    steps.close()
    assert service.health().waiting == 0
    with pytest.raises(StopIteration):
        next(steps)


def test_an_answer_does_not_wait_for_a_whole_explanation(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    predict = service.model.predict_batch

    def noted(*arguments: object) -> object:
        order.append("map")
        if order.count("map") == 1:  # somebody asks while the first map is made
            service.submit("predict", toy_sample(1)).future.add_done_callback(lambda _: order.append("answered"))
        return relevance_steps(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("mm_core.evidence.session.relevance_steps", noted)
    monkeypatch.setattr(service.model, "predict_batch", lambda given: order.append("predict") or predict(given))
    service.explain(toy_sample(), methods=["gradient_x_input"])
    assert order == ["map", "predict", "answered", "map", "map"]


def test_a_record_that_does_not_fit_is_not_tested(service: Service) -> None:
    record = service.explain(toy_sample(1))
    elsewhere = replace(record, prediction=replace(record.prediction, model={"name": "another", "hash": "ff"}))
    with pytest.raises(InvalidInput, match="another model"):
        next(service.evaluate_faithfulness(elsewhere))
    with pytest.raises(InvalidInput, match="not kept"):
        next(service.evaluate_faithfulness(record.without_inputs()))
    with pytest.raises(InvalidInput, match="no such map"):
        finish(service.evaluate_faithfulness(record, methods=["occlusion"]))


def test_what_goes_into_a_pass_and_comes_out_can_travel_between_processes(service: Service) -> None:
    sample = toy_sample(6)
    copy = pickle.loads(pickle.dumps(sample))
    assert same(service.model.predict(copy), service.model.predict(sample))
    evidence = pickle.loads(pickle.dumps(service.explain(sample)))
    assert evidence.label == service.explain(sample).label


def test_what_was_given_goes_with_its_answer() -> None:
    """Reference circles would keep people's pictures and voices until the collector comes by."""
    kept: list[weakref.ref[Sample]] = []

    def fresh(seed: int) -> Sample:
        made = toy_sample(seed, ("text", "image", "audio"))
        kept.append(weakref.ref(made))
        return made

    served = Service(toy_model())
    served.explain(toy_sample(0))  # what loads when first needed makes circles of its own
    gc.collect()
    gc.disable()
    try:
        served.predict(fresh(1))
        served.what_if(fresh(2), Change(remove="text"))
        served.explain(fresh(3), keep_inputs=False)
        served.submit("predict", fresh(4)).cancel()
        served.predict(fresh(5))
        end = time.monotonic() + 10.0
        while any(reference() for reference in kept) and time.monotonic() < end:
            time.sleep(0.01)  # the worker lets go of a batch once it was answered
        assert [reference() for reference in kept] == [None] * 5
    finally:
        gc.enable()
        served.close()
