"""What runs are measured by, on answers that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax

from mm_core.labels import COALITIONS, coalition_name
from mm_core.research.lab.measure import (
    WHOLE,
    all_logits,
    lines_of,
    logits_of,
    measure,
    move_experts,
    rescale_experts,
    scores,
    shares_of,
    temperatures_of,
)
from tests.research.lab.toys import fresh, small_material


class Reads(torch.nn.Module):
    """A learner that answers what one modality's tokens say, and nothing where it is absent."""

    def __init__(self, column: int, name: str):
        super().__init__()
        self.column, self.name = column, name
        self.fusion = torch.nn.Identity()

    def forward(self, tokens, presence):
        said = tokens[self.name].values[:, 0, :3].float()
        return torch.where(presence[:, self.column : self.column + 1], said, 0.0)


def test_scores_by_hand():
    logits = np.log(np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]]))
    found = scores(logits, np.array([0, 1, 1, 1]))
    assert found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert found["weighted_f1"] == pytest.approx((2 / 3 + 3 * 4 / 5) / 4)
    assert found["nll"] == pytest.approx(-np.log([0.9, 0.4, 0.7, 0.8]).mean())
    # four answers in four bins: |0.9 - 1|, |0.6 - 0|, |0.7 - 1|, |0.8 - 1|
    assert found["ece"] == pytest.approx((0.1 + 0.6 + 0.3 + 0.2) / 4)


def test_temperature_undoes_a_known_scaling():
    random = np.random.default_rng(0)
    logits = random.standard_normal((4000, 3))
    truth = np.array([random.choice(3, p=p) for p in softmax(logits, axis=1)])
    assert temperatures_of(np.stack([3.0 * logits, logits]), truth) == pytest.approx([3.0, 1.0], rel=0.1)


def test_shares_of_a_game_by_hand():
    """Text moves the answer by 3, voice by 1, nothing else: shares 3/4, 0 and 1/4."""
    logits = np.zeros((8, 1, 2))
    for pattern in range(8):
        logits[pattern, 0, 0] = 3.0 * (pattern & 1) + 1.0 * (pattern >> 2 & 1)
    assert shares_of(logits) == pytest.approx({"text": 0.75, "image": 0.0, "audio": 0.25})
    assert shares_of(np.zeros((8, 2, 3))) == {"text": 0.0, "image": 0.0, "audio": 0.0}


def test_a_reader_of_one_modality_is_seen_through():
    material = small_material()
    for m in material.test.tokens:
        values = material.test.tokens[m].values
        values[..., :3] = 10.0 * torch.eye(3)[material.test.truth][:, None]
    found = measure(Reads(1, "image"), material.test, [1.0] * 8, material.train)
    assert found["missing"]["image"]["accuracy"] == 1.0
    assert found["missing"]["text+image+audio"]["accuracy"] == 1.0
    prior = found["missing"]["none"]["accuracy"]
    assert found["missing"]["text+audio"]["accuracy"] == prior < 0.7
    assert set(found["missing"]) == {coalition_name(members) for members in COALITIONS}
    assert found["conflict"]["image"] == {"majority": 0.0, "odd": 1.0, "other": 0.0}
    assert found["conflict"]["text"] == {"majority": 1.0, "odd": 0.0, "other": 0.0}
    assert found["shares"] == pytest.approx({"text": 0.0, "image": 1.0, "audio": 0.0})
    assert [step["level"] for step in found["noise"]["image"]] == [0.0, 0.5, 1.0, 2.0]
    assert all(step["accuracy"] == 1.0 for step in found["noise"]["audio"])
    assert found["logits"].shape == (8, len(material.test), 3)


def test_temperatures_divide_the_logits_of_their_pattern():
    material = small_material()
    learner = fresh(material)
    found = measure(learner, material.test, [1, 1, 1, 1, 1, 1, 1, 4.0], material.train)["logits"]
    np.testing.assert_allclose(4.0 * found[WHOLE], logits_of(learner, material.test))
    np.testing.assert_allclose(found[1], all_logits(learner, material.test)[1])


@pytest.mark.parametrize("strategy", ["late_mean", "late_product"])
def test_experts_are_rescaled_to_the_likelihood_of_their_own_answers(strategy):
    material = small_material()
    learner = fresh(material, strategy)

    def alone(pattern: int) -> float:
        found = log_softmax(logits_of(learner, material.train, pattern), axis=1)
        return float(-found[np.arange(len(material.train)), material.train.truth].mean())

    before = [alone(1 << bit) for bit in range(3)]
    moved = rescale_experts(learner, material.train)
    after = [alone(1 << bit) for bit in range(3)]
    assert all(a <= b + 1e-6 for a, b in zip(after, before, strict=True))
    assert sum(after) < sum(before)
    assert learner.fusion.log_scales.tolist() == pytest.approx(moved.tolist(), rel=1e-4)
    move_experts(learner, -moved)
    assert learner.fusion.log_scales.tolist() == pytest.approx([0.0] * 3, abs=1e-5)


def test_other_strategies_have_no_experts():
    material = small_material()
    assert rescale_experts(fresh(material, "gated"), material.train).tolist() == [0.0, 0.0, 0.0]


def test_lines_say_what_was_true_answered_and_how_sure():
    material = small_material()
    test = material.test.take(np.arange(2))
    logits = np.log(np.array([[0.2, 0.7, 0.1], [0.5, 0.3, 0.2]]))
    lines = lines_of("a/b/c/0", test, logits, material.labels)
    assert lines["answer"].tolist() == ["middle", "left"]
    assert lines["confidence"].tolist() == pytest.approx([0.7, 0.5])
    assert lines["case"].tolist() == test.names.tolist()
    expected = [np.exp(logits[row, truth]) for row, truth in enumerate(test.truth)]
    assert lines["p_truth"].tolist() == pytest.approx(expected)
    assert lines["truth"].tolist() == [material.labels[t] for t in test.truth]
