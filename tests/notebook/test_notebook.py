"""What a notebook shows of a prediction and of a record."""

from __future__ import annotations

import re
from html import escape

import numpy as np
import pytest

from mm_core.evidence import without_modalities
from tests.figures.cases import evidence

CASE = evidence()


def styles(html: str) -> list[str]:
    return re.findall(r'style="([^"]*)"', html)


def test_a_prediction_shows_its_sentence_and_every_class():
    html = CASE.prediction._repr_html_()
    assert escape(CASE.prediction.sentence(), quote=False) in html
    for label, probability in CASE.prediction.emotion.probabilities.items():
        assert f">{label}</th>" in html
        assert f"width:{100 * probability:.1f}%" in html
    assert all(word in html for word in ("words", "face", "voice"))


def test_a_record_shows_shares_words_and_whether_maps_were_tested():
    html = CASE._repr_html_()
    shares = CASE.contributions().shares
    assert all(f"width:{100 * share:.1f}%" in html for share in shares.values())
    values = CASE.relevance_of("text").values
    strongest = CASE.units["text"].labels[int(np.abs(values).argmax())]
    shaded = re.findall(r"background:(#[0-9A-Fa-f]{8});[^>]*>([^<]*)</span>", html)
    assert (strongest, "#C0392B99") in [(word, colour) for colour, word in shaded]
    assert "better than chance" in html


def test_words_of_a_map_that_is_no_better_than_chance_have_no_colour():
    html = evidence(tested="no better than chance")._repr_html_()
    assert not re.search(r"background:#[0-9A-Fa-f]{8}", html)
    assert "no better than chance" in html


def test_one_modality_needs_no_shares_and_no_text_no_words():
    html = evidence(("audio",))._repr_html_()
    assert "Share of what moved" not in html
    assert "line-height:1.9" not in html


def test_maps_that_were_not_made_are_said_to_be_untested():
    assert "not tested yet" in without_modalities(CASE, "audio").after._repr_html_()


@pytest.mark.parametrize("html", [CASE._repr_html_(), CASE.prediction._repr_html_()])
def test_nothing_runs_nothing_is_fetched_and_text_takes_the_notebook_s_colour(html):
    assert "<script" not in html
    assert "http" not in html
    assert "color:inherit" in html
    assert not any(re.search(r"(^|;)color:(?!inherit)", style) for style in styles(html)), "dark grounds too"


def test_what_a_person_wrote_stays_words():
    html = evidence(text="<img src=x onerror=alert(1)> & so")._repr_html_()
    assert "<img" not in html
    assert "&lt;" in html
