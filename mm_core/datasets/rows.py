"""What every reader yields, and what it finds wrong on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

COMMON_NAMES: Final = {
    "angry": "anger",
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "happy": "joy",
    "happiness": "joy",
    "calm": "neutral",
    "sad": "sadness",
    "surprised": "surprise",
}
"""The public sources' own names of an emotion to the house's."""


@dataclass(frozen=True, eq=False)
class Row:
    """One input of one modality with its label.

    content: the text, the bytes of a face crop, or FLAC bytes (mono, 16 kHz). label: one name, or several joined by
    commas. group: the person, where it is known. case: rows of different modalities that were given together carry
    the same name here. spoken: the sentence of a voice.
    """

    modality: str
    content: str | bytes
    label: str
    source: str
    sentiment: str = ""
    split: str = ""
    group: str = ""
    case: str = ""
    spoken: str = ""
    raw_label: str = ""


class Problem(NamedTuple):
    """What was wrong with one cell: where (``row 12``, or a file's name), the column, and a sentence."""

    where: str
    column: str
    message: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.where}{column}: {self.message}"


@dataclass
class ImportReport:
    """What a reader found: problems of single cells (the rest went on), and remarks with how often each applies."""

    problems: list[Problem] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)

    def problem(self, where: str, column: str, message: str) -> None:
        self.problems.append(Problem(where, column, message))

    def remark(self, message: str, times: int = 1) -> None:
        self.remarks[message] += times
