"""A head on a resting backbone is trained without each corpus in turn."""

from __future__ import annotations

import dataclasses
import json

import pytest

from mm_core.evaluation.evaluation_report import read_left_out
from mm_core.evaluation.referred_answers import WITH_REFERENCE
from mm_core.labels import EMOTIONS
from mm_core.samples import InvalidInput
from mm_core.training.leaving_out import leave_corpora_out
from mm_core.training.recipes import RECIPES
from tests.data_factory import write_tables
from tests.datasets.corpora_factory import write_voices
from tests.tiny_hub import make_hub, with_tiny_towers


def test_each_corpus_is_judged_by_a_head_that_did_not_learn_it(tmp_path):
    hub, data = tmp_path / "hub", tmp_path / "data"
    hub.mkdir()
    data.mkdir()
    make_hub(hub)
    write_voices(write_tables(data), "savee", EMOTIONS * 2)
    recipe = RECIPES["embedded"].towers["audio"]
    recipe = dataclasses.replace(
        recipe, schedule=dataclasses.replace(recipe.schedule, epochs=1), batch_size=7, readings=1
    )
    found = leave_corpora_out("audio", with_tiny_towers("embedded", hub), recipe, data, tmp_path / "out", quiet=True)
    scores = found["scores"]["emotion"]["audio"]
    assert (
        {"ravdess", "savee"}
        <= set(scores)
        <= {name + suffix for name in ("ravdess", "savee") for suffix in ("", f", {WITH_REFERENCE}")}
    )
    assert scores["savee"]["n"] == 28, "two speakers, each label twice"
    assert found["widening"] > 0
    read = read_left_out(tmp_path / "out" / "left_out.json")["emotion"]["audio"]["savee"]
    assert (read.met, read.n) == ("left out", 28)
    with pytest.raises(ValueError, match="learns as a whole"):
        leave_corpora_out(
            "audio", with_tiny_towers("embedded", hub), dataclasses.replace(recipe, readings=0), data, tmp_path / "o"
        )


@pytest.mark.parametrize("content", ["no JSON", json.dumps({"scores": 3})])
def test_another_file_is_refused_by_name(tmp_path, content):
    path = tmp_path / "mine.json"
    path.write_text(content)
    with pytest.raises(InvalidInput):
        read_left_out(path)
