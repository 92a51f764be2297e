"""The axioms of Shapley values, dividends and interactions, on games made by hand and by hypothesis."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mm_core.explain.shapley import (
    contributions,
    harsanyi_dividends,
    interaction_indices,
    members,
    shapley_values,
)

PLAYERS = ("text", "image", "audio")
coalition_values = arrays(np.float64, 8, elements=st.floats(-50, 50, width=32))


def swapped(game, first, second):
    """The game in which two players (bits) have changed places."""

    def other(index):
        a, b = index >> first & 1, index >> second & 1
        return index & ~(1 << first) & ~(1 << second) | a << second | b << first

    return game[[other(index) for index in range(len(game))]]


def test_glove_game_by_hand():
    # The text holds a left glove, image and audio a right one each: a pair is worth 1.
    game = np.array([0, 0, 0, 1, 0, 1, 0, 1], float)
    assert shapley_values(game) == pytest.approx([4 / 6, 1 / 6, 1 / 6])
    assert harsanyi_dividends(game) == pytest.approx([0, 0, 0, 1, 0, 1, 0, -1])


def test_majority_game_by_hand():
    solved = contributions(PLAYERS, np.array([0, 0, 0, 1, 0, 1, 1, 1], float))
    assert list(solved.shapley.values()) == pytest.approx([1 / 3] * 3)
    assert solved.dividends == pytest.approx(
        {
            "text": 0,
            "image": 0,
            "audio": 0,
            "text+image": 1,
            "text+audio": 1,
            "image+audio": 1,
            "text+image+audio": -2,
        }
    )
    # Pairs: 1 from their own dividend, half of the three's -2.
    assert solved.interactions == pytest.approx(
        {"text+image": 0, "text+audio": 0, "image+audio": 0, "text+image+audio": -2}
    )
    assert solved.shares == pytest.approx(dict.fromkeys(PLAYERS, 1 / 3))


def test_two_players_by_hand():
    solved = contributions(("text", "audio"), np.array([1.0, 3.0, 0.0, 4.0]))
    assert solved.coalition_values == {"none": 1.0, "text": 3.0, "audio": 0.0, "text+audio": 4.0}
    assert solved.dividends == pytest.approx({"text": 2, "audio": -1, "text+audio": 2})
    assert solved.shapley == pytest.approx({"text": 3, "audio": 0})
    assert solved.interactions == pytest.approx({"text+audio": 2})
    assert (solved.start, solved.total) == (1.0, 4.0)


def test_one_player_takes_the_whole_difference():
    solved = contributions(("image",), np.array([0.25, -0.5]))
    assert solved.shapley == solved.dividends == {"image": -0.75}
    assert solved.interactions == {}
    assert solved.shares == {"image": 1.0}


def test_shares_are_undefined_where_nothing_contributes():
    assert contributions(PLAYERS, np.full(8, 0.3)).shares is None


def test_members_follow_the_bits():
    assert members(PLAYERS, 0) == ()
    assert members(PLAYERS, 5) == ("text", "audio")


@pytest.mark.parametrize("wrong", [np.zeros(7), np.zeros((8, 2)), np.zeros(4)])
def test_a_table_of_another_size_is_refused(wrong):
    with pytest.raises(ValueError, match="values"):
        contributions(PLAYERS, wrong)


@given(coalition_values)
def test_efficiency(game):
    difference = game[-1] - game[0]
    assert shapley_values(game).sum() == pytest.approx(difference, abs=1e-9)
    assert harsanyi_dividends(game)[1:].sum() == pytest.approx(difference, abs=1e-9)


@given(coalition_values, st.sampled_from([(0, 1), (0, 2), (1, 2)]))
def test_symmetry(game, pair):
    values = shapley_values((game + swapped(game, *pair)) / 2)  # in this game the two are interchangeable
    assert values[pair[0]] == pytest.approx(values[pair[1]], abs=1e-9)


@given(coalition_values, st.integers(0, 2))
def test_null_player(game, player):
    without = game[[index & ~(1 << player) for index in range(8)]]  # its presence changes nothing
    assert shapley_values(without)[player] == pytest.approx(0, abs=1e-9)
    takes_part = [index for index in range(8) if index >> player & 1]
    assert harsanyi_dividends(without)[takes_part] == pytest.approx(0, abs=1e-9)
    several = [index for index in takes_part if index.bit_count() > 1]
    assert interaction_indices(without)[several] == pytest.approx(0, abs=1e-9)


@given(coalition_values, coalition_values, st.floats(-3, 3, width=32))
def test_linearity(first, second, factor):
    for solve in (shapley_values, harsanyi_dividends, interaction_indices):
        assert solve(first + factor * second) == pytest.approx(solve(first) + factor * solve(second), abs=1e-8)


@given(coalition_values)
def test_interaction_of_one_player_is_its_shapley_value(game):
    assert interaction_indices(game)[[1, 2, 4]] == pytest.approx(shapley_values(game), abs=1e-9)


@given(arrays(np.float64, (8, 4), elements=st.floats(-9, 9, width=32)))
def test_many_classes_at_once_equal_one_by_one(games):
    together = shapley_values(games)
    for column in range(games.shape[1]):
        assert together[:, column] == pytest.approx(shapley_values(games[:, column]))
