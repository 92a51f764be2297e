"""The chart of a film: every window where it belongs, gaps as gaps, raw points beside a smoothed curve."""

from __future__ import annotations

import dataclasses

import pytest

from mm_core.figures import timeline_chart
from mm_core.figures.timeline import moments, timeline_cues, timeline_page
from mm_core.labels import EMOTIONS, SENTIMENTS
from mm_core.prediction import Answer, Prediction
from mm_core.timeline.record import Timeline, Window


def window(start: float, label: str, confidence: float = 0.7, sure: bool = True, said: str = "agree") -> Window:
    rest = (1 - confidence) / (len(EMOTIONS) - 1)
    answer = Answer(label, confidence, {e: confidence if e == label else rest for e in EMOTIONS}, sure)
    sentiment = Answer.of(SENTIMENTS, (0.2, 0.3, 0.5), 0.0)
    prediction = Prediction(
        answer, sentiment, {"image+audio": 0.1}, ("image", "audio"), (), {"name": "m"}, 1.0, {"image+audio": said}
    )
    shares = {e: {"image": 0.5, "audio": -0.25 if e == label else 0.0} for e in EMOTIONS}
    return Window(start, start + 2.0, prediction, shares, "<b>hi</b>", 1, start, (0, 0, 9, 9), people=(1,))


def record(*windows: Window) -> Timeline:
    return Timeline(windows[-1].end, 2.0, 0.5, windows, EMOTIONS, {"name": "m", "hash": "h"})


FILM = record(
    window(0.0, "neutral"),
    window(0.5, "joy", 0.9),
    Window(1.0, 3.0, warnings=("No face was found in these pictures.",)),
    window(1.5, "neutral", 0.3, sure=False, said="disagree"),
)


def test_each_window_is_a_column_of_all_emotions_and_a_gap_is_none():
    plot = timeline_chart(FILM).plot
    bars = {trace.name: trace for trace in plot.data if trace.type == "bar" and trace.yaxis == "y"}
    assert set(bars) == set(EMOTIONS)
    assert list(bars["joy"].x) == [1.0, 1.5, 2.0, 2.5]
    assert bars["joy"].y[1] == pytest.approx(0.9)
    assert [trace.y[2] for trace in bars.values()] == [None] * len(EMOTIONS)
    assert bars["joy"].marker.opacity[3] < bars["joy"].marker.opacity[0]
    assert list(bars["joy"].customdata) == [0, 1, 2, 3]


def test_contributions_are_those_to_the_likeliest_emotion():
    plot = timeline_chart(FILM).plot
    voice = next(trace for trace in plot.data if trace.name == "voice")
    assert list(voice.y) == [-0.25] * 3
    assert list(voice.customdata) == [0, 1, 3]


def test_marks_stand_where_they_belong():
    plot = timeline_chart(FILM).plot
    marks = {trace.name: list(trace.customdata) for trace in plot.data if trace.yaxis == "y3"}
    assert marks == {"disagree": [3], "not sure": [3], "no answer": [2]}


def test_smoothing_keeps_the_raw_points():
    figure = timeline_chart(FILM, smoothing=3)
    raw = next(trace for trace in figure.plot.data if trace.name == "each window itself")
    assert list(raw.y) == [0.7, 0.9, 0.3]
    joy = next(trace for trace in figure.plot.data if trace.name == "joy")
    assert joy.y[1] == pytest.approx((0.9 + 0.05) / 2)
    assert "averaged over 3 windows" in figure.reading


def test_moments_and_subtitles_in_words():
    assert moments(FILM) == ["0.5 to 2.5 s: joy, 90%.", "1.5 to 3.5 s: the face and the voice are said to disagree."]
    assert timeline_cues(FILM)[1] == (1.25, 1.75, "joy 90%")
    assert timeline_cues(FILM)[2][2].startswith("not sure")


def test_the_page_holds_all_of_it_and_runs_nothing_of_a_persons():
    page = timeline_page(dataclasses.replace(FILM, notices=("<img src=x onerror=alert(1)>",)))
    assert FILM.sentence() in page
    assert "<img" not in page
    assert "<b>hi</b>" not in page
    assert "0.5 to 2.5 s: joy, 90%." in page
