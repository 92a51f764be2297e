"""People's answers to faces and voices that differ, on votes small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mm_core.datasets.human import FEWEST_CLIPS, NEUTRAL_BIAS, VOTED, WEIGHTS, HumanTargets
from mm_core.labels import EMOTIONS

CLIPS = 24


def _index(label: str) -> np.ndarray:
    return np.array([EMOTIONS.index(label)])


def _rows(face: str, voice: str, both: dict[str, int], clips: int, start: int) -> list[dict[str, object]]:
    """``clips`` clips of ten votes: eight for the perceived emotion and two for neutral, or ten for neutral."""
    rows: list[dict[str, object]] = []
    for number in range(start, start + clips):
        for mode, named in (("face", {face: 8}), ("voice", {voice: 8}), ("voice+face", both)):
            counts = dict.fromkeys(VOTED, 0) | named
            counts["neutral"] += 10 - sum(counts.values())
            rows.append({"clip": f"clip{number:04d}", "mode": mode, **counts})
    return rows


@pytest.fixture(scope="module")
def votes() -> pd.DataFrame:
    rows = _rows("anger", "joy", {"anger": 6, "joy": 3}, CLIPS, 0)
    rows += _rows("joy", "anger", {"joy": 10}, FEWEST_CLIPS - 1, 100)  # too few to speak for themselves
    for start, label in enumerate(VOTED, 2):
        rows += _rows(label, label, {label: 10}, CLIPS, 100 * start)
    return pd.DataFrame(rows).sample(frac=1.0, random_state=1)  # in no order


@pytest.fixture(scope="module")
def people(votes) -> HumanTargets:
    return HumanTargets.of_votes(votes)


def _answer(people: HumanTargets, **labels: str) -> dict[str, float]:
    answer = people.answers({m: _index(label) for m, label in labels.items()})[0]
    assert answer.sum() == pytest.approx(1.0, abs=1e-6)
    return dict(zip(EMOTIONS, answer.tolist(), strict=True))


def test_a_common_pair_takes_the_mean_of_the_votes(people):
    answer = _answer(people, image="anger", audio="joy")
    assert answer == pytest.approx(
        {**dict.fromkeys(EMOTIONS, 0.0), "anger": 0.6, "joy": 0.3, "neutral": 0.1}, abs=1e-3
    )
    assert people.pairs() == [(EMOTIONS.index("anger"), EMOTIONS.index("joy"))]


def test_a_rare_pair_takes_the_log_linear_rule(people):
    """Of face and voice, 0.8 of people say its own label: the odds of the two labels follow from the weights."""
    answer = _answer(people, image="joy", audio="anger")
    own, other = people.perceived["image"][3, 3], people.perceived["image"][3, 0]
    odds = (own / other) ** WEIGHTS["image"] / (own / other) ** WEIGHTS["audio"]
    assert answer["joy"] / answer["anger"] == pytest.approx(odds, rel=1e-4)
    face, voice = people.perceived["image"][3, 4], people.perceived["audio"][0, 4]
    neutral = WEIGHTS["image"] * np.log(face) + WEIGHTS["audio"] * np.log(voice) + NEUTRAL_BIAS
    joy = WEIGHTS["image"] * np.log(own) + WEIGHTS["audio"] * np.log(people.perceived["audio"][0, 3])
    assert answer["neutral"] / answer["joy"] == pytest.approx(np.exp(neutral - joy), rel=1e-4)


def test_perceived_shares_are_the_votes_on_one_channel_less_what_surprise_takes(people):
    # Told on the mean: five labels with 0.8 and neutral with 1.0 (its two votes go to itself).
    told = (5 * 0.8 + 1.0) / 6
    other = (1 - told) / 6
    for table in people.perceived.values():
        assert table.sum(1) == pytest.approx(np.ones(len(EMOTIONS)))
    surprise = EMOTIONS.index("surprise")
    face = people.perceived["image"]
    assert face[surprise, surprise] == pytest.approx(told)
    assert face[surprise, 0] == pytest.approx(other)
    assert face[0, surprise] == pytest.approx(other)
    assert face[0, 0] == pytest.approx(0.8 * (1 - other), rel=1e-3)


def test_neutral_words_have_no_say(people):
    assert _answer(people, text="neutral", image="anger", audio="joy") == _answer(people, image="anger", audio="joy")
    assert _answer(people, text="neutral", image="anger")["anger"] == 1.0
    assert _answer(people, text="neutral")["neutral"] == 1.0


def test_other_words_pull_the_answer_their_way(people):
    without = _answer(people, image="anger", audio="joy")
    assert _answer(people, text="joy", image="anger", audio="joy")["joy"] > without["joy"]
    assert _answer(people, text="surprise", image="anger", audio="anger")["surprise"] > 0.02


def test_labels_that_agree_are_the_answer(people):
    for label in EMOTIONS:
        assert _answer(people, text=label, image=label, audio=label)[label] == 1.0


def test_many_cases_are_answered_like_each_alone(people):
    random = np.random.default_rng(0)
    labels = {m: random.integers(0, len(EMOTIONS), 60) for m in ("text", "image", "audio")}
    together = people.answers(labels)
    for row in range(60):
        alone = people.answers({m: column[row : row + 1] for m, column in labels.items()})[0]
        np.testing.assert_array_equal(together[row], alone)


def test_a_folder_without_votes_has_none(tmp_path, votes):
    assert HumanTargets.read(tmp_path) is None
    (tmp_path / "human").mkdir()
    votes.to_parquet(tmp_path / "human" / "cremad_votes.parquet")
    read = HumanTargets.read(tmp_path)
    assert read is not None
    assert len(read.pairs()) == 1
