"""Two runs case by case, on lines whose answer can be worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from mm_core.evaluation.compare import paired
from mm_core.evaluation.records import Estimate
from mm_core.samples import InvalidInput


def lines(**runs: str) -> pd.DataFrame:
    """``a="110"``: run a is right on the first two of three cases. Cases are groups of their own."""
    return pd.DataFrame(
        [
            {
                "run": run,
                "case": f"c{number:03d}",
                "group": f"g{number:03d}",
                "truth": "joy",
                "answer": "joy" if right == "1" else "fear",
                "confidence": 0.75,
            }
            for run, pattern in runs.items()
            for number, right in enumerate(pattern)
        ]
    )


def test_accuracies_and_their_difference():
    found = paired(lines(a="1110" * 25, b="1000" * 25), "a", "b")
    assert found.n == 100
    assert found.first.value == pytest.approx(0.75)
    assert found.second.value == pytest.approx(0.25)
    assert found.difference.value == pytest.approx(0.5)
    # half of the cases differ, always the same way: 1.96 * sqrt(0.25 / 100)
    assert found.difference.low == pytest.approx(0.402, abs=0.02)
    assert found.difference.high == pytest.approx(0.598, abs=0.02)


def test_pairing_takes_out_what_cases_share():
    same = paired(lines(a="10" * 50, b="10" * 50), "a", "b")
    assert same.difference == Estimate(value=0.0, low=0.0, high=0.0, groups=100)
    assert same.first.high - same.first.low > 0.1
    assert same.flipped.empty
    assert same.discordance is not None
    assert same.discordance.p == 1.0


def test_mcnemar_by_hand():
    # 6 cases only the first gets right, 1 only the second: 2 * (C(7,0) + C(7,1)) / 2^7
    found = paired(lines(a="111111" + "0" + "1" * 5 + "0" * 4, b="000000" + "1" + "1" * 5 + "0" * 4), "a", "b")
    d = found.discordance
    assert d is not None
    assert (d.both, d.first_only, d.second_only, d.neither) == (5, 6, 1, 4)
    assert d.p == pytest.approx(2 * 8 / 128)


def test_flipped_cases_are_those_that_one_side_alone_gets_right():
    found = paired(lines(a="1010", b="1100"), "a", "b")
    assert list(found.flipped["case"]) == ["c001", "c002"]
    assert list(found.flipped["first: answer"]) == ["fear", "joy"]
    assert list(found.flipped["second: answer"]) == ["joy", "fear"]


def test_several_runs_a_side_are_averaged():
    rows = lines(a1="1100", a2="1000", a3="1100", b1="0000", b2="1000", b3="0000")
    found = paired(rows, ["a1", "a2", "a3"], ["b1", "b2", "b3"])
    assert found.difference.value == pytest.approx((1 + 2 / 3 - 1 / 3) / 4)
    assert found.discordance is None
    assert list(found.flipped["case"]) == ["c000", "c001"]
    assert list(found.flipped["first: runs right"]) == [3, 2]
    assert list(found.flipped["second: runs right"]) == [1, 0]


def test_whole_groups_are_resampled():
    rows = lines(a="1" * 50 + "0" * 50, b="0" * 100)
    rows["group"] = ["one" if case < "c050" else "two" for case in rows["case"]]
    found = paired(rows, "a", "b")
    assert found.difference.groups == 2
    assert found.difference.interval is None, "two groups say nothing about a third"


def test_a_case_of_several_groups_counts_their_product():
    rows = lines(a="10" * 50, b="00" * 50)
    rows["group"] = [f"text {case}|speaker {int(case[1:]) % 2}" for case in rows["case"]]
    found = paired(rows, "a", "b")
    assert (found.difference.groups, found.difference.interval) == (2, None), "the column of fewest groups counts"
    rows["group"] = [f"text {case}|speaker {int(case[1:]) % 10}" for case in rows["case"]]
    by_speaker = paired(rows, "a", "b").difference
    rows["group"] = [f"text {case}" for case in rows["case"]]
    by_text = paired(rows, "a", "b").difference
    assert by_speaker.high - by_speaker.low > 2 * (by_text.high - by_text.low), "speakers are always or never right"


def test_the_order_of_the_lines_does_not_matter():
    rows = lines(a="1101", b="1001")
    found = paired(rows.iloc[::-1], "a", "b")
    assert found.difference == paired(rows, "a", "b").difference


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: rows.drop(columns="group"), "no column 'group'"),
        (lambda rows: rows[rows["run"] == "a"], "no lines of the run 'b'"),
        (lambda rows: rows.iloc[:-1], "same cases"),
        (lambda rows: pd.concat([rows, rows.iloc[:1]]), "stands twice"),
        (lambda rows: rows.assign(group=["x|y", *rows["group"][1:]]), "different numbers of groups"),
    ],
)
def test_lines_that_do_not_fit_are_refused_in_words(change, words):
    with pytest.raises(InvalidInput, match=words):
        paired(change(lines(a="110", b="100")), "a", "b")


def test_more_cases_than_memory_holds_are_refused(monkeypatch):
    monkeypatch.setattr("mm_core.evaluation.compare.MOST_CASES", 2)
    with pytest.raises(InvalidInput, match="at most 2"):
        paired(lines(a="110", b="100"), "a", "b")
