"""Where What-if starts: the part of a picture or a voice whose relevance adds up to most."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mm_core.evidence import Evidence

FACE_PART: Final = 3
"""A third of the patches in each direction are covered."""

VOICE_PART: Final = 4
"""A quarter of the moments is muted."""


def strongest_part(evidence: Evidence, modality: str) -> dict[str, list[float]] | None:
    """``x`` and ``y`` from and to, in pixels of the picture; for a voice ``x`` alone, in seconds. None where there is
    no map of that modality."""
    found = evidence.relevance_of(modality)
    if found is None or not len(found.values):
        return None
    units, values = evidence.units[modality], np.nan_to_num(found.values.astype(np.float64))
    if units.grid is not None:
        rows, columns = units.grid
        high, wide = max(1, rows // FACE_PART), max(1, columns // FACE_PART)
        sums = sliding_window_view(values.reshape(units.grid), (high, wide)).sum((2, 3))
        top, left = np.unravel_index(np.abs(sums).argmax(), sums.shape)
        first, last = units.spans[top * columns + left], units.spans[(top + high - 1) * columns + left + wide - 1]
        return {"x": [float(first[0]), float(last[2])], "y": [float(first[1]), float(last[3])]}
    length = max(1, len(values) // VOICE_PART)
    start = int(np.abs(sliding_window_view(values, length).sum(1)).argmax())
    return {"x": [float(units.spans[start, 0]), float(units.spans[start + length - 1, 1])], "y": []}
