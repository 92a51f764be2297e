from __future__ import annotations

import re

import pytest

from mm_core.figures.palette import (
    ACCENT,
    GREYED_SCALE,
    INK,
    MODALITY_COLOURS,
    SHARED,
    SIGNED_SCALE,
    class_dash,
    colour_at,
    faded,
    modality_colour,
    signed_colour,
)
from mm_core.figures.theme import INK_CSS, symmetric
from mm_core.labels import EMOTIONS

DARK = {"gradio": "#1f2937", "streamlit": "#0e1117", "page": "#191f29"}


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_modalities_have_the_colours_of_the_house_and_groups_are_grey() -> None:
    assert MODALITY_COLOURS == {"text": "#0072B2", "image": "#D55E00", "audio": "#009E73"}
    assert modality_colour(["image"]) == modality_colour("image") == "#D55E00"
    assert modality_colour("text+audio") == modality_colour(("text", "audio")) == modality_colour("none") == SHARED


@pytest.mark.parametrize("ground", ["#ffffff", *DARK.values()])
@pytest.mark.parametrize("colour", [INK, SHARED, ACCENT])
def test_text_and_shared_colours_read_on_light_and_dark(colour: str, ground: str) -> None:
    assert contrast(colour, ground) >= 2.8


@pytest.mark.parametrize("ground", DARK.values())
def test_the_style_sheet_sharpens_ink_on_dark_grounds(ground: str) -> None:
    inks = re.findall(r"var\(--figure-ink, (#\w{6})\)", INK_CSS)
    assert contrast(inks[0], "#ffffff") >= 7
    assert contrast(inks[1], ground) >= 7
    assert "rgb(117, 124, 136)" in INK_CSS, "the sheet finds ink by its colour as browsers write it"


def test_the_signed_scale_is_symmetric_and_clear_in_the_middle() -> None:
    places = [place for place, _ in SIGNED_SCALE]
    assert places == [1 - place for place in reversed(places)]
    assert colour_at(SIGNED_SCALE, 0.5).endswith("0.000)")
    assert colour_at(SIGNED_SCALE, 0.0) == "rgba(33, 102, 172, 0.920)"
    assert colour_at(SIGNED_SCALE, 1.0) == "rgba(178, 24, 43, 0.920)"


def test_a_colour_between_two_steps_is_mixed_in_proportion() -> None:
    scale = ((0.0, "rgba(0, 0, 0, 0.0)"), (0.5, "rgba(100, 200, 40, 1.0)"), (1.0, "rgba(0, 0, 0, 1.0)"))
    assert colour_at(scale, 0.25) == "rgba(50, 100, 20, 0.500)"
    assert colour_at(scale, 0.75) == "rgba(50, 100, 20, 1.000)"
    assert colour_at(scale, 7.0) == colour_at(scale, 1.0)


def test_a_greyed_scale_has_no_hue() -> None:
    for _, colour in GREYED_SCALE:
        red, green, blue = re.findall(r"\d+", colour)[:3]
        assert red == green == blue


def test_signs_are_told_apart_by_colour_and_classes_also_by_dash() -> None:
    assert len({signed_colour(1.0), signed_colour(-1.0), signed_colour(0.0)}) == 3
    assert len({class_dash(index) for index in range(len(EMOTIONS))}) == len(EMOTIONS)
    assert faded("#0072B2", 0.5) == "rgba(0, 114, 178, 0.5)"


def test_a_signed_range_is_centred() -> None:
    assert symmetric([0.2, -0.5]) == (-0.5, 0.5)
    assert symmetric([0.2], room=2) == (-0.4, 0.4)
    low, high = symmetric([])
    assert low == -high < 0
