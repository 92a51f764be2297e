"""Cases, lies, noise, folds, and cases on disk."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mm_core.datasets.bank import TokenBank
from mm_core.labels import MODALITIES
from mm_core.research.lab.banks import kept_cases, shortened
from mm_core.research.lab.cases import grouped_folds, lying, noisy
from tests.research.lab.toys import numbered


def test_taking_rows_keeps_everything_together():
    part = numbered().take(np.array([4, 1]))
    assert part.names.tolist() == ["case 4", "case 1"]
    assert part.truth.tolist() == [0, 1]
    assert part.tokens["image"].values[:, 0, 0].tolist() == [14.0, 11.0]
    assert len(part) == 2


def test_a_liar_says_another_class_and_the_others_stay():
    cases = numbered(12, classes=3)
    mixed, lie = lying(cases, "audio", seed=0)
    said = mixed.tokens["audio"].values[:, 0, 0].numpy().astype(int) - 20
    assert (cases.truth[said] == lie).all()
    assert (lie != cases.truth).all()
    for m in ("text", "image"):
        assert torch.equal(mixed.tokens[m].values, cases.tokens[m].values)
    again = lying(cases, "audio", seed=0)[1]
    assert again.tolist() == lie.tolist()


def test_one_class_can_not_lie():
    with pytest.raises(ValueError, match="one class"):
        lying(numbered(4, classes=1), "text", seed=0)


def test_noise_is_as_large_as_asked_and_only_where_asked():
    cases = numbered(2000)
    spread = torch.tensor([1.0, 2.0, 0.0])
    made = noisy(cases, "text", 3.0, spread, seed=0)
    noise = made.tokens["text"].values - cases.tokens["text"].values
    assert noise.flatten(0, 1).std(0).tolist() == pytest.approx([3.0, 6.0, 0.0], rel=0.05)
    assert torch.equal(made.tokens["image"].values, cases.tokens["image"].values)


def test_spread_is_over_real_tokens():
    cases = numbered(3)
    cases.tokens["text"].values[:, 1] = 1e6
    cases.tokens["text"].mask[:, 1] = False
    assert cases.spread()["text"].tolist() == pytest.approx([1.0] * 3)


def test_folds_part_groups_and_use_every_row():
    groups = np.array(["a"] * 5 + ["b"] * 3 + ["c"] * 2 + ["d"] * 2)
    folds = grouped_folds(groups, 2)
    assert sorted(np.concatenate([outside for _, outside in folds]).tolist()) == list(range(12))
    assert sorted(len(outside) for _, outside in folds) == [5, 7]
    for inside, outside in folds:
        assert not set(groups[inside]) & set(groups[outside])
        assert len(inside) + len(outside) == 12
    with pytest.raises(ValueError, match="groups"):
        grouped_folds(groups, 5)


def test_long_rows_are_averaged_down_and_short_ones_kept():
    values = torch.arange(7.0).view(7, 1).half()  # rows of 2 and 5 tokens
    bank = TokenBank(values, np.array([0, 2, 7]))
    tokens = shortened(bank, np.array([1, 0, 1]), 2)
    # adaptive pooling of 2 3 4 5 6 to two: the stretches 2 3 4 and 4 5 6
    assert tokens.values[:, :, 0].tolist() == [[3.0, 5.0], [0.0, 1.0], [3.0, 5.0]]
    assert tokens.mask.all()
    assert shortened(bank, np.array([0, 1]), 9).mask.tolist() == [[True] * 2 + [False] * 3, [True] * 5]


def test_cases_come_back_from_disk_as_they_were(tmp_path):
    path, cases = tmp_path / "deep" / "cases.safetensors", numbered()
    kept_cases(path, lambda: cases)
    found = kept_cases(path, lambda: pytest.fail("they are there already"))
    assert found.names.tolist() == cases.names.tolist()
    assert found.groups.tolist() == cases.groups.tolist()
    assert found.truth.tolist() == cases.truth.tolist()
    for m in MODALITIES:
        assert torch.equal(found.tokens[m].values, cases.tokens[m].values)
        assert torch.equal(found.tokens[m].mask, cases.tokens[m].mask)
