"""Contributions over a data set: games by hand, projections by full enumeration, the report on the toy model."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mm_core.evaluation import contributions_study as study
from mm_core.evaluation import projection
from mm_core.evaluation.coalitions import CoalitionGames, shares_of
from mm_core.evaluation.metrics import Resampler
from mm_core.evaluation.records import as_json
from mm_core.labels import EMOTIONS, MODALITIES
from mm_core.samples import InvalidInput
from tests.data_factory import write_tables
from tests.toys import toy_model

CASES = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tables(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def made(folder):
    report, rows = study.contributions_study(
        toy_model(), folder, cases=CASES, permutations=2, draws=4, projected=12, quiet=True
    )
    return json.loads(as_json(report)), rows


def games_of(coalition_values, players=("text", "image")):
    """One case and two classes whose centred logits of the first class are ``coalition_values`` (S,)."""
    half = np.asarray(coalition_values, float)[:, None]
    return CoalitionGames(players, np.stack((half, -half), -1), np.full((1, 3), 0.5))


def test_shares_by_hand():
    # v: nothing 0, text 2, image 1, both 3: additive, so the Shapley values are 2 and 1
    values, shares = shares_of(games_of([0.0, 2.0, 1.0, 3.0]))
    np.testing.assert_allclose(values[:, 0], [2.0, 1.0])
    np.testing.assert_allclose(shares[:, 0], [2 / 3, 1 / 3])


def test_shares_count_what_speaks_against_the_answer():
    values, shares = shares_of(games_of([0.0, 4.0, -1.0, 3.0]))
    np.testing.assert_allclose(values[:, 0], [4.0, -1.0])
    np.testing.assert_allclose(shares[:, 0], [0.8, 0.2])


def test_shares_are_not_a_number_where_nothing_moves_the_answer():
    _, shares = shares_of(games_of([0.7, 0.7, 0.7, 0.7]))
    assert np.isnan(shares).all()


def test_the_game_is_about_the_answer():
    games = games_of([0.0, 0.0, 0.0, -2.0])  # the second class wins
    assert games.chosen.tolist() == [1]
    np.testing.assert_allclose(games.of_the_answer()[:, 0], [0, 0, 0, 2])


def enumerated(function, sizes=(3, 4, 5)):
    """Averages over everything that is not kept, and the full table, cases in the order of a full grid."""
    grid = np.array(list(np.ndindex(*sizes)))
    table = np.array([[function(*row), -function(*row)] for row in grid])  # (N, 2)
    names = ("text", "image", "audio")
    averages = {}
    for kept in ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2)):
        rows = [table[(grid[:, list(kept)] == row[list(kept)]).all(1)].mean(0) for row in grid]
        averages[tuple(names[k] for k in kept)] = np.array(rows)
    return averages, table


def test_an_additive_model_is_its_own_projection():
    averages, table = enumerated(lambda a, b, c: a**2 + 3 * b - 0.5 * c)
    np.testing.assert_allclose(projection.additive(averages, MODALITIES), table)
    np.testing.assert_allclose(projection.pairwise(averages, MODALITIES), table)


def test_a_model_of_pairs_needs_the_projection_onto_pairs():
    averages, table = enumerated(lambda a, b, c: a * b + b * c - a)
    np.testing.assert_allclose(projection.pairwise(averages, MODALITIES), table)
    assert np.abs(projection.additive(averages, MODALITIES) - table).max() > 0.5


def test_one_draw_is_enough_for_an_additive_model():
    random = np.random.default_rng(0)
    own, partner = random.random((3, 6)), random.random((3, 6))

    def answers(kept):
        parts = [own[m] if m in kept else partner[m] for m in range(3)]
        return np.stack((parts[0] + 2 * parts[1] - parts[2], parts[1]), 1)

    names = dict(enumerate(MODALITIES))
    sets = ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2))
    averages = {tuple(names[k] for k in kept): answers(kept) for kept in sets}
    np.testing.assert_allclose(projection.additive(averages, MODALITIES), answers((0, 1, 2)))
    np.testing.assert_allclose(projection.pairwise(averages, MODALITIES), answers((0, 1, 2)))


def test_explained_variance_is_freed_from_noise():
    random = np.random.default_rng(0)
    full = random.normal(0, 1, (400, 4))
    noisy = full + random.normal(0, 1, (8, 400, 4))  # the projection is the model itself, badly measured
    found = projection._score(noisy, full, full.argmax(1), Resampler.by_groups([np.arange(400)]))
    assert found.explained == pytest.approx(1.0, abs=0.03)


def test_a_three_way_interaction_survives_neither():
    averages, table = enumerated(lambda a, b, c: float(a == 1 and b == 1 and c == 1))
    assert np.abs(projection.pairwise(averages, MODALITIES) - table).max() > 0.1


def test_projection_is_scored_by_hand():
    full = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    parts = np.stack([np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])] * 2)
    found = projection._score(parts, full, np.array([0, 1, 0, 1]), Resampler.by_groups([np.arange(4)]))
    assert found.accuracy.value == 0.75
    assert found.lost.value == 0.25
    assert found.same_answer == 0.75
    assert found.monte_carlo_error == 0.0


def test_report_is_json_and_says_what_it_is(made):
    again = made[0]
    assert again["model"]["name"] == "toy"
    assert again["split"] == "test"
    assert again["cases"] == CASES
    assert len(again["data"]["digest"]) == 64


def test_accuracy_of_coalitions_adds_up(made):
    shape = made[0]["shape"]
    accuracy = {name: figure["value"] for name, figure in shape["accuracy"].items()}
    total = sum(figure["value"] for figure in shape["shapley"].values())
    assert total == pytest.approx(accuracy["text+image+audio"] - accuracy["none"])
    for figure in (*shape["accuracy"].values(), *shape["shapley"].values(), *shape["interactions"].values()):
        assert figure["groups"] == 2, "two speakers in the test split"
        assert "low" not in figure


def test_what_each_case_is_made_of_adds_up(made):
    sums = made[0]["adds_up"]
    assert sums["n"] == CASES
    assert 0 <= sums["dividends"] < 1e-9
    assert 0 <= sums["shapley"] < 1e-9


def test_a_game_that_does_not_add_up_is_seen(monkeypatch):
    monkeypatch.setattr(study, "harsanyi_dividends", lambda coalition_values: coalition_values + 1.0)
    games = CoalitionGames(("text", "image"), np.zeros((4, 2, 3)), np.full((2, 3), 0.5))
    assert study._adds_up(games).dividends == pytest.approx(3.0)


def test_shares_of_every_group_add_up_to_one(made):
    for group in made[0]["shares"].values():
        assert sum(group[m]["value"] for m in MODALITIES) == pytest.approx(1.0)
        for m in MODALITIES:
            quantiles = [group[m]["quantiles"][q] for q in ("0.05", "0.25", "0.5", "0.75", "0.95")]
            assert quantiles == sorted(quantiles)
    counts = made[0]["shares"]
    assert counts["right"]["n"] + counts.get("wrong", {"n": 0})["n"] == counts["all"]["n"] == CASES
    assert sum(counts[label]["n"] for label in EMOTIONS if label in counts) == CASES


def test_what_permuting_costs_is_the_difference(made):
    perceptual = made[0]["perceptual"]
    assert perceptual["accuracy"]["value"] == made[0]["shape"]["accuracy"]["text+image+audio"]["value"]
    for m in MODALITIES:
        lost = perceptual["accuracy"]["value"] - perceptual[m]["permuted"]["value"]
        assert perceptual[m]["lost"]["value"] == pytest.approx(lost)
        assert perceptual[m]["score"]["value"] == pytest.approx(lost / perceptual["accuracy"]["value"])
        assert perceptual[m]["monte_carlo_error"] >= 0


def test_the_unprojected_model_explains_itself(made):
    emap = made[0]["emap"]
    assert emap["full"]["same_answer"] == emap["full"]["explained"] == 1.0
    assert emap["additive"]["explained"] <= 1.0
    assert emap["pairwise"]["explained"] <= 1.0
    assert emap["n"] == 12


def test_disagreement_covers_all_cases(made):
    kinds = made[0]["disagreement"]
    assert sum(kind["n"] for kind in kinds.values()) == CASES
    assert sum(kind["share"]["value"] for kind in kinds.values()) == pytest.approx(1.0)


def test_rows_hold_every_case_and_add_up(made):
    report, lines = made
    assert (lines["kind"] == "same label").sum() == CASES
    assert set(lines["kind"]) == {"same label", "odd text", "odd image", "odd audio"}
    same = lines[lines["kind"] == "same label"]
    assert same["right"].mean() == pytest.approx(report["shape"]["accuracy"]["text+image+audio"]["value"])
    odd = lines[lines["kind"] == "odd image"]
    assert odd["right"].isna().all()
    assert (odd["truth_image"] != odd["truth_text"]).all()
    assert (odd["truth_audio"] == odd["truth_text"]).all()
    shapley = lines[[f"shapley_{m}" for m in MODALITIES]].sum(axis=1)
    dividends = lines[[c for c in lines if c.startswith("dividend_")]].sum(axis=1)
    np.testing.assert_allclose(shapley, dividends, atol=1e-5)
    assert lines["answer"].equals(lines["answer_text+image+audio"])
    assert lines["confidence_text"].between(1 / 7, 1).all()


def test_the_same_seed_gives_the_same_report(folder, made):
    again, lines = study.contributions_study(
        toy_model(), folder, cases=CASES, permutations=2, draws=4, projected=12, quiet=True
    )
    changing = ("made",)
    assert {k: v for k, v in json.loads(as_json(again)).items() if k not in changing} == {
        k: v for k, v in made[0].items() if k not in changing
    }
    assert lines.equals(made[1])


def test_two_modalities_are_enough_and_one_is_not(tmp_path):
    folder = write_tables(tmp_path)
    (folder / "speech.parquet").unlink()
    report, lines = study.contributions_study(
        toy_model(), folder, cases=14, permutations=1, draws=2, projected=6, quiet=True
    )
    assert set(report.shape.shapley) == {"text", "image"}
    assert report.emap.pairwise is None
    assert "share_audio" not in lines
    (folder / "faces.parquet").unlink()
    with pytest.raises(InvalidInput, match="at least 2 are needed"):
        study.contributions_study(toy_model(), folder, quiet=True)
