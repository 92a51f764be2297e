"""Words, picture and sound with one number a unit."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from mm_core.figures import relevance
from mm_core.figures.heatmap import Heatmap, relevance_heatmap
from mm_core.figures.palette import GREYED_SCALE, SIGNED_SCALE, colour_at
from mm_core.figures.pictures import surroundings
from mm_core.figures.sound import encoded_spectrogram, outline
from mm_core.figures.words import markup
from tests.figures.cases import TEXT, evidence, with_relevance

CASE = evidence()
GREY = evidence(tested="no better than chance")


class Reader(HTMLParser):
    """The tags, the attributes and the visible text of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.spans: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.spans.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


# words


def test_markup_shows_the_whole_text_and_nothing_in_it_is_alive() -> None:
    html = relevance(CASE, "text").html
    assert html is not None
    reader = Reader(html)
    assert set(reader.tags) == {"div", "p", "span", "sup"}
    assert "<img" not in html
    assert re.sub(r"[+−]", "", reader.text) == TEXT
    assert all(set(attributes) <= {"class", "style", "title", "aria-hidden"} for _, attributes in reader.spans)


def test_a_hostile_word_is_escaped_in_markup_and_chart() -> None:
    record = with_relevance(evidence(), "text", [0.1] * len(CASE.units["text"]))
    labels = ('"><img src=x onerror=alert(1)>', *record.units["text"].labels[1:])
    record = replace(record, units={**record.units, "text": replace(record.units["text"], labels=labels)})
    figure = relevance(record.without_inputs(), "text")
    assert figure.html is not None
    assert "<img" not in figure.html
    assert "img" not in Reader(figure.html).tags
    assert "<img" not in figure.plot.to_json().replace("\\u003c", "<")


def test_sign_is_told_by_mark_line_and_title_not_by_colour_alone() -> None:
    count = len(CASE.units["text"])
    record = with_relevance(CASE, "text", [0.4, -0.4, 0.0, *[0.0] * (count - 3)])
    html = relevance(record, "text").html
    assert html is not None
    spans = re.findall(r'<span style="([^"]*)" title="([^"]*)">(.*?)</span>', html)
    (good, good_title, good_text), (bad, bad_title, bad_text), (none, _, none_text) = spans[:3]
    assert "solid" in good
    assert "dotted" in bad
    assert "border-bottom" not in none
    assert good_text.endswith("+</sup>")
    assert bad_text.endswith("−</sup>")
    assert "sup" not in none_text
    assert unescape(good_title) == "effect on joy: +0.400"
    assert unescape(bad_title) == "effect on joy: −0.400"
    assert "font-weight" in good


def test_unread_words_are_shown_as_cut() -> None:
    units = CASE.units["text"]
    heatmap = relevance_heatmap(CASE, "text")
    assert heatmap is not None
    html = markup(units, heatmap, TEXT + " and much more")
    assert 'title="not read: the text was cut here"> and much more</span>' in html


def test_words_without_the_text_are_joined_by_blanks() -> None:
    reader = Reader(relevance(evidence(inputs=False), "text").html or "")
    assert re.sub(r"[+−]", "", reader.text).startswith("I am so happy today, but my train")


def test_tiles_carry_the_index_and_the_value_of_each_word() -> None:
    figure = relevance(CASE, "text", selectable=True, chosen=3)
    assert figure.html is None
    (points,) = figure.plot.data
    assert [list(c) for c in points.customdata] == [[i] for i in range(len(CASE.units["text"]))]
    assert points.text[3] == "<b>happy</b><br>+0.37" or points.text[3].startswith("<b>happy</b><br>+")
    assert figure.plot.layout.clickmode == "event+select"
    framed = [index for index, shape in enumerate(figure.plot.layout.shapes) if shape.line.width == 3]
    assert framed == [3]
    assert max(points.x) < figure.plot.layout.xaxis.range[1]


# values, scales and verdicts


@pytest.mark.parametrize("modality", ["text", "image", "audio"])
def test_tables_hold_the_values_of_the_record(modality: str) -> None:
    figure = relevance(CASE, modality)
    found = CASE.relevance_of(modality)
    assert found is not None
    assert [row["effect on joy"] for row in figure.table] == pytest.approx(found.values.tolist())
    assert len(figure.table) == len(CASE.units[modality])


def test_a_signed_scale_is_centred_and_an_unsigned_one_starts_at_nothing() -> None:
    values = np.array([0.1, -0.4, 0.2])
    assert Heatmap(values, "q", signed=True).bounds == (-0.4, 0.4)
    assert Heatmap(np.abs(values), "q", signed=False).bounds == (0.0, 0.4)
    heatmap = Heatmap(values, "q", signed=True)
    assert heatmap.colour(1) == colour_at(SIGNED_SCALE, 0.0)
    assert heatmap.colour(2) == colour_at(SIGNED_SCALE, 0.75)
    assert heatmap.strongest(2) == [1, 2]
    assert Heatmap(np.zeros(3), "q", signed=True).strongest(2) == []


@pytest.mark.parametrize("modality", ["text", "image", "audio"])
def test_no_better_than_chance_is_grey_and_said_in_words(modality: str) -> None:
    heatmap = relevance_heatmap(GREY, modality)
    assert heatmap is not None
    assert heatmap.scale is GREYED_SCALE
    figure = relevance(GREY, modality)
    assert "no better than chance" in figure.reading
    words = figure.html if modality == "text" else " ".join(a.text for a in figure.plot.layout.annotations)
    assert words is not None
    assert "no better than chance" in words


@pytest.mark.parametrize(
    ("tested", "words"),
    [
        ("better than chance", "changes the answer more than taking away random ones"),
        ("not testable", "too few"),
        (None, "has not been tested"),
    ],
)
def test_other_verdicts_keep_their_colour_and_are_said_too(tested: str | None, words: str) -> None:
    figure = relevance(evidence(tested=tested), "image")
    assert words in figure.reading
    assert figure.plot.data[0].colorscale[0][1] == SIGNED_SCALE[0][1]


# picture


def test_the_overlay_lies_where_the_face_is() -> None:
    figure = relevance(CASE, "image")
    heat = figure.plot.data[0]
    left, top, right, bottom = CASE.inputs.face  # type: ignore[union-attr, misc]
    assert (heat.x[0], heat.x[-1]) == (left, right)
    assert (heat.y[0], heat.y[-1]) == (top, bottom)
    assert len(heat.x) == len(heat.y) == 7
    found = CASE.relevance_of("image")
    assert found is not None
    assert np.ravel(heat.z) == pytest.approx(found.values)
    assert heat.zmin == -heat.zmax
    assert tuple(figure.plot.layout.xaxis.range) == (0, 320)
    assert tuple(figure.plot.layout.yaxis.range) == (210, 0), "row 0 is on top, and half the face's height below it"


def test_the_picture_is_the_one_given_and_goes_with_the_inputs() -> None:
    (image,) = relevance(CASE, "image").plot.layout.images
    head, body = image.source.split(",")
    assert head == "data:image/jpeg;base64"
    decoded = np.asarray(Image.open(io.BytesIO(base64.b64decode(body))))
    assert decoded.shape == (210, 320, 3)
    assert (image.x, image.y, image.sizex, image.sizey) == (0, 0, 320, 210)
    assert np.abs(decoded.astype(int) - CASE.inputs.pixels[:210].astype(int)).mean() < 6  # type: ignore[union-attr]
    bare = relevance(CASE.without_inputs(), "image")
    assert bare.plot.layout.images == ()
    assert "not kept" in bare.reading


def test_large_pictures_are_reduced() -> None:
    pixels = np.zeros((1600, 1600, 3), np.uint8)
    (image,) = relevance(evidence(pixels=pixels), "image").plot.layout.images
    decoded = Image.open(io.BytesIO(base64.b64decode(image.source.split(",")[1])))
    assert decoded.size == (560, 490), "1600 x 1400 pixels around the face"


def test_a_small_face_is_shown_large() -> None:
    assert surroundings((500, 400, 600, 520), (2000, 1000)) == (450, 340, 650, 580)
    assert surroundings((0, 0, 48, 48), (48, 48)) == (0, 0, 48, 48)


def test_patches_can_be_chosen_by_points_in_their_middle() -> None:
    points = relevance(CASE, "image", selectable=True).plot.data[-1]
    assert [c[0] for c in points.customdata] == list(range(36))
    spans = CASE.units["image"].spans
    assert list(points.x) == pytest.approx(((spans[:, 0] + spans[:, 2]) / 2).tolist())
    assert points.marker.opacity == 0


def test_the_strongest_patches_carry_their_sign() -> None:
    marks = relevance(CASE, "image").plot.data[1]
    found = CASE.relevance_of("image")
    assert found is not None
    chosen = [c[0] for c in marks.customdata]
    assert chosen == np.argsort(-np.abs(found.values), kind="stable")[:4].tolist()
    assert [("+" in t) for t in marks.text] == [bool(found.values[i] > 0) for i in chosen]


# sound


def test_bars_stand_at_their_moments_in_seconds_of_the_clip_as_given() -> None:
    figure = relevance(CASE, "audio")
    bars = figure.plot.data[0]
    units = CASE.units["audio"]
    assert list(bars.x) == pytest.approx(units.spans.mean(1).tolist())
    assert list(bars.width) == pytest.approx((units.spans[:, 1] - units.spans[:, 0]).tolist())
    found = CASE.relevance_of("audio")
    assert found is not None
    assert list(bars.y) == pytest.approx(found.values.tolist())
    low, high = figure.plot.layout.yaxis.range
    assert low == -high
    assert tuple(figure.plot.layout.xaxis.range) == (0, units.extent[0])


def test_waveform_and_spectrogram_start_where_the_clip_was_cut() -> None:
    plot = relevance(CASE, "audio").plot
    wave = next(trace for trace in plot.data if trace.type == "scatter" and trace.fill == "toself")
    assert min(wave.x) == pytest.approx(0.4, abs=0.01)
    assert max(wave.x) == pytest.approx(4.4, abs=0.01)
    (image,) = plot.layout.images
    assert image.x == 0.4
    assert image.sizex == pytest.approx(4.0)
    assert image.source.startswith("data:image/png;base64,")


def test_without_the_sound_only_the_bars_are_drawn() -> None:
    figure = relevance(CASE.without_inputs(), "audio")
    assert {trace.type for trace in figure.plot.data} == {"bar"}
    assert figure.plot.layout.images == ()
    assert "not kept" in figure.reading


def test_moments_can_be_chosen_over_the_full_height() -> None:
    clear = relevance(CASE, "audio", selectable=True).plot.data[1]
    assert clear.opacity == 0
    assert [c[0] for c in clear.customdata] == list(range(len(CASE.units["audio"])))
    assert len({*clear.y}) == 1
    assert clear.base[0] == -clear.y[0] / 2


def test_the_outline_holds_every_peak() -> None:
    wave = np.zeros(16_000, np.float32)
    wave[8_000], wave[12_345] = 0.9, -0.8
    times, lows, highs = outline(wave, start=2.0)
    assert len(times) == 500
    assert highs.max() == pytest.approx(0.9)
    assert lows.min() == pytest.approx(-0.8)
    assert times[int(highs.argmax())] == pytest.approx(2.5, abs=0.002)
    assert len(outline(np.ones(3, np.float32))[0]) == 3


def test_the_spectrogram_is_dense_where_it_is_loud_with_low_tones_below() -> None:
    mel = np.full((40, 8), -10.0, np.float32)
    mel[10, 0] = 0.0  # a low tone at frame 10
    data = encoded_spectrogram(mel).split(",")[1]
    alpha = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))[..., 3]
    assert alpha.shape == (8, 40)
    assert alpha[7, 10] == 255
    assert alpha[0, 0] < 60
    long = encoded_spectrogram(np.zeros((3000, 64), np.float32))
    assert Image.open(io.BytesIO(base64.b64decode(long.split(",")[1]))).size == (500, 64)


# records from elsewhere


@pytest.mark.parametrize("modality", ["text", "image", "audio"])
@pytest.mark.parametrize("selectable", [False, True])
def test_a_modality_without_units_has_an_empty_map(modality: str, selectable: bool) -> None:
    record = evidence(tested=None)
    units = record.units[modality]
    none = replace(
        units,
        labels=(),
        spans=units.spans[:0],
        token_units=np.full_like(units.token_units, -1),
        grid=(0, 0) if units.grid else None,
    )
    record = replace(record, relevance=(), faithfulness=(), units={**record.units, modality: none})
    figure = relevance(with_relevance(record, modality, []), modality, selectable=selectable)
    assert figure.table == ()
    assert figure.plot.to_json()


@pytest.mark.parametrize("modality", ["text", "image", "audio"])
def test_values_that_are_no_numbers_have_no_effect(modality: str) -> None:
    values = [float("nan"), float("inf"), -float("inf"), 0.5, *[0.0] * (len(CASE.units[modality]) - 4)]
    figure = relevance(with_relevance(evidence(tested=None), modality, values), modality)
    assert [row["effect on joy"] for row in figure.table][:4] == [0, 0, 0, 0.5]
    assert "NaN" not in figure.plot.to_json()


def test_a_face_outside_the_picture_is_no_error() -> None:
    units = CASE.units["image"]
    record = replace(CASE, units={**CASE.units, "image": replace(units, spans=units.spans + 5000)})
    left, right = relevance(record, "image").plot.layout.xaxis.range
    assert 0 <= left < right <= 320
