"""Traits of labelled rows by which scores are sliced: how long a text is, how bright a face, how loud a voice.

Shapes: N rows of a table.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mm_core.datasets.tables import Table
from mm_core.samples.stored import decode_face, decode_speech

TRAITS: Final = {
    "words": "text",
    "brightness": "image",
    "loudness": "audio",
    "seconds": "audio",
    "speaker": "audio",
}
"""Each trait with the modality whose rows have it. words: how many, by white space. brightness: mean grey of the
face, 0 to 1. loudness: root mean square of the clip in dB under full scale. seconds: length of the clip."""

_SILENCE: Final = 1e-5
"""Root mean square that stands for silence, -100 dB."""


def traits_of(table: Table) -> dict[str, NDArray[Any]]:
    """The traits of a table's modality, each (N,): float32, or str for the speaker."""
    if table.modality == "text":
        return {"words": np.array([len(text.split()) for text in table.content], np.float32)}
    if table.modality == "image":
        return {"brightness": np.array([decode_face(d).mean() / 255 for d in table.content], np.float32)}
    clips = [decode_speech(data) for data in table.content]
    levels = [20 * np.log10(max(float(np.sqrt(np.square(wave).mean())), _SILENCE)) for _, wave in clips]
    return {
        "loudness": np.array(levels, np.float32),
        "seconds": np.array([len(wave) / rate for rate, wave in clips], np.float32),
        "speaker": table.group,
    }
