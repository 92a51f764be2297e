"""Tables of labelled text, faces and speech, and the split of every row.

The format is three parquet files: ``text.parquet`` (text, label, sentiment, source, split), ``faces.parquet``
(image, label, source, subject, split) and ``speech.parquet`` (audio, label, source, speaker, split). Two more columns
are read where they are there: ``sentiment`` in any table, and ``case``: rows of different tables that one person gave
together carry the same name in it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mm_core.datasets.votes import SOURCE as VOTED_ON
from mm_core.datasets.votes import Votes, read_votes
from mm_core.labels import SENTIMENT_OF_EMOTION, SENTIMENTS

FILES: Final = {"text": "text.parquet", "image": "faces.parquet", "audio": "speech.parquet"}

SPEAKERS: Final = {
    "valid": ("ravdess_20", "ravdess_21", "emodb_12", "emodb_14"),
    "test": ("ravdess_23", "ravdess_24", "emodb_15", "emodb_16"),
}
"""One man and one woman of each speech source for validation and for test; the others train."""

_HASHED_VALID: Final = 0.10
_HASHED_TEST: Final = 0.20
"""Below the first share a hashed subject validates, below the second it tests, above it trains."""


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of one modality.

    content: what was given (str, or encoded bytes). targets: (N, C) float, one or more ones a row, by which it is
    judged and composed; all zero where its emotion is not known for sure. shares: (N, C), what it teaches: a
    distribution over labels, or zeros. original: (N, C), the source's own label, which for faces that people voted on
    differs from targets. sentiment: (N,) index into SENTIMENTS, -1 where there is none. source, split: (N,) str.
    group: (N,) str, what a bootstrap resamples together (speaker, subject, or the row itself). case: (N,) str, what
    was given together, empty where a row stands alone. left_out: rows whose label is unknown.
    """

    modality: str
    content: Sequence[Any]
    targets: NDArray[np.float32]
    shares: NDArray[np.float32]
    original: NDArray[np.float32]
    sentiment: NDArray[np.int64]
    source: NDArray[np.str_]
    split: NDArray[np.str_]
    group: NDArray[np.str_]
    case: NDArray[np.str_]
    left_out: dict[str, int]

    def __len__(self) -> int:
        return len(self.targets)

    def where(self, keep: NDArray[np.bool_]) -> Table:
        """The rows for which ``keep`` (N,) is true."""
        rows = np.flatnonzero(keep)
        return Table(
            self.modality,
            [self.content[int(i)] for i in rows],
            self.targets[rows],
            self.shares[rows],
            self.original[rows],
            self.sentiment[rows],
            self.source[rows],
            self.split[rows],
            self.group[rows],
            self.case[rows],
            self.left_out,
        )

    def only(self, split: str) -> Table:
        """The rows of one split; ``all`` takes every row."""
        return self if split == "all" else self.where(self.split == split)


def read_table(folder: Path, modality: str, labels: Sequence[str]) -> Table:
    """Read one modality's parquet file; FileNotFoundError names the file and its folder's role.

    Rows whose label is not among ``labels`` are left out and counted. Faces that people voted on (see ``votes``) are
    judged by the votes' unique first choice and teach all of the votes.
    """
    path = Path(folder) / FILES[modality]
    if not path.is_file():
        raise FileNotFoundError(f"{FILES[modality]} is missing in the data folder {folder}")
    frame = pd.read_parquet(path)
    votes = read_votes(Path(folder), len(frame), labels) if modality == "image" else None
    return table_of(frame.assign(split=_splits(frame, modality)), modality, labels, "", votes)


def table_of(
    frame: pd.DataFrame, modality: str, labels: Sequence[str], name: str, votes: Votes | None = None
) -> Table:
    """A table of rows in the house's columns, each with its split.

    name: what tells rows without a speaker or subject from those of other files. Rows without a label are kept where
    they have a sentiment.
    """
    names = [[n for n in str(label).split(",") if n] for label in frame["label"]]
    signed = frame["sentiment"].isin(SENTIMENTS).to_numpy() if "sentiment" in frame else np.zeros(len(frame), bool)
    says_something = signed | np.array([bool(row) for row in names])
    known = np.array([set(row) <= set(labels) for row in names], bool) & says_something
    left_out = pd.Series([",".join(row) for row, k in zip(names, known, strict=True) if not k]).value_counts()
    frame = frame[known].reset_index(drop=True)
    original = _targets([row for row, k in zip(names, known, strict=True) if k], labels)
    targets, shares = original, original / np.maximum(original.sum(1, keepdims=True), 1)
    if votes is not None:
        voted = (frame["source"] == VOTED_ON).to_numpy()[:, None]
        targets = np.where(voted, votes.first[known], targets)
        shares = np.where(voted, votes.shares[known], shares)
    return Table(
        modality=modality,
        content=frame[{"text": "text", "image": "image", "audio": "audio"}[modality]].tolist(),
        targets=targets,
        shares=shares,
        original=original,
        sentiment=_sentiments(frame, targets, labels),
        source=frame["source"].to_numpy(dtype=str),
        split=frame["split"].fillna("").to_numpy(dtype=str),
        group=_groups(frame, modality, name),
        case=_named(frame, "case"),
        left_out={str(k): int(v) for k, v in left_out.items()},
    )


def joined(tables: Sequence[Table]) -> Table:
    """Tables of one modality as one, in their order."""
    columns = ("targets", "shares", "original", "sentiment", "source", "split", "group", "case")
    left_out: Counter[str] = Counter()
    for table in tables:
        left_out.update(table.left_out)
    return Table(
        modality=tables[0].modality,
        content=[content for table in tables for content in table.content],
        left_out=dict(left_out),
        **{name: np.concatenate([getattr(table, name) for table in tables]) for name in columns},
    )


def folds(speakers: Iterable[str], count: int) -> list[tuple[str, ...]]:
    """Split speakers into ``count`` disjoint groups, dealing out each source in order of number.

    RAVDESS alternates men and women, so a stride keeps both in every fold.
    """
    by_source: dict[str, list[str]] = {}
    for speaker in sorted(set(speakers)):
        by_source.setdefault(speaker.rsplit("_", 1)[0], []).append(speaker)
    groups: list[list[str]] = [[] for _ in range(count)]
    for names in by_source.values():
        for position, name in enumerate(names):
            groups[position % count].append(name)
    return [tuple(group) for group in groups]


def _targets(names: list[list[str]], labels: Sequence[str]) -> NDArray[np.float32]:
    index = {label: i for i, label in enumerate(labels)}
    targets = np.zeros((len(names), len(labels)), np.float32)
    for row, chosen in enumerate(names):
        targets[row, [index[n] for n in chosen]] = 1.0
    return targets


def _sentiments(frame: pd.DataFrame, targets: NDArray[np.float32], labels: Sequence[str]) -> NDArray[np.int64]:
    """The table's own sentiment; for faces and voices the emotion's usual sign."""
    if "sentiment" in frame:
        names: list[str | None] = frame["sentiment"].tolist()
    else:
        usual = [SENTIMENT_OF_EMOTION.get(labels[i]) for i in targets.argmax(1)]
        names = [sign if row.any() else None for sign, row in zip(usual, targets, strict=True)]
    return np.array([SENTIMENTS.index(n) if n in SENTIMENTS else -1 for n in names], np.int64)


def hashed_share(key: str) -> float:
    """A fixed number in [0, 1) for a name, the same on every machine."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48


def _splits(frame: pd.DataFrame, modality: str) -> NDArray[np.str_]:
    given = frame["split"].fillna("").to_numpy(dtype=str) if "split" in frame else np.full(len(frame), "")
    splits = given.astype("<U5")
    for row, source in enumerate(frame["source"]):
        if modality == "text" and source == "meld":
            # MELD's own test part is not here: its validation part tests, a tenth of its training part validates.
            if given[row] == "valid":
                splits[row] = "test"
            elif given[row] == "train" and hashed_share(frame["text"].iat[row].lower()) < _HASHED_VALID:
                splits[row] = "valid"
        elif modality == "audio" and not given[row]:
            speaker = frame["speaker"].iat[row]
            splits[row] = next((name for name, group in SPEAKERS.items() if speaker in group), "train")
        elif not given[row]:
            column = "subject" if "subject" in frame else "source"
            share = hashed_share(str(frame[column].iat[row]) or str(row))
            splits[row] = "valid" if share < _HASHED_VALID else "test" if share < _HASHED_TEST else "train"
    return splits


def _groups(frame: pd.DataFrame, modality: str, name: str) -> NDArray[np.str_]:
    rows = np.array([f"{name}row{i}" for i in range(len(frame))])
    named = _named(frame, "subject" if modality == "image" else "speaker")
    return np.where(named == "", rows, named)


def _named(frame: pd.DataFrame, column: str) -> NDArray[np.str_]:
    """A column of names; empty strings where there is none."""
    if column not in frame:
        return np.full(len(frame), "")
    return frame[column].fillna("").to_numpy(dtype=str)
