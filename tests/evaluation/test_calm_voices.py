"""Calm voices are counted by what they are called, women and men apart."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from mm_core.calibration import Calibration
from mm_core.evaluation.answers import Answers
from mm_core.evaluation.calm_voices import calm_voices, sex_of
from mm_core.evaluation.evaluate import _said_to_disagree
from mm_core.evaluation.sentences import calm_words
from mm_core.labels import EMOTIONS
from tests.training.test_condensed import toy_rows


def test_a_calm_voice_is_neutral_not_sure_or_surely_something_else():
    speakers = np.array(["a", "b", "c", "d", "ravdess_02", "ravdess_01", "ravdess_01"])
    targets = np.eye(7, dtype=np.float32)[[EMOTIONS.index("neutral")] * 6 + [EMOTIONS.index("anger")]]
    source = np.array(["ordinary"] * 4 + ["ravdess"] * 3)
    table = dataclasses.replace(toy_rows(7), targets=targets, group=speakers, source=source)
    logits = np.zeros((7, 7), np.float32)
    for row, (label, strength) in enumerate(
        [("neutral", 9), ("neutral", 0.1), ("anger", 0.1), ("anger", 9), ("anger", 9), ("neutral", 9), ("anger", 9)]
    ):
        logits[row, EMOTIONS.index(label)] = strength
    given = Answers(("audio",), logits, targets, source, [speakers], {"audio": np.arange(7)})
    calibration = Calibration(unsure_below={"emotion": 0.5, "sentiment": 0.5})
    model = SimpleNamespace(labels=EMOTIONS, calibration=calibration)
    found = calm_voices(given, table, model)
    assert set(found) == {"ordinary", "calm-women", "calm-men"}
    ordinary = found["ordinary"]
    assert (ordinary.n, ordinary.neutral, ordinary.not_sure, ordinary.surely_other) == (4, 0.5, 0.25, 0.25)
    assert ordinary.surely["anger"] == 0.25
    assert sum(ordinary.surely.values()) == 0.25
    assert found["calm-women"].surely_other == 1.0
    assert (found["calm-men"].n, found["calm-men"].neutral) == (1, 1.0), "angry clips are not calm"
    assert calm_words("ordinary", ordinary) == (
        'Of 4 clips of people who read or talk as usual, 50% are called neutral, 25% get "not sure", and 25% are '
        "surely called something else, most often anger (25%)."
    )
    assert calm_words("calm-men", found["calm-men"]).endswith("0% are surely called something else.")
    model.labels = ("calm", "upset")
    assert calm_voices(given, table, model) == {}


@pytest.mark.parametrize(
    ("speaker", "sex"),
    [("ravdess_01", "men"), ("ravdess_24", "women"), ("emodb_08", "women"), ("emodb_03", "men"), ("libri-103", None)],
)
def test_sex_is_what_the_source_says(speaker, sex):
    assert sex_of(speaker) == sex


def test_how_many_clips_are_said_to_disagree_follows_the_bounds():
    same = np.array([[-1, -1, 1]] * 4, np.float32)
    logits = np.array([[-9, -9, 3.0], [-9, -9, 0.0], [-9, -9, -1.5], [-9, -9, -9.0]], np.float32)
    speakers = np.array(["a", "b", "c", "d"])
    given = Answers(("image", "audio"), logits, same, np.full(4, "clips"), [speakers], {"audio": np.arange(4)})
    bounds = {"text+image": (0.5, 0.5), "text+audio": (0.5, 0.5), "image+audio": (0.3, 0.6)}
    model = SimpleNamespace(labels=EMOTIONS, calibration=Calibration(said_outside=bounds))
    assert _said_to_disagree(given, model) == 0.5, "of the other pairs nothing is known"
