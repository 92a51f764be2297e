"""The deletion and insertion test, on answers whose right order is known."""

import numpy as np
import pytest
import torch

from mm_core.explain.deletion_test import FEWEST_UNITS, curve_steps, evaluate_faithfulness, order_of
from mm_core.explain.records import RANDOM_ORDERS, Relevance
from mm_core.explain.target import Target
from mm_core.explain.trace import Trace
from mm_core.steps import finish
from tests.toys import toy_model, toy_sample


class Additive:
    """A trace whose probability is the share of weight that is left; a second setting halves it."""

    def __init__(self, weights, present=("text",)):
        self.weights = np.asarray(weights, float)
        self.present = present
        self.units = {"text": range(len(weights))}
        self.calls = 0

    def target(self, task, label):
        return Target(task, label, 0)

    def probabilities_without(self, modality, target, removed, settings):
        self.calls += 1
        left = (~removed * self.weights).sum(1) / max(1e-9, self.weights.sum())
        return np.stack([left * (1.0 if set(given) == {"text"} else 0.5) for given in settings]).astype(np.float32)


def map_of(values, method="occlusion"):
    return Relevance("text", method, "emotion", "joy", np.asarray(values, np.float32), True)


WEIGHTS = [0.1, 5.0, 0.2, 3.0, 1.0, 0.3, 2.0, 0.4, 0.7]


def test_the_right_order_beats_all_random_ones():
    (found,) = finish(evaluate_faithfulness(Additive(WEIGHTS), [map_of(WEIGHTS)]))
    assert found.testable
    assert found.deletion_p == found.insertion_p == 0.01
    assert found.verdict == "better than chance"
    assert found.better_than_chance is True
    assert found.random_deletion.shape == (RANDOM_ORDERS, len(found.steps))
    assert found.comprehensiveness > 0.5 > found.sufficiency


def test_the_reverse_order_is_beaten_by_all():
    (found,) = finish(evaluate_faithfulness(Additive(WEIGHTS), [map_of(-np.array(WEIGHTS))]))
    assert found.deletion_p == found.insertion_p == 1.0
    assert found.verdict == "no better than chance"


def test_curves_by_hand():
    weights = [4.0, 3.0, 2.0, 1.0, 0.0]
    (found,) = finish(evaluate_faithfulness(Additive(weights), [map_of(weights)]))
    assert found.steps.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.deletion == pytest.approx([1, 0.6, 0.3, 0.1, 0, 0])
    assert found.insertion == pytest.approx([0, 0.4, 0.7, 0.9, 1, 1])
    assert found.deletion_auc == pytest.approx((0.5 + 0.6 + 0.3 + 0.1) / 5)
    assert found.insertion_auc == pytest.approx((0.4 + 0.7 + 0.9 + 1 + 0.5) / 5)
    assert found.comprehensiveness == pytest.approx((0.4 + 0.7) / 2)
    assert found.sufficiency == pytest.approx((0.6 + 0.3) / 2)


def test_ties_count_against_the_map():
    (found,) = finish(
        evaluate_faithfulness(Additive(np.ones(8)), [map_of(np.arange(8))])
    )  # every order is as good as every other
    assert found.deletion_p == found.insertion_p == 1.0


def test_a_constant_map_gains_nothing_by_the_order_of_its_units():
    weights = np.arange(9, 0, -1.0)  # the first units matter most: the order of units would win
    found = [
        finish(evaluate_faithfulness(Additive(weights), [map_of(np.zeros(9))], seed=seed))[0].deletion_p
        for seed in range(40)
    ]
    assert np.mean(np.array(found) < 0.05) < 0.2


def test_fewer_than_five_units_are_not_testable():
    trace = Additive([1.0] * (FEWEST_UNITS - 1))
    (found,) = finish(evaluate_faithfulness(trace, [map_of([1, 2, 3, 4])]))
    assert (found.testable, found.verdict, found.better_than_chance) == (False, "not testable", None)
    assert np.isnan(found.deletion_p)
    assert trace.calls == 0
    assert finish(evaluate_faithfulness(Additive([1.0] * FEWEST_UNITS), [map_of(range(FEWEST_UNITS))]))[0].testable


def test_alone_and_with_the_others():
    alone, together = finish(evaluate_faithfulness(Additive(WEIGHTS, ("text", "audio")), [map_of(WEIGHTS)]))
    assert (alone.alone, together.alone) == (True, False)
    assert together.deletion == pytest.approx(0.5 * alone.deletion)


def test_several_maps_share_the_random_orders():
    good, bad = finish(
        evaluate_faithfulness(Additive(WEIGHTS), [map_of(WEIGHTS), map_of(-np.array(WEIGHTS), "rollout")])
    )
    assert (good.method, bad.method) == ("occlusion", "rollout")
    assert np.array_equal(good.random_deletion, bad.random_deletion)
    # Random insertion is random deletion of the reversed orders.
    assert np.array_equal(good.random_insertion, good.random_deletion[:, ::-1])


def test_the_same_state_is_asked_for_once():
    class Counting(Additive):
        seen = 0

        def probabilities_without(self, modality, target, removed, settings):
            assert len(np.unique(removed, axis=0)) == len(removed)
            self.seen += len(removed)
            return super().probabilities_without(modality, target, removed, settings)

    trace = Counting(np.ones(5))
    finish(evaluate_faithfulness(trace, [map_of(range(5))]))
    assert trace.seen <= 2**5


def test_progress_rises_to_one_and_closing_cancels():
    trace = Additive(np.arange(1.0, 37))
    steps = list(evaluate_faithfulness(trace, [map_of(np.arange(36))]))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len(steps) > 5
    assert [step.result is None for step in steps] == [True] * (len(steps) - 1) + [False]
    trace.calls = 0
    steps = evaluate_faithfulness(trace, [map_of(np.arange(36))])
    next(steps)
    steps.close()
    assert trace.calls == 1


@pytest.mark.parametrize("count", [5, 6, 7, 8, 11, 36, 234])
def test_steps_lie_the_same_from_both_ends(count):
    steps = curve_steps(count)
    assert steps[0] == 0
    assert steps[-1] == count
    assert (np.diff(steps) > 0).all()
    assert np.array_equal(count - steps[::-1], steps)
    assert len(steps) <= 8


def test_order_runs_from_high_to_low_with_random_ties():
    random = np.random.default_rng(0)
    assert order_of(np.array([0.1, 0.9, 0.5]), random).tolist() == [1, 2, 0]
    firsts = {int(order_of(np.zeros(4), random)[0]) for _ in range(50)}
    assert firsts == {0, 1, 2, 3}


def test_on_a_model_curves_start_and_end_where_they_must():
    model = toy_model()
    trace = Trace(model, toy_sample())
    label = model.predict(toy_sample()).emotion.label
    given = Relevance("audio", "occlusion", "emotion", label, np.arange(8, dtype=np.float32), True)
    alone, together = finish(evaluate_faithfulness(trace, [given]))
    assert together.deletion[0] == pytest.approx(model.predict(toy_sample()).emotion.confidence, abs=1e-5)
    single = model.predict(toy_sample(modalities=("audio",))).emotion.probabilities[label]
    assert alone.deletion[0] == pytest.approx(single, abs=1e-5)
    for found in (alone, together):
        assert found.deletion[0] == pytest.approx(found.insertion[-1])
        assert found.deletion[-1] == pytest.approx(found.insertion[0])
        assert np.ptp(found.random_deletion[:, 0]) == np.ptp(found.random_deletion[:, -1]) == 0
    with torch.no_grad():
        tokens = trace.encode_without("audio", np.ones((1, 8), bool))
    empty = trace.probability(trace.target("emotion", label), "audio", tokens, trace.present)
    assert together.deletion[-1] == pytest.approx(float(empty[0]), abs=1e-6)
