"""What every fusion strategy must do, and the attention of those that have any."""

from __future__ import annotations

import math

import pytest
import torch

from mm_core.encoders.tokens import Tokens
from mm_core.fusion import STRATEGIES, build
from mm_core.fusion.base import AttentionPool
from mm_core.fusion.cross_attention import CentredScoring, CosineScoring, Scoring, SparseScoring, explicit_attention
from mm_core.labels import COALITIONS, MODALITIES
from mm_core.presets import FusionConfig
from mm_core.strategies import FUSIONS

WIDTHS = {"text": 6, "image": 5, "audio": 4}
LENGTHS = {"text": 3, "image": 4, "audio": 5}


def tokens_for(batch: int, seed: int = 0, extra: int = 0) -> dict[str, Tokens]:
    """Random tokens; the last ``extra`` of each row are padding full of NaN."""
    random = torch.Generator().manual_seed(seed)
    made = {}
    for m in MODALITIES:
        values = torch.randn(batch, LENGTHS[m] + extra, WIDTHS[m], generator=random)
        mask = torch.ones(batch, LENGTHS[m] + extra, dtype=torch.bool)
        if extra:
            values[:, LENGTHS[m] :] = float("nan")
            mask[:, LENGTHS[m] :] = False
        made[m] = Tokens(values, mask)
    return made


def presence_of(*members: tuple[str, ...]) -> torch.Tensor:
    return torch.tensor([[m in chosen for m in MODALITIES] for chosen in members])


FORMS = {name: FusionConfig(name=name, width=8, layers=2, heads=2) for name in STRATEGIES}
FORMS["outer_product of rank 3"] = FusionConfig(name="outer_product", width=8, heads=2, rank=3)


@pytest.fixture(params=sorted(FORMS))
def strategy(request):
    torch.manual_seed(1)
    fusion = build(WIDTHS, FORMS[request.param]).eval()
    for parameter in fusion.parameters():  # nothing may hide behind a zero initial weight
        torch.nn.init.normal_(parameter, std=0.3)
    return fusion


def test_every_coalition_gives_a_finite_vector(strategy):
    presence = presence_of(*COALITIONS)
    out = strategy(tokens_for(len(COALITIONS)), presence)
    assert out.vector.shape == (8, 8)
    assert out.vector.isfinite().all()
    distinct = torch.pdist(out.vector)
    assert (distinct > 1e-6).all(), "each coalition must be told apart"


def test_content_of_an_absent_slot_changes_no_bit(strategy):
    presence = presence_of(("image",), ("text", "audio"))
    first, second = tokens_for(2, seed=0), tokens_for(2, seed=5)
    mixed = {
        m: Tokens(torch.where(presence[:, c, None, None], first[m].values, second[m].values * 1e6), first[m].mask)
        for c, m in enumerate(MODALITIES)
    }
    assert torch.equal(strategy(first, presence).vector, strategy(mixed, presence).vector)
    poisoned = {
        m: Tokens(torch.where(presence[:, c, None, None], first[m].values, float("nan")), first[m].mask)
        for c, m in enumerate(MODALITIES)
    }
    assert torch.equal(strategy(first, presence).vector, strategy(poisoned, presence).vector)


def test_padding_changes_nothing(strategy):
    presence = presence_of(MODALITIES, ("text",))
    plain = {m: Tokens(t.values[:, : LENGTHS[m]], t.mask[:, : LENGTHS[m]]) for m, t in tokens_for(2, extra=3).items()}
    torch.testing.assert_close(
        strategy(tokens_for(2, extra=3), presence).vector, strategy(plain, presence).vector, atol=1e-5, rtol=1e-4
    )


def test_batch_equals_single(strategy):
    presence = presence_of(*COALITIONS)
    tokens = tokens_for(8)
    together = strategy(tokens, presence).vector
    for row, members in enumerate(COALITIONS):
        alone = {m: Tokens(tokens[m].values[row : row + 1], tokens[m].mask[row : row + 1]) for m in members}
        torch.testing.assert_close(
            together[row], strategy(alone, presence[row : row + 1]).vector[0], atol=1e-5, rtol=1e-4
        )


def test_gradients_reach_every_present_modality_and_no_absent_one(strategy):
    presence = presence_of(("text", "audio"))
    tokens = tokens_for(1)
    for t in tokens.values():
        t.values.requires_grad_()
    strategy(tokens, presence).vector.square().sum().backward()
    for column, m in enumerate(MODALITIES):
        grad = tokens[m].values.grad
        reached = grad is not None and bool((grad != 0).any())
        assert reached == bool(presence[0, column]), m


def test_a_present_modality_without_tokens_is_an_error(strategy):
    with pytest.raises(ValueError, match="no tokens"):
        strategy({"text": tokens_for(1)["text"]}, presence_of(("text", "image")))


def test_unknown_strategy_names_the_known_ones():
    with pytest.raises(ValueError, match="cross_attention"):
        build(WIDTHS, FusionConfig(name="nonsense", width=8, heads=2))


def test_asking_for_attention_changes_no_answer_and_maps_lie_on_the_way_to_it(strategy):
    presence = presence_of(*COALITIONS)
    tokens = tokens_for(8, extra=2)
    plain, asked = strategy(tokens, presence), strategy(tokens, presence, attention=True)
    torch.testing.assert_close(plain.vector, asked.vector, atol=1e-5, rtol=1e-5)
    assert plain.attention is None
    assert plain.pooling is None
    shown = [layer for maps in (asked.attention or {}).values() for layer in maps]
    shown += list((asked.pooling or {}).values())
    for slope in torch.autograd.grad(asked.vector.sum(), shown) if shown else ():
        assert (slope != 0).any()
    for weights in (asked.pooling or {}).values():
        torch.testing.assert_close(weights.sum(-1), torch.ones(8))
    for query in MODALITIES if asked.attention else ():
        keys = [maps for (q, _), maps in asked.attention.items() if q == query]
        sums = sum(torch.stack(maps).sum(-1) for maps in keys)
        whole = 1.0 if (query, query) in asked.attention else float(len(keys))
        torch.testing.assert_close(sums, torch.full_like(sums, whole))


def test_inputs_far_out_of_range_stay_finite(strategy):
    wild = {m: Tokens(t.values * 1e8, t.mask) for m, t in tokens_for(8).items()}
    vector = strategy(wild, presence_of(*COALITIONS)).vector
    assert vector.isfinite().all()
    vector.sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in strategy.parameters())


def test_cross_attention_has_a_map_of_each_ordered_pair():
    torch.manual_seed(0)
    fusion = build(WIDTHS, FusionConfig(width=8, layers=2, heads=2)).eval()
    presence = presence_of(*COALITIONS)
    tokens = tokens_for(8, extra=2)
    quick, slow = fusion(tokens, presence), fusion(tokens, presence, attention=True)
    assert quick.attention is None
    torch.testing.assert_close(quick.vector, slow.vector, atol=1e-5, rtol=1e-5)
    assert set(slow.attention) == {(q, k) for q in MODALITIES for k in MODALITIES if q != k}
    for maps in slow.attention.values():
        assert len(maps) == 2
        for weights in maps:
            torch.testing.assert_close(weights.sum(-1), torch.ones_like(weights[..., 0]))
    text_to_image = slow.attention["text", "image"][0][-1]  # the row with all three present
    assert (text_to_image[..., LENGTHS["image"] :] == 0).all(), "padding gets no attention"


def test_attention_of_a_hand_checked_case():
    """Two keys, one equal to the query and one opposite: softmax of plus and minus 1/sqrt(1)."""
    query = torch.tensor([[[[1.0]]]])
    key = torch.tensor([[[[1.0], [-1.0], [50.0]]]])
    value = torch.tensor([[[[1.0], [0.0], [7.0]]]])
    mask = torch.tensor([[[[True, True, False]]]])
    out, weights = explicit_attention(query, key, value, mask)
    expected = torch.sigmoid(torch.tensor(2.0))  # e / (e + 1/e)
    assert float(weights[0, 0, 0, 0]) == pytest.approx(float(expected))
    assert float(out) == pytest.approx(float(expected))


def scored(scoring, query, key, asks=None, found=None):
    """Weights (L_query, L_key) of one case with one head."""
    asks = torch.ones(1, len(query), dtype=torch.bool) if asks is None else torch.tensor([asks])
    found = torch.ones(1, len(key), dtype=torch.bool) if found is None else torch.tensor([found])
    return scoring(torch.tensor([[query]]), torch.tensor([[key]]), asks, found).softmax(-1)[0, 0]


def test_scaled_dot_products_are_the_fast_kernels_own():
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 4, 5, 8)
    found = torch.rand(2, 5) < 0.7
    found[:, 0] = True
    weights = Scoring(4)(query, key, found, found).softmax(-1)
    fast = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=found[:, None, None, :])
    torch.testing.assert_close(weights @ value, fast)


def test_a_long_key_wins_dot_products_but_not_cosines():
    query, key = [[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [90.0, 90.0]]
    assert scored(Scoring(1), query, key).argmax(1).tolist() == [1, 1]
    assert scored(CosineScoring(1), query, key).argmax(1).tolist() == [0, 1]
    sure = scored(CosineScoring(1), query, key)[0, 0]
    assert float(sure) == pytest.approx(1 / (1 + math.exp(-10 * (1 - math.sqrt(0.5)))))


def test_centred_scores_leave_out_where_all_look():
    """Both queries like the first key best; beside the other, each looks at a key of its own."""
    query, key = [[1.0, 0.3, 0.0], [1.0, 0.0, 0.3]], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    assert scored(CosineScoring(1), query, key).argmax(1).tolist() == [0, 0]
    assert scored(CentredScoring(1), query, key).argmax(1).tolist() == [1, 2]
    # A query that is padding is nobody's company, and one alone is not centred.
    padded = scored(CentredScoring(1), [*query, [0.0, 5.0, 5.0]], key, asks=[True, True, False])
    torch.testing.assert_close(padded[:2], scored(CentredScoring(1), query, key))
    torch.testing.assert_close(scored(CentredScoring(1), query[:1], key), scored(CosineScoring(1), query[:1], key))


def test_sparse_scores_keep_the_best_three_keys():
    weights = scored(SparseScoring(1), [[1.0]], [[0.0], [4.0], [1.0], [3.0], [2.0]])
    assert (weights[0] > 0).tolist() == [False, True, False, True, True]
    few = scored(SparseScoring(1), [[1.0]], [[0.0], [4.0], [1.0]], found=[True, True, False])
    torch.testing.assert_close(few, torch.tensor([[0.0, 4.0, float("-inf")]]).softmax(1))


def test_attention_pool_starts_as_the_mean():
    pool = AttentionPool(4)
    tokens = tokens_for(2)["audio"]
    mask = tokens.mask.clone()
    mask[0, 3:] = False
    chosen = Tokens(tokens.values, mask)
    pooled, weights = pool(chosen)
    torch.testing.assert_close(pooled, chosen.mean())
    assert weights[0].tolist() == pytest.approx([1 / 3] * 3 + [0, 0])


def test_the_registry_names_each_strategy_s_class_and_says_what_it_does():
    assert list(STRATEGIES) == list(FUSIONS)
    assert len(set(STRATEGIES.values())) == len(STRATEGIES)
    assert all(len(entry.about) > 20 for entry in FUSIONS.values())
