"""Which rows show how a speaker usually sounds: the neutral ones, which another row may be judged against.

Shapes: N rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.datasets.tables import Table
from mm_core.samples.reference import VoiceInput

NEUTRAL: Final = "neutral"

MOST_REFERENCES: Final = 3
"""Neutral clips in a reference, at most: a few seconds."""


def neutral_rows(table: Table, labels: Sequence[str]) -> NDArray[np.bool_]:
    """(N,): rows of a voice at rest; none where the labels know no neutral."""
    if NEUTRAL not in labels:
        return np.zeros(len(table), bool)
    return (table.targets[:, list(labels).index(NEUTRAL)] == 1) & (table.targets.sum(1) == 1)


def neutral_by_speaker(table: Table, labels: Sequence[str]) -> dict[str, NDArray[np.int64]]:
    """The neutral rows of each speaker who has any."""
    neutral = neutral_rows(table, labels)
    return {g: np.flatnonzero(neutral & (table.group == g)) for g in np.unique(table.group[neutral])}


def judged_beside(table: Table, labels: Sequence[str]) -> tuple[dict[str, NDArray[np.int64]], NDArray[np.bool_]]:
    """Each speaker's reference, their first MOST_REFERENCES neutral rows, and which rows (N,) can be judged beside
    one: those of speakers who have it, but for the reference itself."""
    references = {g: rows[:MOST_REFERENCES] for g, rows in neutral_by_speaker(table, labels).items()}
    judged = np.isin(table.group, list(references))
    for rows in references.values():
        judged[rows] = False
    return references, judged


class References:
    """Draws a few neutral rows of the same speaker for each row, never the row itself."""

    def __init__(self, table: Table, labels: Sequence[str]) -> None:
        self.group = table.group
        self.neutral = neutral_by_speaker(table, labels)

    def draw(self, row: int, count: int, random: np.random.Generator) -> NDArray[np.int64]:
        """Up to ``count`` rows; none where the speaker has no other neutral one."""
        others = self.neutral.get(self.group[row], np.empty(0, np.int64))
        others = others[others != row]
        return random.choice(others, min(count, len(others)), replace=False) if len(others) else others


def with_references(
    waveforms: Sequence[NDArray[np.float32]],
    table: Table,
    labels: Sequence[str],
    share: float,
    random: np.random.Generator,
) -> list[VoiceInput]:
    """The rows' waveforms (T,), a share of them beside up to MOST_REFERENCES neutral ones of the same speaker."""
    references = References(table, labels)
    given = []
    for row, waveform in enumerate(waveforms):
        chosen = references.draw(row, MOST_REFERENCES, random) if random.random() < share else ()
        given.append(VoiceInput(waveform, tuple(waveforms[other] for other in chosen)))
    return given
