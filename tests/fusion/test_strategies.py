"""Each strategy's own rule, on cases that can be worked out by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from mm_core.encoders.tokens import Tokens
from mm_core.explain.methods import available, relevance
from mm_core.explain.trace import Trace
from mm_core.fusion import build
from mm_core.fusion.base import shares_of_present
from mm_core.heads import class_logits, label_logits
from mm_core.labels import COALITIONS, MODALITIES
from mm_core.presets import FusionConfig
from tests.toys import toy_model, toy_sample

WIDTHS = dict.fromkeys(MODALITIES, 2)
ALL = torch.ones(1, 3, dtype=torch.bool)


def plain(name: str, **options) -> nn.Module:
    """A strategy of width 2 whose closing network changes nothing."""
    torch.manual_seed(0)
    fusion = build(WIDTHS, FusionConfig(name=name, width=2, heads=1, **options)).eval()
    for module in fusion.modules():
        if type(module).__name__ == "ResidualMLP":
            nn.init.zeros_(module.layers[-1].weight)
            nn.init.zeros_(module.layers[-1].bias)
    return fusion


def placed(**vectors: list[float]) -> dict[str, Tokens]:
    """One token a modality."""
    return {m: Tokens(torch.tensor([[v]]), torch.ones(1, 1, dtype=torch.bool)) for m, v in vectors.items()}


THREE = {"text": [1.0, 0.0], "image": [0.0, 2.0], "audio": [5.0, -1.0]}


def vector(fusion: nn.Module, presence: torch.Tensor = ALL, **vectors: list[float]) -> list[float]:
    return fusion.combine(placed(**(vectors or THREE)), presence, False).vector[0].tolist()


def test_sum_adds_and_mean_averages_what_is_present():
    assert vector(plain("sum")) == pytest.approx([6.0, 1.0])
    assert vector(plain("mean")) == pytest.approx([2.0, 1 / 3])
    without_audio = torch.tensor([[True, True, False]])
    assert vector(plain("mean"), without_audio) == pytest.approx([0.5, 1.0])


def test_shares_of_present():
    presence = torch.tensor([[True, False, True], [False, False, False]])
    assert shares_of_present(presence).tolist() == [[0.5, 0.0, 0.5], pytest.approx([1 / 3] * 3)]


def test_product_multiplies_and_a_silent_modality_changes_nothing():
    fusion = plain("product")
    for m in MODALITIES:
        nn.init.eye_(fusion.factors[m].weight)
        nn.init.zeros_(fusion.factors[m].bias)
    found = vector(fusion, text=[0.5, 0.0], image=[0.0, -0.5], audio=[0.0, 0.0])
    t = float(torch.tanh(torch.tensor(0.5)))
    assert found == pytest.approx([1 + t, 1 - t])


def test_gates_open_and_shut():
    fusion = plain("gated")
    for m in MODALITIES:
        nn.init.eye_(fusion.values[m].weight)
        nn.init.zeros_(fusion.values[m].bias)
    nn.init.zeros_(fusion.gates.weight)
    with torch.no_grad():
        fusion.gates.bias.copy_(torch.tensor([100.0, 100.0, -100.0, -100.0, 0.0, 0.0]))
    found = vector(fusion)
    expected = torch.tensor([1.0, 0.0]).tanh() + 0.5 * torch.tensor([5.0, -1.0]).tanh()
    assert found == pytest.approx(expected.tolist(), abs=1e-6)


def test_attention_pooling_weighs_modalities_by_their_scores():
    fusion = plain("attention_pooling")
    for m, score in zip(MODALITIES, (0.0, 0.0, float(torch.log(torch.tensor(2.0)))), strict=True):
        nn.init.zeros_(fusion.scores[m][-1].weight)
        nn.init.constant_(fusion.scores[m][-1].bias, score)
    assert vector(fusion) == pytest.approx([0.25 * 1 + 0.5 * 5, 0.25 * 2 - 0.5])


def test_the_full_tensor_holds_every_product_and_the_single_terms():
    fusion = plain("outer_product")
    side = fusion.factors["text"].out_features
    for m in MODALITIES:
        nn.init.zeros_(fusion.factors[m].bias)
    nn.init.zeros_(fusion.join.weight)
    nn.init.zeros_(fusion.join.bias)
    cells = fusion.join.weight.data.view(2, side + 1, side + 1, side + 1)
    cells[0, 0, 0, 0] = 1.0  # a product of all three
    cells[1, side, 1, side] = 1.0  # one value of the image alone
    first = {m: fusion.factors[m](torch.tensor(THREE[m])).tanh().detach() for m in MODALITIES}
    expected = [float(first["text"][0] * first["image"][0] * first["audio"][0]), float(first["image"][1])]
    assert vector(fusion) == pytest.approx(expected, abs=1e-6)


def test_the_low_rank_form_equals_the_tensor_that_it_stands_for():
    rank = 3
    fusion = plain("outer_product", rank=rank)
    ones = {m: torch.cat((torch.tensor(THREE[m]).tanh(), torch.ones(1))) for m in MODALITIES}  # with the 1 beside
    factors = {
        m: torch.cat((fusion.factors[m].weight, fusion.factors[m].bias[:, None]), 1).view(2, rank, 3)
        for m in MODALITIES
    }
    weight = torch.einsum("r,dri,drj,drk->dijk", fusion.join.weight[0], *factors.values())
    expected = torch.einsum("dijk,i,j,k->d", weight, *ones.values()) + fusion.join.bias
    assert vector(fusion) == pytest.approx(expected.tolist(), abs=1e-5)


def test_joint_attention_runs_over_all_modalities_at_once():
    """With equal scores every token gets the same attention, whosoever it is."""
    fusion = plain("transformer", layers=1)
    nn.init.zeros_(fusion.layers[0].inputs.weight)
    nn.init.zeros_(fusion.layers[0].inputs.bias)
    tokens = placed(**THREE)
    tokens["audio"] = Tokens(torch.zeros(1, 3, 2), torch.tensor([[True, True, False]]))
    maps = fusion.combine(tokens, ALL, True).attention
    assert len(maps) == 9
    assert maps["text", "text"][0].flatten().tolist() == pytest.approx([0.25])
    assert maps["text", "audio"][0].flatten().tolist() == pytest.approx([0.25, 0.25, 0.0])


@pytest.fixture(params=["late_mean", "late_product"])
def late(request):
    """A late fusion with a head over three classes, both random."""
    torch.manual_seed(4)
    fusion = build(WIDTHS, FusionConfig(name=request.param, width=2, heads=1)).eval()
    fusion.log_scales.data.copy_(torch.tensor([0.3, -0.2, 0.5]))
    return fusion, nn.Linear(2, 3)


def answers(fusion: nn.Module, head: nn.Module, members: tuple[str, ...]) -> torch.Tensor:
    presence = torch.tensor([[m in members for m in MODALITIES]])
    tokens = {m: Tokens(torch.tensor([[THREE[m]]]), torch.ones(1, 1, dtype=torch.bool)) for m in members}
    return class_logits(head, fusion(tokens, presence)).softmax(1)[0]


def test_late_fusions_combine_the_answers_of_single_modalities(late):
    """The mean of the probabilities, or their product with the prior divided out."""
    fusion, head = late
    for members in COALITIONS[4:]:
        alone = torch.stack([answers(fusion, head, (m,)) for m in members])
        prior = answers(fusion, head, ())
        product = alone.prod(0) / prior ** (len(members) - 1)
        expected = alone.mean(0) if fusion.config.name == "late_mean" else product / product.sum()
        torch.testing.assert_close(answers(fusion, head, members), expected)


def test_the_product_answers_its_prior_where_nothing_is_present():
    fusion, head = plain("late_product"), nn.Linear(2, 3)
    torch.testing.assert_close(answers(fusion, head, ()), head.bias.softmax(0))


def test_labels_that_stand_alone_are_averaged_as_probabilities():
    fusion, head = plain("late_mean"), nn.Linear(2, 3)
    fused = fusion.combine(placed(**THREE), ALL, False)
    each = head(fused.experts.vectors[0]).sigmoid()  # (M, C)
    torch.testing.assert_close(label_logits(head, fused)[0].sigmoid(), each.mean(0))


def test_heads_of_other_fusions_read_the_vector():
    fusion, head = plain("sum"), nn.Linear(2, 3)
    fused = fusion.combine(placed(**THREE), ALL, False)
    assert torch.equal(class_logits(head, fused), head(fused.vector))
    assert torch.equal(label_logits(head, fused), head(fused.vector))


def test_relevance_by_attention_works_on_joint_attention():
    trace = Trace(toy_model("transformer"), toy_sample(0))
    for method in ("rollout", "chefer"):
        assert method in available(trace)
        values = relevance(trace, "text", trace.target("emotion", "joy"), method).values
        assert (values >= 0).all()
        assert values.sum() > 0


@pytest.mark.parametrize("name", ["late_mean", "transformer", "gated"])
def test_a_whole_model_answers_with_it(name):
    model = toy_model(name)
    for members in COALITIONS[1:]:
        prediction = model.predict(toy_sample(0, members))
        assert sum(prediction.emotion.probabilities.values()) == pytest.approx(1.0, abs=1e-4)
