import pytest

from mm_core.labels import EMOTIONS, MODALITIES, SENTIMENTS
from mm_core.locale import label_word, listed, modality_word, percent, the_modalities


def test_shares_are_whole_percents() -> None:
    assert [percent(share) for share in (0.0, 0.004, 0.866, 0.994)] == ["0%", "0%", "87%", "99%"]
    assert percent(float("nan")) == "unknown"


def test_a_cell_under_a_heading_in_percent_has_no_sign() -> None:
    assert [percent(share, sign=False) for share in (0.0, 0.866, 0.9999, 1.0)] == ["0", "87", "99", "100"]


def test_only_what_is_certain_is_called_100_percent() -> None:
    assert percent(0.9999) == "99%"
    assert percent(1.0) == "100%"


@pytest.mark.parametrize(
    ("words", "expected"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists(words: list[str], expected: str) -> None:
    assert listed(words) == expected


def test_modalities_are_called_by_one_word_each_in_order() -> None:
    assert [modality_word(m) for m in MODALITIES] == ["words", "face", "voice"]
    assert the_modalities({"audio", "text"}) == "the words and the voice"


def test_every_class_has_a_word_and_a_foreign_one_keeps_its_name() -> None:
    assert [label_word(label) for label in (*EMOTIONS, *SENTIMENTS)] == [*EMOTIONS, *SENTIMENTS]
    assert label_word("complaint") == "complaint"
