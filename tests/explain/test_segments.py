"""From tokens to words, patches and moments."""

import numpy as np
import pytest

from mm_core.explain.segments import moments, patches, plain_segments, sum_over_tokens, words
from mm_core.samples import Box, Clip, Picture
from tests.toys import toy_text_encoder


def test_word_pieces_merge_and_special_tokens_never_show():
    encoder = toy_text_encoder()
    text = "I'm unhappy, happy!!!"
    batch = encoder.prepare([text])
    units = words(text, encoder.spans(batch, 0))
    assert units.labels == ("I'm", "unhappy", ",", "happy", "!!!")
    assert [text[int(a) : int(b)] for a, b in units.spans] == list(units.labels)
    assert units.token_units[0] == units.token_units[-1] == -1  # [CLS] and [SEP]
    assert set(units.token_units[1:-1]) == set(range(5))
    assert (np.diff(units.token_units[1:-1]) >= 0).all()
    assert units.extent == (len(text),)


def test_words_beyond_the_cut_are_left_out():
    encoder = toy_text_encoder(max_pieces=8)
    text = "i am so happy today and you never love"
    units = words(text, encoder.spans(encoder.prepare([text]), 0))
    assert units.labels == ("i", "am", "so", "happy", "today", "and")


def test_symbols_are_units_and_white_space_is_not():
    text = "so  :( \n sad"
    spans = [None, (0, 2), (4, 5), (5, 6), (9, 12), None]
    units = words(text, spans)
    assert units.labels == ("so", ":(", "sad")
    assert units.token_units.tolist() == [-1, 0, 1, 1, 2, -1]


def test_a_text_without_a_known_piece_has_no_units():
    units = words("", [None, None])
    assert len(units) == 0
    assert units.spans.shape == (0, 2)


def test_patches_lie_over_the_picture_through_the_crop():
    picture = Picture(np.zeros((100, 200, 3), np.uint8), Box(40, 10, 100, 70))
    spans = [(c / 2, r / 3, (c + 1) / 2, (r + 1) / 3) for r in range(3) for c in range(2)]
    units = patches(picture, spans, (3, 2))
    assert units.spans[0].tolist() == [40, 10, 70, 30]
    assert units.spans[-1].tolist() == [70, 50, 100, 70]
    assert units.extent == (200, 100)
    assert units.grid == (3, 2)
    assert units.labels[3] == "row 2, column 2"


def test_without_a_face_box_patches_span_the_whole_picture():
    units = patches(Picture(np.zeros((60, 30, 3), np.uint8)), [(0.0, 0.0, 1.0, 1.0)], (1, 1))
    assert units.spans.tolist() == [[0, 0, 30, 60]]


def test_moments_count_from_the_clip_as_given():
    clip = Clip(np.zeros(16_000, np.float32), start=0.5, given_seconds=2.0)
    spans = [None, *((i * 0.128, min(1.008, (i + 1) * 0.128)) for i in range(8)), None]
    units = moments(clip, spans)
    assert len(units) == 8
    assert units.spans[0] == pytest.approx([0.5, 0.628])
    assert units.spans[-1] == pytest.approx([0.5 + 7 * 0.128, 1.5])
    assert units.token_units.tolist() == [-1, *range(8), -1]
    assert units.extent == (2.0,)
    assert units.labels[0] == "0.50 to 0.63 s"


def test_short_frames_are_put_together_into_moments():
    clip = Clip(np.zeros(16_000, np.float32), 0.0, 1.0)
    units = moments(clip, [(i * 0.02, (i + 1) * 0.02) for i in range(50)])
    assert len(units) == 8
    assert np.bincount(units.token_units).max() <= 7
    assert units.spans[0, 0] == 0
    assert units.spans[-1, 1] == pytest.approx(1.0)


def test_long_clips_have_longer_moments():
    clip = Clip(np.zeros(30 * 16_000, np.float32), 0.0, 30.0)
    units = moments(clip, [(i * 0.128, min(30.0, (i + 1) * 0.128)) for i in range(235)])
    assert len(units) == 79
    assert np.diff(units.spans[:-1], axis=1) == pytest.approx(0.384)
    assert units.spans[1:, 0] == pytest.approx(units.spans[:-1, 1])


def test_a_frame_at_the_very_end_belongs_to_the_last_moment():
    clip = Clip(np.zeros(2048 * 2, np.float32), 0.0, 0.256)  # 17 frames of 16 ms: the last is centred on the end
    units = moments(clip, [(0.0, 0.128), (0.128, 0.256), (0.256, 0.272)])
    assert len(units) == 2
    assert units.token_units.tolist() == [0, 1, 1]
    assert (units.spans[:, 1] > units.spans[:, 0]).all()


def test_token_values_are_summed_over_units():
    units = words("unhappy day", [None, (0, 2), (2, 7), (8, 11), None])
    assert sum_over_tokens(np.array([9.0, 1.0, 2.0, 4.0, 9.0]), units).tolist() == [3.0, 4.0]


def test_plain_units_need_no_encoder():
    text = plain_segments("so sad, so SAD today")
    assert text.labels == ("so", "sad", ",", "so", "SAD", "today")
    picture = plain_segments(Picture(np.zeros((60, 90, 3), np.uint8), Box(0, 0, 60, 60)))
    assert len(picture) == 36
    assert picture.grid == (6, 6)
    assert picture.spans[-1].tolist() == [50, 50, 60, 60]
    clip = plain_segments(Clip(np.zeros(16_000, np.float32), 0.25, 1.5))
    assert clip.spans[0].tolist() == [0.25, pytest.approx(0.378)]
    assert clip.spans[-1, 1] == pytest.approx(1.25)
    assert np.allclose(clip.spans[1:, 0], clip.spans[:-1, 1])
