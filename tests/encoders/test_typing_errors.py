"""Texts typed in a hurry."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mm_core.encoders.text import TextConfig
from mm_core.encoders.typing_errors import hurried, shortened, typos, without_vowels
from tests.toys import toy_text_encoder

TEXT = "I Think You Are Happy Today"


def random(seed=0):
    return np.random.default_rng(seed)


def test_typos_hit_the_share_of_letters():
    assert typos(TEXT, 0, random()) == TEXT
    letters = "a" * 4000
    made = typos(letters, 20, random())
    # A doubled letter adds one, a dropped one takes one; swapping two equal letters changes nothing.
    assert abs(len(made) - 4000) < 150
    assert sum(c != "a" for c in made) / 4000 == pytest.approx(0.05, abs=0.02)


def test_vowels_alone_are_left_out():
    assert without_vowels(TEXT, 0, random()) == TEXT
    assert without_vowels(TEXT, 100, random()) == " Thnk Y r Hppy Tdy"


def test_words_are_shortened_as_on_a_phone():
    assert shortened("Thanks, see YOU later. I'm going to yourself!") == "thx, c u l8r. im goin 2 yourself!"
    assert shortened("今天很好") == "今天很好"


def test_hurried_texts_are_of_four_kinds_and_never_empty():
    made = {hurried(TEXT, random(seed)) for seed in range(60)}
    assert {TEXT.lower(), "i think u r happy today"} <= made
    assert any(set("aeiouI") & set(text) == set() or len(text) < len(TEXT) for text in made)
    assert len(made) > 20
    assert all(hurried("a", random(seed)) for seed in range(50))


def test_training_shows_the_share_that_the_configuration_asks_for():
    encoder = toy_text_encoder()
    encoder.token_dropout = 0.0
    texts = ["happy day " * 8] * 200
    plain = encoder.tokenizer(texts[0])["input_ids"]
    assert all(row == plain for row in _unpadded(encoder.augmented(texts, random())))
    encoder.config = dataclasses.replace(encoder.config, hurried=0.5)
    changed = [row != plain for row in _unpadded(encoder.augmented(texts, random()))]
    # Half of the hurried ones are lower case or without a word that is ever shortened, which this text is already.
    assert 0.15 < np.mean(changed) < 0.35


def _unpadded(batch):
    return [ids[mask].tolist() for ids, mask in zip(batch.ids, batch.mask, strict=True)]


def test_a_share_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match="hurried"):
        TextConfig(hurried=1.5)
