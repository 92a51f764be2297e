"""Watching: what is answered of a film, what its record says, and how it is kept."""

from __future__ import annotations

import dataclasses
from functools import partial

import numpy as np
import pytest

from mm_core.evidence import Evidence
from mm_core.labels import MODALITIES
from mm_core.samples import Clip, InvalidInput
from mm_core.timeline import FilmFile, Options, Timeline, Window
from mm_core.timeline.subtitles import Word
from mm_core.timeline.watch import answer_moments, watch
from tests.predictors.toy import Votes
from tests.timeline.films import film, plain, portrait, voice

MODEL = Votes()
NAME = {"name": MODEL.name, "hash": MODEL.hash}
PLACE = "Point Nemo 48.8767 S"


def watched(content: bytes, model=MODEL, options=None, **given) -> list:
    answering = partial(answer_moments, model)
    return list(watch(FilmFile(content), answering, NAME, model.labels, options, **given))


@pytest.fixture(scope="module")
def content() -> bytes:
    """Three seconds: a portrait, a voice, and the place where it was taken."""
    return film(3.0, [portrait()], [voice(3.0)], metadata={"location": PLACE, "title": PLACE})


@pytest.fixture(scope="module")
def record(content) -> Timeline:
    return watched(content, words=(Word("happy", 0.2, 1.0),))[-1].result


def test_every_window_is_answered_with_exact_contributions(record):
    assert [(w.start, w.end) for w in record.windows] == [(0.0, 2.0), (0.5, 2.5), (1.0, 3.0)]
    for window in record.windows:
        prediction = window.prediction
        assert prediction.present == (MODALITIES if window.text else MODALITIES[1:])
        assert sum(prediction.emotion.probabilities.values()) == pytest.approx(1.0)
        assert all(tuple(shares) == prediction.present for shares in window.contributions.values())
    first = record.windows[0]
    assert first.text == "happy"
    assert first.contributions["proud"]["text"] == pytest.approx(2.0 * 2 / 3), "two of a centred logit"


def test_contributions_add_up_to_the_answer_over_the_prior(record):
    window = record.windows[0]
    labels = record.labels
    prior = 0.1 * np.arange(3)
    total = np.array([sum(window.contributions[label].values()) for label in labels]) + prior - prior.mean()
    odds = np.exp(total - total.max())
    assert list(window.prediction.emotion.probabilities.values()) == pytest.approx(odds / odds.sum(), abs=1e-5)


def test_steps_bring_the_windows_and_the_last_the_record(content):
    steps = watched(content)
    assert [w.start for step in steps for w in step.windows] == [0.0, 0.5, 1.0]
    assert [step.result is not None for step in steps] == [False] * (len(steps) - 1) + [True]
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)


def test_the_record_says_what_was_there(record):
    assert (record.words, record.reference, record.seconds) == ("subtitles", "none", pytest.approx(3.0, abs=0.1))
    assert [(p.number, p.windows) for p in record.people] == [(1, 3)]
    assert record.model == NAME
    assert "av" in record.versions


def test_what_is_saved_opens_again_and_tells_no_place(record, tmp_path):
    saved = record.to_bytes()
    assert PLACE.encode() not in saved
    opened = Timeline.load(record.save(tmp_path / "film"))
    assert opened.to_bytes() == saved
    assert opened.windows[1].to_json() == record.windows[1].to_json()
    for place in (10, len(saved) // 2, len(saved) - 1):
        changed = bytearray(saved)
        changed[place] ^= 1
        with pytest.raises(InvalidInput):
            Timeline.from_bytes(bytes(changed))
    with pytest.raises(InvalidInput):
        Evidence.from_bytes(saved)


def test_a_window_travels_as_json(record):
    for window in record.windows:
        assert Window.from_json(window.to_json()).to_json() == window.to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"windows": ()},
        {"seconds": 0.0},
        {"reference": "stolen"},
        {"words": "heard"},
        {"labels": ("joy",)},
        {"labels": ("a", "b", "c")},
    ],
)
def test_a_record_that_does_not_hold_together_is_none(record, change):
    with pytest.raises(ValueError, match="hold together"):
        dataclasses.replace(record, **change)
    window = record.windows[0]
    for wrong in ({"end": window.start}, {"contributions": {}}, {"box": None}, {"prediction": None}):
        with pytest.raises(ValueError, match="hold together"):
            dataclasses.replace(window, **wrong)
    with pytest.raises(ValueError, match="hold together"):
        dataclasses.replace(record, windows=record.windows[::-1])


def test_smoothing_averages_neighbours_and_leaves_the_raw_values(record):
    raw, smooth = record.probabilities(), record.probabilities(3)
    assert smooth[1] == pytest.approx(raw.mean(0))
    assert smooth[0] == pytest.approx(raw[:2].mean(0))
    assert record.probabilities() == pytest.approx(raw)


def test_gaps_stay_gaps_when_smoothed(record):
    gap = dataclasses.replace(record.windows[1], prediction=None, contributions={})
    holed = dataclasses.replace(record, windows=(record.windows[0], gap, record.windows[2]))
    smooth = holed.probabilities(3)
    assert np.isnan(smooth[1]).all()
    assert smooth[0] == pytest.approx(record.probabilities()[0])
    assert holed.mean() == pytest.approx(
        dict(zip(record.labels, record.probabilities()[[0, 2]].mean(0), strict=True))
    )


def test_the_summary_names_peaks_and_disagreements(record):
    assert record.sentence().startswith("Over 3 windows mostly")
    assert record.mean().keys() == set(record.labels)
    (peak,) = record.peaks()
    assert peak.probability == max(w.prediction.emotion.confidence for w in record.windows if w.start == peak.start)
    disagreeing = {w.start for w in record.windows if "image+audio" in w.disagreeing}
    stretches = [s for s in record.disagreements() if s[2] == "image+audio"]
    assert bool(stretches) == bool(disagreeing)
    assert all(any(start <= d < end for start, end, _ in stretches) for d in disagreeing)


def test_the_table_has_times_and_a_column_for_each_emotion(record):
    first = record.rows()[0]
    assert (first["start"], first["end"]) == (0.0, 2.0)
    assert {label: first[label] for label in record.labels} == record.windows[0].prediction.emotion.probabilities


def test_a_film_without_sound_and_one_without_a_face():
    silent = watched(film(2.5, [portrait()], []))[-1].result
    assert {w.prediction.present for w in silent.windows} == {("image",)}
    assert any("no sound" in notice for notice in silent.notices)
    empty = watched(film(2.5, [plain((40, 90, 40))], []))[-1].result
    assert [w.prediction for w in empty.windows] == [None] * len(empty.windows)
    assert empty.windows[0].warnings == ("No face was found in these pictures.",)
    assert "None of the" in empty.sentence()
    assert Timeline.from_bytes(empty.to_bytes()).answered == ()


def test_a_normal_voice_that_is_given_reaches_every_window(content):
    normal = Clip(voice(3.0, "voice-neutral.flac"), 0.0, 3.0)
    seen = []

    class Compares(Votes):
        reads_reference = True

        def said(self, sample, modality):
            seen.append(sample.reference is normal)
            return super().said(sample.without_reference(), modality)

    record = watched(content, Compares(), reference=normal)[-1].result
    assert record.reference == "given"
    assert all(w.prediction.referenced == ("audio",) for w in record.windows)
    assert any(seen)


def test_watching_can_be_stopped_and_lets_go_of_the_film(content):
    read = FilmFile(content)
    closed = []
    read_close = read.close
    read.close = lambda: (closed.append(1), read_close())
    steps = watch(read, partial(answer_moments, MODEL), NAME, MODEL.labels, Options(), batch=1)
    assert len(next(steps).windows) == 1
    steps.close()
    assert closed == [1]
