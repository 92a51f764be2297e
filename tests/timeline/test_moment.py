"""A window opened as a case is what was answered while the film was watched."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from mm_core.samples import InvalidInput
from mm_core.timeline import FilmFile
from mm_core.timeline.moment import moment_inputs, search_from
from mm_core.timeline.subtitles import Word
from mm_core.timeline.watch import answer_moments, watch
from tests.predictors.toy import Votes
from tests.timeline.films import film, portrait, voice


@pytest.mark.parametrize(("container", "codecs"), [("mp4", ("libx264", "aac")), ("webm", ("libvpx", "libopus"))])
def test_the_case_of_a_window_has_its_very_inputs(container, codecs):
    pictures = [portrait(), np.roll(portrait(), 12, axis=1), np.roll(portrait(), 24, axis=1)]
    content = film(3.0, pictures, [voice(3.0)], container=container, codecs=codecs)
    seen = []

    class Remembers(Votes):
        def predict_logits(self, samples):
            seen.extend(s for s in samples if s.present == ("text", "image", "audio"))
            return super().predict_logits(samples)

    steps = watch(
        FilmFile(content), partial(answer_moments, Remembers()), {}, Votes().labels, None, (Word("happy", 0.1, 2.9),)
    )
    record = list(steps)[-1].result
    for window, sample in zip(record.windows, seen, strict=True):
        case = moment_inputs(FilmFile(content, start=search_from(window)), window).read()
        assert case.text == sample.text == window.text
        assert (case.image.pixels == sample.image.pixels).all()
        assert case.image.face == sample.image.face
        np.testing.assert_allclose(case.audio.waveform, sample.audio.waveform, atol=1e-4)
        assert case.present == sample.present


def test_another_film_than_the_one_that_was_watched_is_said():
    content = film(3.0, [portrait()], [])
    record = list(watch(FilmFile(content), partial(answer_moments, Votes()), {}, Votes().labels))[-1].result
    short = film(0.4, [portrait()], [])
    with pytest.raises(InvalidInput, match="not the film"):
        moment_inputs(
            FilmFile(short, start=1.5),
            record.windows[-1].__class__.from_json({**record.windows[-1].to_json(), "shown_at": 2.5}),
        )
