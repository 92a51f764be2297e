"""What a run trains: recipe, learner, neighbours, objectives."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from mm_core.encoders.tokens import Tokens
from mm_core.labels import MODALITIES
from mm_core.research.lab.learner import LabRecipe, LabTask, Learner, Neighbours, Training, train, trained_parameters
from mm_core.research.lab.measure import logits_of
from tests.research.lab.toys import QUICK, fresh, small_material


def test_recipes_refuse_unknown_objectives():
    with pytest.raises(ValueError, match="contrast"):
        LabRecipe(epochs=1, objectives=("cross_entropy", "nonsense"))
    with pytest.raises(ValueError, match="cross_entropy"):
        LabRecipe(epochs=1, objectives=("contrast",))


def test_a_recipe_survives_json():
    recipe = LabRecipe(epochs=3, objectives=["cross_entropy", "matching"])
    assert LabRecipe(**recipe.to_json()) == recipe
    schedule = dataclasses.replace(recipe, optimizer="sgd", l1=0.1).schedule(4)
    assert (schedule.optimizer, schedule.l1, schedule.seed, schedule.epochs) == ("sgd", 0.1, 4, 3)


def test_neighbours_by_hand():
    """Places 0..2 around the middle one of three; weights 1 and 3 of what is there."""
    reader = Neighbours(3)
    with torch.no_grad():
        reader.weights.copy_(torch.tensor([1.0, 50.0, 3.0]).log())
    values = torch.tensor([[[4.0], [7.0], [8.0]], [[4.0], [7.0], [8.0]], [[4.0], [7.0], [8.0]]])
    mask = torch.tensor([[True, True, True], [True, True, False], [False, True, False]])
    token = reader(Tokens(values, mask))
    assert token.values[:, 0].tolist() == [pytest.approx([7.0, 7.0]), pytest.approx([7.0, 4.0]), [7.0, 0.0]]
    assert token.mask.tolist() == [[True]] * 3


def test_a_learner_of_neighbours_answers():
    widths = dict.fromkeys(MODALITIES, 3)
    learner = Learner(widths, 2, "gated", QUICK, places=5).eval()
    tokens = {m: Tokens(torch.randn(4, 5, 3), torch.ones(4, 5, dtype=torch.bool)) for m in MODALITIES}
    logits = learner(tokens, torch.ones(4, 3, dtype=torch.bool))
    assert logits.shape == (4, 2)
    assert trained_parameters(learner) == sum(p.numel() for p in learner.parameters())


def test_training_hides_inputs_and_answering_does_not():
    widths = dict.fromkeys(MODALITIES, 3)
    recipe = dataclasses.replace(QUICK, dropout=0.0, input_dropout=(0.9, 0.0, 0.0))
    torch.manual_seed(0)
    learner = Learner(widths, 2, "sum", recipe)
    tokens = {m: Tokens(torch.randn(4, 5, 3), torch.ones(4, 5, dtype=torch.bool)) for m in MODALITIES}
    everything, without_text = torch.ones(4, 3, dtype=torch.bool), torch.tensor([[False, True, True]] * 4)
    assert not torch.equal(learner(tokens, everything), learner(tokens, everything))
    assert torch.equal(learner(tokens, without_text), learner(tokens, without_text))
    learner.eval()
    assert torch.equal(learner(tokens, everything), learner(tokens, everything))


def test_every_case_is_seen_once_an_epoch_in_another_order():
    material = small_material()
    task = LabTask(Training(fresh(material), material.widths, QUICK), material.train, 3, QUICK, seed=0)
    first, second = (np.concatenate(list(task.batches(epoch))) for epoch in (0, 1))
    assert sorted(first.tolist()) == list(range(len(material.train)))
    assert first.tolist() != second.tolist()
    assert len(list(task.batches(0))) == task.steps() == 3


@pytest.mark.parametrize("learned", [False, True])
def test_objectives_combine(learned):
    material = small_material()
    recipe = dataclasses.replace(
        QUICK, objectives=("cross_entropy", "contrast", "matching"), learned_weights=learned, beside=0.5
    )
    torch.manual_seed(0)
    module = Training(fresh(material), material.widths, recipe)
    task = LabTask(module, material.train, 3, recipe, seed=0)
    batch = next(task.batches(0))
    loss = task.loss(module, batch)
    loss.backward()
    named = [n for n, p in module.named_parameters() if p.grad is not None and bool((p.grad != 0).any())]
    assert any(n.startswith("contrast") for n in named)
    assert any(n.startswith("matching") for n in named)
    assert any(n.startswith("weights") for n in named) == learned
    alone = LabTask(Training(module.learner, material.widths, QUICK), material.train, 3, QUICK, seed=0)
    assert alone.loss(alone.module, batch).item() < loss.item()


def test_training_learns_is_repeatable_and_differs_by_seed():
    material = small_material()
    recipe = dataclasses.replace(QUICK, epochs=15, width=16, average=0.9, learning_rate=1e-2)
    learner = train(material, material.train, "sum", recipe, seed=0)
    right = (logits_of(learner, material.train).argmax(1) == material.train.truth).mean()
    assert right > 0.7
    again = train(material, material.train, "sum", recipe, seed=0)
    assert all(torch.equal(a, b) for a, b in zip(learner.parameters(), again.parameters(), strict=True))
    other = train(material, material.train, "sum", recipe, seed=1)
    assert not torch.equal(other.head.weight, learner.head.weight)
