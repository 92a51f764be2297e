"""One encoding serves every answer: coalitions, attention and gradients agree with the model's own predictions."""

import numpy as np
import pytest
import torch

from mm_core.explain.trace import Trace
from mm_core.labels import MODALITIES
from mm_core.samples import InvalidInput, Sample
from tests.toys import toy_model, toy_sample


@pytest.fixture(scope="module")
def model():
    model = toy_model()
    for task in model.calibration.temperatures.values():  # so that each coalition has a temperature of its own
        task.update({name: 0.5 + 0.1 * index for index, name in enumerate(task)})
    return model


def only(sample, *modalities):
    for modality in MODALITIES:
        if modality not in modalities:
            sample = sample.without(modality)
    return sample


@pytest.mark.parametrize("modalities", [MODALITIES, ("text", "audio"), ("image",)])
def test_every_coalition_is_what_predict_answers_for_it(model, modalities):
    sample = only(toy_sample(), *modalities)
    coalitions = Trace(model, sample).coalitions()
    assert coalitions.players == modalities
    assert coalitions.names[0] == "none"
    for row, name in enumerate(coalitions.names[1:], 1):
        answer = model.predict(only(sample, *name.split("+")))
        for task in ("emotion", "sentiment"):
            expected = list(getattr(answer, task).probabilities.values())
            assert coalitions.probabilities(task)[row] == pytest.approx(expected, abs=1e-5)
    assert coalitions.unsure_below == model.calibration.unsure_below


def test_the_empty_coalition_is_the_answer_to_nothing(model):
    coalitions = Trace(model, toy_sample()).coalitions()
    nothing = torch.zeros(1, 3, dtype=torch.bool)
    prior = model.probabilities(model.logits({}, nothing), nothing).emotion[0]
    assert coalitions.probabilities()[0] == pytest.approx(prior.detach().numpy(), abs=1e-6)


def test_agreement_is_that_of_the_smaller_case(model):
    sample = toy_sample()
    coalitions = Trace(model, sample).coalitions()
    row = coalitions.names.index("text+audio")
    expected = model.predict(only(sample, "text", "audio")).agreement["text+audio"]
    assert coalitions.agreement[row] == pytest.approx([0.5, expected, 0.5], abs=1e-5)


def test_contributions_add_up_to_the_answer(model):
    coalitions = Trace(model, toy_sample()).coalitions()
    for value in ("logit", "probability"):
        for label in coalitions.labels["emotion"]:
            solved = coalitions.contributions(label, value)
            difference = solved.total - solved.start
            assert sum(solved.dividends.values()) == pytest.approx(difference, abs=1e-5)
            assert sum(solved.shapley.values()) == pytest.approx(difference, abs=1e-5)


def test_an_ignored_modality_is_no_player(model):
    sample = toy_sample().replace(ignored=frozenset({"image"}))
    coalitions = Trace(model, sample).coalitions()
    assert coalitions.players == ("text", "audio")


def test_attention_changes_no_answer(model):
    trace = Trace(model, toy_sample())
    with_maps = torch.softmax(trace.answers.emotion, 1)
    without = torch.softmax(torch.from_numpy(trace.coalitions().logits["emotion"][-1:]), 1)
    assert torch.allclose(with_maps, without, atol=1e-5)


def test_parameters_gather_no_gradients(model):
    trace = Trace(model, toy_sample())
    target = trace.target("emotion", "joy")
    trace.gradients_of(target, [given.features for given in trace.encoded.values()])
    assert all(parameter.grad is None for parameter in model.parameters())


def test_gradients_match_finite_differences(model):
    trace = Trace(model, toy_sample())
    target = trace.target("sentiment", "positive")
    given = trace.encoded["text"]
    (slope,) = trace.gradients_of(target, [given.features])
    step = 1e-3 * torch.randn(given.features.shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        scores = [
            float(target.score(trace.answer("text", trace.encode("text", given.features + sign * step), MODALITIES)))
            for sign in (-1, 1)
        ]
    assert float((slope * step).sum()) == pytest.approx((scores[1] - scores[0]) / 2, rel=5e-2, abs=1e-6)


def test_shared_strands_are_not_encoded_again(model):
    first = Trace(model, toy_sample())
    second = Trace(model, toy_sample().without("audio"), reuse=first.encoded)
    assert second.encoded["text"] is first.encoded["text"]
    assert "audio" not in second.encoded


def test_nothing_usable_is_refused(model):
    with pytest.raises(InvalidInput):
        Trace(model, Sample())


def test_a_concatenation_has_no_attention():
    trace = Trace(toy_model(fusion="concat"), toy_sample())
    assert trace.answers.fused.attention is None
    assert np.isfinite(trace.coalitions().logits["emotion"]).all()
