"""The map of matching parts: what it names as best and worst, and which pair it is about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mm_core.figures import match_map, telling_pair
from tests.figures.cases import evidence


def matched(value):
    """A case whose second word matches the third moment best, and whose first word matches nothing."""
    case = evidence()
    text, audio = case.units["text"], case.units["audio"]
    found = np.full((len(text.token_units), len(audio.token_units)), 0.2, np.float32)
    found[text.token_units == 0] = -0.5
    found[np.ix_(text.token_units == 1, audio.token_units == 2)] = value
    return replace(case, matches={**case.matches, "text+audio": found})


def test_the_sentence_names_the_best_and_the_worst():
    case = matched(0.9)
    figure = match_map(case, "text", "audio")
    assert case.units["text"].labels[1] in figure.reading
    assert case.units["audio"].labels[2] in figure.reading
    assert f"“{case.units['text'].labels[0]}” finds the least" in figure.reading
    assert figure.table[1]["similarity"] == pytest.approx(0.9)
    assert figure.table[1]["best in audio"] == case.units["audio"].labels[2]


def test_the_map_turned_is_the_other_map():
    case = matched(0.9)
    assert np.array_equal(case.match_between("audio", "text").T, case.match_between("text", "audio"))
    assert case.match_between("text", "audio")[1, 2] == pytest.approx(0.9)


def test_special_tokens_never_show():
    case = matched(0.9)
    special = case.units["text"].token_units < 0
    assert special.any()
    found = case.matches["text+audio"].copy()
    found[special] = 1.0
    changed = replace(case, matches={**case.matches, "text+audio": found})
    assert np.array_equal(changed.match_between("text", "audio"), case.match_between("text", "audio"))


def test_the_telling_pair_is_the_one_that_clashes_most_or_matches_best():
    case = evidence()
    assert telling_pair(case) == ("image", "audio"), "22 % agree"
    agreeing = replace(case.prediction, said=dict.fromkeys(case.prediction.said, "agree"))
    assert telling_pair(replace(case, prediction=agreeing)) == ("text", "image"), "81 % agree"
    assert telling_pair(replace(case, matches={})) is None
    assert "does not match" in match_map(replace(case, matches={}), "text", "image").reading
