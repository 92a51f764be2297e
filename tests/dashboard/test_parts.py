"""Small parts: words without Markdown, files without loss, rollout from a record."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dashboard import cases
from dashboard.case_bar import plain_title
from dashboard.show import file_name, plain
from mm_core.evidence.flow import rolled_out
from mm_core.samples import InvalidInput


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


def test_kept_inputs_go_over_the_wire_without_loss(evidence):
    given_again = cases.given_of(evidence)
    pixels = np.asarray(Image.open(io.BytesIO(given_again.image)))
    np.testing.assert_array_equal(pixels, evidence.inputs.pixels)
    wave, rate = soundfile.read(io.BytesIO(given_again.audio), dtype="float32")
    np.testing.assert_array_equal(wave, evidence.inputs.waveform)
    assert rate == 16_000
    assert given_again.text == evidence.inputs.text
    with pytest.raises(InvalidInput, match="not kept"):
        cases.given_of(evidence.without_inputs())


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
