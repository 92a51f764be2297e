"""Small parts: words without Markdown, files without loss, rollout from a record."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.case_bar import plain_title
from dashboard.show import file_name, plain
from mm_core.evidence.flow import rolled_out


def test_plain_leaves_no_markup():
    made = plain("![x](http://evil) **b** <img> `c` $x$ :red[y] [l](u)\n# h")
    for live in ("![", "](", "**", " <img", " `", " $", " :red", "\n"):
        assert live not in made


@given(st.text(max_size=60))
def test_plain_only_adds_backslashes(text):
    import re

    unescaped = re.sub(r"\\([\\`*_{}\[\]()#+\-.!|<>~:$@&^=\"'/])", r"\1", plain(text))
    assert unescaped == " ".join(text.split())


@given(st.text(max_size=200))
def test_names_of_files_and_cases_are_tame(text):
    assert set(file_name(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert file_name(text)
    assert 0 < len(plain_title(text)) <= 80
    assert plain_title(text).isprintable()


def test_rollout_of_one_layer_by_hand(evidence):
    first = {pair: None if found is None else found[:1] for pair, found in evidence.attention.items()}
    from dataclasses import replace

    rolled = rolled_out(replace(evidence, attention=first))
    for (query, key), found in rolled.attention.items():
        assert found.shape[:2] == (1, 1)
        # one layer: half of the head's mean, shared between the two other modalities
        np.testing.assert_allclose(found[0, 0], 0.25 * first[query, key][0].mean(0), atol=1e-6)


def test_rollout_keeps_all_attention_within_one(evidence):
    rolled = rolled_out(evidence)
    for query in evidence.present:
        sums = sum(rolled.attention[query, key][0, 0].sum(1) for key in evidence.present if key != query)
        assert (sums <= 1 + 1e-5).all()
        assert (sums > 0).all()


def test_rollout_without_attention_changes_nothing(evidence):
    from dataclasses import replace

    bare = replace(evidence, attention=dict.fromkeys(evidence.attention))
    assert rolled_out(bare) is bare
