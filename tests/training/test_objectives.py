"""Objectives, penalties, optimizers and early stopping, each on a case that can be worked out by hand."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest
import torch
from torch import nn

from mm_core.encoders.tokens import Tokens
from mm_core.fusion import Fused
from mm_core.labels import MODALITIES
from mm_core.training.loop import Schedule, fit
from mm_core.training.objectives import LearnedWeights, info_nce, soft_multilabel_cross_entropy
from mm_core.training.optimizers import EarlyStopping, build_optimizer, penalty
from mm_core.training.pairing import Contrast, Matching, broken_up


def test_info_nce_by_hand():
    """Two rows at right angles: each must choose between similarities 1 and 0, at scale s: log(1 + e^-s)."""
    rows = torch.tensor([[3.0, 0.0], [0.0, 0.5]])  # lengths don't matter
    assert float(info_nce(rows, rows, 2.0)) == pytest.approx(math.log(1 + math.exp(-2.0)))
    assert float(info_nce(rows, rows.flip(0), 2.0)) == pytest.approx(2.0 + math.log(1 + math.exp(-2.0)))


def test_info_nce_without_a_hint_is_the_entropy_of_guessing():
    same = torch.ones(5, 3)
    assert float(info_nce(same, same, 7.0)) == pytest.approx(math.log(5))


def test_rows_without_a_label_are_left_out_of_the_multilabel_loss():
    logits = torch.tensor([[2.0, -1.0], [5.0, 5.0]])
    alone = soft_multilabel_cross_entropy(logits[:1], torch.tensor([[0.8, 0.1]]))
    assert soft_multilabel_cross_entropy(logits, torch.tensor([[0.8, 0.1], [0.0, 0.0]])) == alone
    assert soft_multilabel_cross_entropy(logits, torch.zeros(2, 2)) == 0


def test_learned_weights_by_hand():
    weights = LearnedWeights(("one", "two"))
    with torch.no_grad():
        weights.log_variances["one"].fill_(math.log(2.0))
    total = weights({"one": torch.tensor(6.0), "two": torch.tensor(1.0)})
    assert total.item() == pytest.approx(6.0 / 2 + 0.5 * math.log(2.0) + 1.0)
    with pytest.raises(ValueError, match="three"):
        weights({"three": torch.tensor(1.0)})


def test_learned_weights_settle_where_the_variance_is_twice_the_loss():
    """d/ds (exp(-s) L + s / 2) = 0 at exp(s) = 2 L."""
    weights = LearnedWeights(("only",))
    optimizer = torch.optim.SGD(weights.parameters(), lr=0.5)
    for _ in range(200):
        optimizer.zero_grad()
        weights({"only": torch.tensor(3.0)}).backward()
        optimizer.step()
    assert weights.log_variances["only"].exp().item() == pytest.approx(6.0, rel=1e-3)


def three(size: int = 4) -> dict[str, Tokens]:
    """One token a modality whose values name the case."""
    values = torch.arange(size, dtype=torch.float32).view(size, 1, 1)
    return {m: Tokens(values.expand(size, 1, 2), torch.ones(size, 1, dtype=torch.bool)) for m in MODALITIES}


def test_contrast_needs_two_cases_that_have_both_modalities():
    contrast = Contrast(dict.fromkeys(MODALITIES, 2), width=3)
    alone = torch.tensor([[True, False, False]] * 4)
    assert contrast(three(), alone).item() == 0.0
    one_pair = torch.tensor([[True, True, False]] + [[True, False, False]] * 3)
    assert contrast(three(), one_pair).item() == 0.0
    everything = torch.ones(4, 3, dtype=torch.bool)
    loss = contrast(three(), everything)
    loss.backward()
    assert loss.item() > 0
    assert all((p.grad != 0).any() for p in contrast.parameters())


def test_contrast_is_the_mean_over_the_pairs_that_are_there():
    torch.manual_seed(0)
    contrast = Contrast(dict.fromkeys(MODALITIES, 2), width=3)
    tokens = {m: Tokens(torch.randn(4, 1, 2), torch.ones(4, 1, dtype=torch.bool)) for m in MODALITIES}
    two = torch.tensor([[True, False, True]] * 4)
    first, second = (contrast.projections[m](tokens[m].mean()) for m in ("text", "audio"))
    expected = info_nce(first, second, 1 / 0.07)
    torch.testing.assert_close(contrast(tokens, two), expected)


def test_broken_up_swaps_one_present_modality_for_that_of_another_class():
    presence = torch.tensor([[True, True, False]] * 40 + [[True, False, False]] * 8)
    classes = torch.arange(48) % 2
    mixed, together, known = broken_up(three(48), presence, classes, torch.Generator().manual_seed(0))
    assert known.tolist() == [True] * 40 + [False] * 8
    assert together[40:].all()
    assert 5 < int((~together).sum()) < 35
    swapped = torch.stack([mixed[m].values[:, 0, 0] != torch.arange(48) for m in MODALITIES], 1)
    assert torch.equal(swapped.any(1), ~together)
    assert (swapped.sum(1) <= 1).all()
    assert not swapped[:, 2].any(), "an absent modality tells nothing"
    for case in torch.nonzero(~together).flatten().tolist():
        column = int(swapped[case].nonzero())
        partner = int(mixed[MODALITIES[column]].values[case, 0, 0])
        assert classes[partner] != classes[case]


def test_matching_without_a_hint_costs_one_bit():
    """A head at zero answers one half: log 2, whatever was swapped."""
    matching = Matching(2)
    nn.init.zeros_(matching.head.weight)
    nn.init.zeros_(matching.head.bias)

    def fuse(tokens, presence):
        return Fused(sum(tokens[m].mean() for m in MODALITIES))

    everything, classes = torch.ones(8, 3, dtype=torch.bool), torch.arange(8) % 2
    loss = matching(fuse, three(8), everything, classes, torch.Generator().manual_seed(0))
    assert loss.item() == pytest.approx(math.log(2))
    alone = torch.tensor([[True, False, False]] * 8)
    assert matching(fuse, three(8), alone, classes, torch.Generator().manual_seed(0)).item() == 0.0


def test_penalties_by_hand_spare_biases():
    module = nn.Linear(2, 1)
    with torch.no_grad():
        module.weight.copy_(torch.tensor([[3.0, -4.0]]))
        module.bias.fill_(100.0)
    assert penalty(module, 0.1, 0.0).item() == pytest.approx(0.7)
    assert penalty(module, 0.0, 0.1).item() == pytest.approx(2.5)
    assert penalty(module, 0.1, 0.1).item() == pytest.approx(3.2)


def test_sgd_takes_the_step_of_its_definition():
    module = nn.Linear(1, 1, bias=False)
    nn.init.ones_(module.weight)
    optimizer = build_optimizer("sgd", module, 0.1, 0.0)
    module.weight.grad = torch.ones(1, 1)
    optimizer.step()
    assert module.weight.item() == pytest.approx(1 - 0.1 * 1.9)  # gradient plus Nesterov's 0.9 of it


def test_adamw_shrinks_matrices_but_not_biases():
    module = nn.Linear(1, 1)
    nn.init.ones_(module.weight)
    nn.init.ones_(module.bias)
    optimizer = build_optimizer("adamw", module, 0.1, 0.5)
    module.weight.grad, module.bias.grad = torch.zeros(1, 1), torch.zeros(1)
    optimizer.step()
    assert module.weight.item() == pytest.approx(1 - 0.1 * 0.5)
    assert module.bias.item() == 1.0


def test_an_unknown_optimizer_names_the_known_ones():
    with pytest.raises(ValueError, match="adamw, sgd"):
        build_optimizer("adam", nn.Linear(1, 1), 0.1, 0.0)


def test_early_stopping_counts_epochs_since_the_best():
    stopping = EarlyStopping("accuracy", 2)
    seen = [stopping.see({"accuracy": value}) for value in (0.5, 0.7, 0.6)]
    assert seen == [True, True, False]
    assert not stopping.over
    stopping.see({"accuracy": 0.7})
    assert stopping.over
    assert stopping.best == 0.7


def test_early_stopping_can_watch_a_loss():
    stopping = EarlyStopping("-nll", 1)
    assert stopping.see({"nll": 2.0})
    assert stopping.see({"nll": 1.0})
    assert not stopping.see({"nll": 1.5})
    assert stopping.over
    with pytest.raises(ValueError, match="nll"):
        stopping.see({"accuracy": 1.0})


class Drifting:
    """A weight that each epoch pulls further from where validation wants it: best after the second epoch."""

    def __init__(self):
        self.module = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(self.module.weight)
        self.epochs = 0

    def steps(self):
        return 1

    def batches(self, epoch):
        self.epochs += 1
        yield torch.ones(1, 1)

    def loss(self, module, batch):
        return -module(batch).sum()  # always upwards

    def validate(self, module):
        return {"accuracy": 1 - abs(module.weight.item() - 0.2)}


def test_the_loop_stops_early_and_keeps_the_best_weights(tmp_path, monkeypatch):
    monkeypatch.setattr("mm_core.training.loop.one_cycle", lambda progress, warmup: 1.0)
    schedule = Schedule(20, 0.1, 0.0, precision="no", patience=3)
    task = Drifting()
    report = fit(task, schedule, tmp_path, quiet=True)
    assert len(report["history"]) == 5  # two up to the best, three of patience
    assert task.module.weight.item() == pytest.approx(0.2, abs=1e-3)
    again = Drifting()
    assert len(fit(again, schedule, tmp_path, quiet=True)["history"]) == 5, "a finished run stays finished"
    assert again.epochs == 0
    assert again.module.weight.item() == pytest.approx(0.2, abs=1e-3)
    assert len(json.loads((tmp_path / "history.json").read_text())) == 5


def test_early_stopping_needs_validation(tmp_path):
    with pytest.raises(ValueError, match="validation"):
        fit(Drifting(), Schedule(1, 0.1, patience=1), tmp_path, quiet=True, validate_each_epoch=False)


def test_the_loop_trains_with_sgd_goes_on_and_feels_the_penalty(tmp_path):
    schedule = Schedule(4, 0.05, 0.0, precision="no", optimizer="sgd", l2=0.5)
    whole, halves = Drifting(), Drifting()
    fit(whole, schedule, tmp_path / "whole", quiet=True)
    fit(halves, dataclasses.replace(schedule, epochs=2), tmp_path / "halves", quiet=True)
    fit(halves, schedule, tmp_path / "halves", quiet=True)
    assert halves.module.weight.item() > 0
    free = Drifting()
    fit(free, dataclasses.replace(schedule, l2=0.0), tmp_path / "free", quiet=True)
    assert free.module.weight.item() > whole.module.weight.item()


def test_one_process_trains_in_one_precision_after_another(tmp_path):
    for precision in ("no", "bf16", "no"):
        fit(Drifting(), Schedule(1, 0.1, precision=precision), tmp_path / precision, quiet=True)
