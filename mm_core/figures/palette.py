"""Colours with one meaning each, the same in both user interfaces, light and dark.

Modalities take three colours of Okabe and Ito's set (2008), which stay apart for colour-blind eyes. All text and
grid colours are middle greys that keep at least 3.4:1 contrast on white and on the dark grounds of both interfaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

Scale = Sequence[tuple[float, str]]
"""A colour scale: places from 0 to 1 and the rgba() colour at each."""

MODALITY_COLOURS: Final = {"text": "#0072B2", "image": "#D55E00", "audio": "#009E73"}
"""A modality keeps its colour everywhere."""

SHARED: Final = "#8A8F98"
"""Grey: what belongs to several modalities together, or to none."""

INK: Final = "#757C88"
"""Text and axes where the page does not say whether it is light or dark; INK_CSS sharpens it where it can."""

FAINT: Final = "rgba(128, 134, 145, 0.22)"
"""Grid lines, chance bands and other things in the background."""

ACCENT: Final = "#8463B8"
"""Unsigned amounts that belong to no modality: probabilities, attention."""

FOR: Final = "#C0392B"
"""Red: speaks for the class (a positive value)."""

AGAINST: Final = "#2F78C4"
"""Blue: speaks against the class (a negative value)."""

SIGNED_SCALE: Final = (
    (0.0, "rgba(33, 102, 172, 0.92)"),
    (0.25, "rgba(86, 148, 206, 0.66)"),
    (0.5, "rgba(255, 255, 255, 0.0)"),
    (0.75, "rgba(222, 106, 84, 0.66)"),
    (1.0, "rgba(178, 24, 43, 0.92)"),
)
"""Blue-white-red for signed values, always centred on 0. Its white is clear, so that nothing is drawn where nothing
speaks: the page or the picture shows through."""

GREYED_SCALE: Final = (
    (0.0, "rgba(110, 110, 110, 0.75)"),
    (0.5, "rgba(150, 150, 150, 0.0)"),
    (1.0, "rgba(110, 110, 110, 0.75)"),
)
"""What stands in for SIGNED_SCALE where a map is no better than chance: the sign is not worth a colour."""

AMOUNT_SCALE: Final = ((0.0, "rgba(132, 99, 184, 0.03)"), (1.0, "rgba(132, 99, 184, 1.0)"))
"""From clear to ACCENT for amounts from 0 up, such as attention and counts."""

CLASS_COLOURS: Final = {
    "anger": "#CC6677",
    "disgust": "#999933",
    "fear": "#AA4499",
    "joy": "#DDAA33",
    "neutral": "#8A8F98",
    "sadness": "#6699CC",
    "surprise": "#44AA99",
    "negative": "#AA4499",
    "positive": "#DDAA33",
    "same": "#44AA99",
    "different": "#CC6677",
}
"""Classes where several lines share a chart (after Paul Tol's muted set); CLASS_DASHES tells them apart too."""

_DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "5px,2px,1px,2px,1px,2px")


def class_colour(label: str) -> str:
    """The colour of a class; grey for one that is not known."""
    return CLASS_COLOURS.get(label, SHARED)


def class_dash(index: int) -> str:
    """The dash of the ``index``-th line of a chart, so that no line is known by its colour alone."""
    return _DASHES[index % len(_DASHES)]


def modality_colour(members: Iterable[str] | str) -> str:
    """The colour of a set of modalities (or its name, ``text+audio``): its own for one, grey for several or none."""
    chosen = members.split("+") if isinstance(members, str) else list(members)
    return MODALITY_COLOURS.get(chosen[0], SHARED) if len(chosen) == 1 else SHARED


def signed_colour(value: float) -> str:
    """Red for what speaks for a class, blue for what speaks against it, grey for exactly nothing."""
    if value == 0:
        return SHARED
    return FOR if value > 0 else AGAINST


def faded(colour: str, opacity: float) -> str:
    """``#rrggbb`` as an rgba() of that opacity (0..1)."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"


def colour_at(scale: Scale, place: float) -> str:
    """The colour at a place (0..1) of a scale, between its steps in proportion."""
    place = min(max(place, 0.0), 1.0)
    last = len(scale) - 1
    index = next((i for i in range(last) if place <= scale[i + 1][0]), last - 1)
    (start, first), (end, second) = scale[index], scale[index + 1]
    share = (place - start) / (end - start)
    mixed = [a + (b - a) * share for a, b in zip(_numbers(first), _numbers(second), strict=True)]
    return "rgba({:.0f}, {:.0f}, {:.0f}, {:.3f})".format(*mixed)


def _numbers(colour: str) -> list[float]:
    return [float(number) for number in re.findall(r"[\d.]+", colour)]
