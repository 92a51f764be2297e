"""Many samples' coalitions at once are those of each alone."""

from __future__ import annotations

import numpy as np
import pytest

from mm_core.explain.coalition_batch import coalitions_of
from mm_core.explain.sample_trace import SampleTrace
from mm_core.explain.trace import Trace
from mm_core.samples import InvalidInput, Sample
from tests.predictors.toy import EmotionOnly, Votes
from tests.toys import toy_model, toy_sample

SETS = [("text", "image", "audio"), ("image", "audio"), ("audio",), ("text", "image")]


@pytest.mark.parametrize(("model", "trace"), [(toy_model(), Trace), (Votes(), SampleTrace)], ids=["triad", "votes"])
def test_a_batch_gives_what_each_sample_gets_alone(model, trace):
    samples = [toy_sample(seed, members) for seed, members in enumerate(SETS)]
    for (read, found), sample in zip(coalitions_of(model, samples), samples, strict=True):
        alone = trace(model, sample).coalitions()
        assert read.present == found.players == alone.players
        assert found.labels == alone.labels
        for task in ("emotion", "sentiment"):
            assert found.logits[task].shape == alone.logits[task].shape
            np.testing.assert_allclose(found.logits[task], alone.logits[task], atol=2e-4)
            np.testing.assert_allclose(found.temperatures[task], alone.temperatures[task])
        np.testing.assert_allclose(found.agreement, alone.agreement, atol=2e-4)
        assert found.said_outside == alone.said_outside


def test_a_predictor_of_emotion_alone_needs_no_more():
    ((_, found),) = coalitions_of(EmotionOnly(), [toy_sample()])
    assert set(found.labels) == {"emotion"}
    assert found.agreement is None


def test_a_sample_of_which_nothing_can_be_used_is_refused():
    with pytest.raises(InvalidInput):
        coalitions_of(toy_model(), [toy_sample(), Sample(text="x", ignored=frozenset({"text"}))])


def test_what_an_encoder_cuts_is_noted():
    long = Sample(text="happy " * 200)
    ((read, _),) = coalitions_of(toy_model(), [long])
    assert [notice.modality for notice in read.notices] == ["text"]
