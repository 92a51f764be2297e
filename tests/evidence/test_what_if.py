"""Taking modalities away from a record alone."""

from dataclasses import replace

import numpy as np
import pytest

from mm_core.evidence import WhatIf, without_modalities
from mm_core.samples import InvalidInput


def test_the_record_alone_answers_as_the_model_does(case, evidence):
    for removed in (("text",), ("image", "audio")):
        smaller = case.sample
        for modality in removed:
            smaller = smaller.without(modality)
        expected = case.model.predict(smaller)
        found = without_modalities(evidence.without_inputs(), *removed).after
        for task in ("emotion", "sentiment"):
            ours = list(getattr(found.prediction, task).probabilities.values())
            assert ours == pytest.approx(list(getattr(expected, task).probabilities.values()), abs=1e-5)
        assert found.prediction.agreement == pytest.approx(expected.agreement, abs=1e-5)
        assert found.present == expected.present


def test_the_smaller_game_is_the_larger_one_s_part(evidence):
    found = without_modalities(evidence, "image").after.contributions()
    whole = evidence.contributions()
    assert found.players == ("text", "audio")
    for name, value in found.coalition_values.items():
        assert value == pytest.approx(whole.coalition_values[name])
    assert found.dividends["text+audio"] == pytest.approx(whole.dividends["text+audio"])


def test_what_would_need_the_model_is_left_empty(evidence):
    after = without_modalities(evidence, "image").after
    assert after.relevance == ()
    assert after.faithfulness == ()
    assert set(after.attention.values()) == {None}
    assert np.array_equal(after.units["text"].spans, evidence.units["text"].spans)


@pytest.mark.parametrize("removed", [(), ("smell",), ("text", "image", "audio")])
def test_something_must_be_there_and_something_must_stay(evidence, removed):
    with pytest.raises(InvalidInput):
        without_modalities(evidence, *removed)


def test_the_difference_in_words(evidence):
    changed = without_modalities(evidence, "image", "audio")
    assert changed.sentence().startswith(f"Without the face and the voice: {evidence.prediction.emotion.label} goes ")
    assert sum(changed.difference().values()) == pytest.approx(0, abs=1e-9)
    assert set(changed.difference("sentiment")) == {"negative", "neutral", "positive"}


def test_a_change_too_small_to_show_is_said_to_be_none(evidence):
    emotion = evidence.prediction.emotion
    same = replace(evidence, prediction=replace(evidence.prediction, emotion=replace(emotion, confidence=0.992)))
    moved = replace(emotion, confidence=0.986, probabilities={**emotion.probabilities, emotion.label: 0.986})
    after = replace(evidence, prediction=replace(evidence.prediction, emotion=moved))
    sentence = WhatIf("Without the voice", same, after).sentence()
    assert sentence == f"Without the voice: nothing changes; {emotion.label} stays at 99%."
