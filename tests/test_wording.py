from mm_core.labels import MODALITIES
from mm_core.wording import MODALITY_WORDS, percent


def test_shares_are_whole_percents() -> None:
    assert [percent(share) for share in (0.0, 0.004, 0.866, 0.994)] == ["0 %", "0 %", "87 %", "99 %"]
    assert percent(float("nan")) == "unknown"


def test_only_what_is_certain_is_called_100_percent() -> None:
    assert percent(0.9999) == "99 %"
    assert percent(1.0) == "100 %"


def test_every_modality_has_a_word() -> None:
    assert tuple(MODALITY_WORDS) == MODALITIES
