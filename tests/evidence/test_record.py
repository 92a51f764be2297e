"""A record holds together or is not made."""

from dataclasses import replace

import numpy as np
import pytest

from mm_core.evidence import Inputs


def test_maps_and_tests_are_added_and_replaced(evidence):
    first = evidence.relevance[0]
    changed = replace(first, values=first.values + 1)
    assert len(evidence.with_relevance(changed).relevance) == len(evidence.relevance)
    assert evidence.with_relevance(changed).relevance_of(first.modality, first.method) is changed
    more = evidence.with_relevance(replace(first, label="anger" if first.label != "anger" else "joy"))
    assert len(more.relevance) == len(evidence.relevance) + 1
    test = evidence.faithfulness_of("audio", evidence.faithfulness[0].method)
    assert test is not None
    assert len(evidence.with_faithfulness(test).faithfulness) == len(evidence.faithfulness)
    assert evidence.faithfulness_of("text") is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda e: {"digests": {"text": "0"}},
        lambda e: {"label": "hunger"},
        lambda e: {"task": "agreement"},
        lambda e: {"units": {m: e.units[m] for m in ("text", "image")}},
        lambda e: {"units": {**e.units, "audio": e.units["text"]}},
        lambda e: {"attention": {}},
        lambda e: {"attention": {**e.attention, ("text", "image"): np.zeros((2, 2, 3, 3), np.float32)}},
        lambda e: {"relevance": (replace(e.relevance[0], values=np.zeros(2, np.float32)),)},
        lambda e: {"relevance": (replace(e.relevance[0], label="hunger"),)},
        lambda e: {"faithfulness": (replace(e.faithfulness[0], units=3),)},
        lambda e: {"defaults": {}},
    ],
)
def test_a_record_that_does_not_hold_together_is_refused(evidence, wrong):
    with pytest.raises(ValueError, match="does not hold together"):
        replace(evidence, **wrong(evidence))


@pytest.mark.parametrize(
    "wrong",
    [
        {"pixels": np.zeros((4, 4), np.uint8)},
        {"pixels": np.zeros((4, 4, 3), np.uint8), "face": (0, 0, 5, 4)},
        {"waveform": np.zeros((2, 9), np.float32)},
        {"spectrogram": np.zeros((5, 8), np.float32), "spectrogram_hop": 0.016},
    ],
)
def test_inputs_are_checked_too(wrong):
    with pytest.raises(ValueError, match="does not hold together"):
        Inputs(**wrong)


def test_parts_are_checked_when_made(evidence):
    units, coalitions, test = evidence.units["text"], evidence.coalitions, evidence.faithfulness[0]
    for make in (
        lambda: replace(units, labels=("a",)),
        lambda: replace(units, token_units=np.array([99], np.int32)),
        lambda: replace(units, extent=(1.0, 2.0)),
        lambda: replace(evidence.units["image"], grid=(5, 5)),
        lambda: replace(coalitions, players=("text",)),
        lambda: replace(coalitions, players=("audio", "text", "image")),
        lambda: replace(coalitions, temperatures={t: -v for t, v in coalitions.temperatures.items()}),
        lambda: replace(test, deletion=np.zeros(2)),
        lambda: replace(test, random_deletion=np.zeros((3, 1))),
    ):
        with pytest.raises(ValueError, match="does not hold together"):
            make()
