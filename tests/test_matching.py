"""Token-to-token matching: answers worked out by hand, padding, symmetry, and a slow reference."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from mm_core.agreement import AGREEMENT_HEADS, MatchedTokens
from mm_core.encoders.tokens import Tokens
from mm_core.labels import MODALITIES
from mm_core.matching import TokenMatching, match_strength, similarities
from mm_core.presets.configs import AGREEMENTS

WIDTHS = {"text": 5, "image": 4, "audio": 3}


def unit(*rows: tuple[float, ...]) -> Tokens:
    """One case of these unit vectors."""
    values = torch.tensor([rows])
    return Tokens(values, torch.ones(values.shape[:2], dtype=torch.bool))


def random_tokens(width: int, lengths: list[int], seed: int) -> Tokens:
    values = torch.randn(len(lengths), max(lengths), width, generator=torch.Generator().manual_seed(seed))
    return Tokens(values, torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None])


def padded(tokens: Tokens, more: int, seed: int) -> Tokens:
    """The same tokens with garbage behind them, under the mask."""
    garbage = 50 * torch.randn(len(tokens.mask), more, tokens.values.shape[2], generator=torch.manual_seed(seed))
    return Tokens(
        torch.cat((tokens.values, garbage), 1), torch.nn.functional.pad(tokens.mask, (0, more), value=False)
    )


def slow_match(first: Tokens, second: Tokens, row: int) -> float:
    a = first.values[row][first.mask[row]].tolist()
    b = second.values[row][second.mask[row]].tolist()
    if not a or not b:
        return 0.0

    def best(queries, keys):
        return sum(max(sum(x * y for x, y in zip(q, k, strict=True)) for k in keys) for q in queries) / len(queries)

    return (best(a, b) + best(b, a)) / 2


def test_two_tokens_by_hand():
    words = unit((1.0, 0.0), (0.0, 1.0))
    patches = unit((1.0, 0.0), (0.6, 0.8))
    assert_close(similarities(words, patches), torch.tensor([[[1.0, 0.6], [0.0, 0.8]]]))
    # Words find 1 and 0.8, patches find 1 and 0.8.
    assert float(match_strength(words, patches)) == pytest.approx(0.9)
    # The one word finds 0.8; the patches find 0 and 0.8.
    assert float(match_strength(unit((0.0, 1.0)), patches)) == pytest.approx((0.8 + 0.4) / 2)
    assert float(match_strength(unit((1.0, 0.0)), unit((-1.0, 0.0)))) == pytest.approx(-1.0)


@pytest.mark.parametrize("lengths", [([3], [2]), ([1, 4, 2], [5, 1, 3]), ([2, 0], [3, 3]), ([0, 2], [0, 0])])
def test_the_fast_match_is_the_slow_one(lengths):
    matching = TokenMatching(WIDTHS, 8)
    first = matching.project("text", random_tokens(5, [max(n, 1) for n in lengths[0]], 0))
    second = matching.project("image", random_tokens(4, [max(n, 1) for n in lengths[1]], 1))
    first = Tokens(first.values, first.mask & (torch.tensor(lengths[0]) > 0)[:, None])
    second = Tokens(second.values, second.mask & (torch.tensor(lengths[1]) > 0)[:, None])
    found = match_strength(first, second).tolist()
    assert found == pytest.approx([slow_match(first, second, row) for row in range(len(found))], abs=1e-5)
    assert_close(match_strength(second, first).tolist(), found)


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_padding_never_changes_a_logit(more_text, more_audio, seed):
    torch.manual_seed(seed)
    head = MatchedTokens(WIDTHS, 7)
    single = {m: torch.randn(2, 7) for m in ("text", "audio")}
    text, audio = random_tokens(5, [3, 1], seed), random_tokens(3, [2, 4], seed + 1)
    alone = head(single, {"text": text, "audio": audio}, 2)
    more = {"text": padded(text, more_text, seed), "audio": padded(audio, more_audio, seed)}
    assert_close(head(single, more, 2), alone)
    assert alone[:, [0, 2]].tolist() == [[0, 0], [0, 0]], "undecided where a modality is missing"


def test_a_better_match_agrees_more():
    head = MatchedTokens(WIDTHS, 7)
    tokens = {m: random_tokens(w, [4, 4], 3) for m, w in WIDTHS.items()}
    shared = {m: head.matching.project(m, t) for m, t in tokens.items()}
    single = {m: torch.zeros(2, 7) for m in MODALITIES}
    strengths = match_strength(shared["text"], shared["image"])
    logits = head(single, tokens, 2)[:, 0]
    assert (logits[0] - logits[1]).item() == pytest.approx(
        float(head.scale[0] * (strengths[0] - strengths[1])), abs=1e-5
    )


def test_matching_learns_which_tokens_belong_together():
    """A word of kind k goes with a patch of kind k; other tokens are noise."""
    random = np.random.default_rng(0)
    torch.manual_seed(0)
    matching = TokenMatching({"text": 6, "image": 6}, 8)
    kinds = torch.eye(6)[:3]

    def cases(count):
        first, second = random.integers(0, 3, count), random.integers(0, 3, count)
        values = []
        for kind in (first, second):
            tokens = 0.3 * torch.from_numpy(random.standard_normal((count, 4, 6))).float()
            tokens[np.arange(count), random.integers(0, 4, count)] += 2 * kinds[kind]
            values.append(Tokens(tokens, torch.ones(count, 4, dtype=torch.bool)))
        return values, torch.from_numpy(first == second).float()

    optimizer = torch.optim.Adam(matching.parameters(), 0.02)
    for _ in range(150):
        (a, b), same = cases(64)
        logits = 10 * match_strength(matching.project("text", a), matching.project("image", b)) - 4
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, same)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    (a, b), same = cases(400)
    strength = match_strength(matching.project("text", a), matching.project("image", b))
    order = strength[same > 0][:, None] > strength[same == 0][None]
    assert float(order.float().mean()) > 0.8


def test_every_named_agreement_has_a_head():
    assert tuple(AGREEMENT_HEADS) == AGREEMENTS
