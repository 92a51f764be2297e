"""One change to a case."""

from __future__ import annotations

import pytest

from mm_core.evidence import Change
from mm_core.evidence.what_if import from_record
from mm_core.samples import InvalidInput, RawInputs


@pytest.mark.parametrize("asked", [{}, {"remove": "text", "text": "hello"}, {"mute": (0, 1), "mask_words": [0]}])
def test_exactly_one_change_is_asked_for(asked: dict) -> None:
    with pytest.raises(InvalidInput, match="exactly one change"):
        Change(**asked)


def test_one_modality_may_be_named_without_a_list() -> None:
    assert Change(remove="audio").removed == Change(remove=("audio",)).removed == ("audio",)
    assert Change(text="hello").removed == ()


def test_what_is_put_in_place_is_a_case_of_its_own() -> None:
    assert Change(image=b"a picture").replacement == RawInputs(image=b"a picture")
    assert Change(remove="image").replacement is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(remove=("audio", "text")), "Without the words and the voice"),
        (Change(mask_words=["happy"]), "With words masked"),
        (Change(mask_region=(0, 0, 5, 5)), "With a part of the picture covered"),
        (Change(mute=(0.2, 1)), "With 0.20 to 1.00 s muted"),
        (Change(text="hello"), "With another text"),
    ],
)
def test_a_change_in_words(change: Change, words: str) -> None:
    assert change.in_words() == words


def test_a_record_without_inputs_answers_what_is_taken_away(evidence) -> None:
    answered = from_record(evidence.without_inputs(), Change(remove="text"))
    assert answered is not None
    assert answered.after.present == ("image", "audio")
    assert from_record(evidence, Change(remove="text")) is None
    assert from_record(evidence.without_inputs(), Change(text="hello")) is None
