"""What-if changes on the wire."""

from __future__ import annotations

import pytest

from mm_core.evidence import Change
from mm_core.samples import InvalidInput
from mm_core.serving.changes import parse_change, wire


@pytest.mark.parametrize(
    "change",
    [
        Change(remove=("text", "audio")),
        Change(mask_words=[0, "happy"]),
        Change(mask_region=(1.0, 2.0, 3.0, 4.0)),
        Change(mute=(0.25, 0.5)),
        Change(text="Nice!"),
        Change(without_reference=True),
    ],
)
def test_a_change_comes_back_from_the_wire(change: Change) -> None:
    assert parse_change(wire(change)) == change


def test_a_new_picture_travels_beside_it() -> None:
    change = Change(image=b"a picture")
    assert wire(change) == "{}"
    assert parse_change(wire(change), image=b"a picture") == change


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"smell": 1}', '{"mute": [0]}', '{"mask_words": "all"}', '{"text": 5}', '{"without_reference": 1}'],
)
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidInput, match="Give one of"):
        parse_change(text)


def test_two_changes_at_once_are_refused() -> None:
    with pytest.raises(InvalidInput, match="exactly one change"):
        parse_change('{"remove": "text"}', audio=b"a sound")
