"""From an encoder's tokens to what a person can point at: words, patches of the picture, moments of the clip."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import singledispatch
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.explain.records import Segments
from mm_core.samples import Clip, Picture

MOMENT_SECONDS: Final = 0.128
"""Length of a moment: one token of the mel encoder; shorter tokens of other encoders are put together."""

MOST_MOMENTS: Final = 80
"""Clips of more than ten seconds get longer moments, whole multiples: more could not be read or tested in time."""

SHORTEST_SECONDS: Final = 0.016
"""What is left at the end of a clip and shorter than this belongs to the moment before."""

_WORD: Final = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]+")
"""A word with its apostrophes, or a run of punctuation or symbols, which carries feeling too ("!!!", ":(")."""

PLAIN_GRID: Final = (6, 6)
"""Rows and columns of patches where no encoder says how it cuts a picture."""

Spans = Sequence[tuple[float, ...] | None]
"""What ``encoder.spans`` gives for one input: a span a token, None for special tokens and padding."""


@singledispatch
def segments_of(given: object, spans: Spans, grid: tuple[int, int] | None = None) -> Segments:
    """The units of a text, a picture or a clip, in the coordinates of what the person gave. ``grid``: rows and
    columns of the encoder's tokens, where they lie in a plane."""
    raise TypeError(f"{type(given).__name__} has no units")


@segments_of.register
def words(text: str, spans: Spans, grid: tuple[int, int] | None = None) -> Segments:
    """Word pieces merged to words; words that the encoder did not read (the text was cut) are left out."""
    found = [(match.start(), match.end()) for match in _WORD.finditer(text)]
    owner = np.full(len(text) + 1, -1, np.int32)  # word of each character
    for index, (start, end) in enumerate(found):
        owner[start:end] = index
    pieces = [-1 if span is None else _first(owner[int(span[0]) : int(span[1])]) for span in spans]
    read = sorted({piece for piece in pieces if piece >= 0})
    position = {word: index for index, word in enumerate(read)}
    return Segments(
        modality="text",
        labels=tuple(text[slice(*found[word])] for word in read),
        spans=np.array([found[word] for word in read], np.float64).reshape(-1, 2),
        token_units=np.array([position.get(piece, -1) for piece in pieces], np.int32),
        extent=(float(len(text)),),
    )


@segments_of.register
def patches(picture: Picture, spans: Spans, grid: tuple[int, int] | None = None) -> Segments:
    """Patches as boxes over the upright picture, through the face crop."""
    height, width = picture.pixels.shape[:2]
    left, top, right, bottom = picture.face or (0, 0, width, height)
    scale = np.array([right - left, bottom - top] * 2, np.float64)
    known = [span for span in spans if span is not None]
    boxes = np.array(known, np.float64).reshape(-1, 4) * scale + np.array([left, top, left, top])
    rows, columns = grid or (1, len(known))
    labels = tuple(f"row {index // columns + 1}, column {index % columns + 1}" for index in range(len(known)))
    return Segments("image", labels, boxes, _enumerated(spans), (float(width), float(height)), (rows, columns))


@segments_of.register
def moments(clip: Clip, spans: Spans, grid: tuple[int, int] | None = None) -> Segments:
    """Moments in seconds of the clip as given; tokens shorter than a moment are put together."""
    length = MOMENT_SECONDS * max(1, math.ceil(clip.seconds / (MOST_MOMENTS * MOMENT_SECONDS)))
    bins: dict[int, list[tuple[float, ...]]] = {}
    owners: list[int] = []
    for span in spans:
        # A tenth of a moment of slack, so that rounding never splits tokens of exactly one moment.
        place = -1 if span is None else int((span[0] + MOMENT_SECONDS / 10) / length)
        if span is not None and bins and clip.seconds - span[0] < SHORTEST_SECONDS:
            place = max(bins)  # a last frame, centred on the end of the clip
        owners.append(place)
        if span is not None:
            bins.setdefault(place, []).append(span)
    order = {place: index for index, place in enumerate(sorted(bins))}
    bounds = [(min(s[0] for s in bins[p]), max(s[1] for s in bins[p])) for p in order]
    seconds = np.array(bounds, np.float64).reshape(-1, 2).clip(max=clip.seconds) + clip.start
    return Segments(
        modality="audio",
        labels=tuple(f"{start:.2f} to {end:.2f} s" for start, end in seconds),
        spans=seconds,
        token_units=np.array([order.get(place, -1) for place in owners], np.int32),
        extent=(max(clip.given_seconds, clip.start + clip.seconds),),
    )


@singledispatch
def plain_segments(given: object) -> Segments:
    """The units of a text, a picture or a clip where no encoder says what it reads: words, a grid of patches, and
    moments."""
    raise TypeError(f"{type(given).__name__} has no units")


@plain_segments.register
def _(text: str) -> Segments:
    return words(text, [(float(match.start()), float(match.end())) for match in _WORD.finditer(text)])


@plain_segments.register
def _(picture: Picture) -> Segments:
    rows, columns = PLAIN_GRID
    boxes = [(c / columns, r / rows, (c + 1) / columns, (r + 1) / rows) for r in range(rows) for c in range(columns)]
    return patches(picture, boxes, PLAIN_GRID)


@plain_segments.register
def _(clip: Clip) -> Segments:
    count = max(1, math.ceil(clip.seconds / MOMENT_SECONDS - SHORTEST_SECONDS / MOMENT_SECONDS))
    starts = [MOMENT_SECONDS * index for index in range(count)]
    return moments(clip, list(zip(starts, [*starts[1:], clip.seconds], strict=True)))


def sum_over_tokens(values: NDArray[np.floating], units: Segments) -> NDArray[np.float32]:
    """Sum one value a token (L,) over the tokens of each unit: (U,) float32."""
    kept = units.token_units >= 0
    return np.bincount(units.token_units[kept], values[kept], minlength=len(units)).astype(np.float32)


def _first(owners: NDArray[np.int32]) -> int:
    inside = owners[owners >= 0]
    return int(inside[0]) if len(inside) else -1


def _enumerated(spans: Spans) -> NDArray[np.int32]:
    known = np.array([span is not None for span in spans], dtype=bool)
    return np.where(known, np.cumsum(known) - 1, -1).astype(np.int32)
