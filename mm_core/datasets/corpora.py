"""Every corpus that a data folder may hold beside its three tables: where it lies, its rows' splits, what it is for.

``more/<corpus>/`` holds a table in the house's format; ``aligned/<name>/`` one person's faces and voice together (see
``aligned``). A new corpus is a reader, or one of those here, and a line in CORPORA.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from mm_core.datasets import human, votes
from mm_core.datasets.aligned import aligned_folders, read_aligned_table
from mm_core.datasets.tables import FILES, Table, hashed_share, joined, read_table, table_of
from mm_core.samples import InvalidInput

log = logging.getLogger(__name__)

ENGLISH: Final = ("en",)

Reader = Callable[[Path], pd.DataFrame]
"""From a corpus's file to its rows, each with a split."""


def by_column(path: Path) -> pd.DataFrame:
    """Rows whose column ``split`` stands."""
    return pd.read_parquet(path)


def all_train(path: Path) -> pd.DataFrame:
    """Rows that all train."""
    return pd.read_parquet(path).assign(split="train")


def all_test(path: Path) -> pd.DataFrame:
    """Rows that all test."""
    return pd.read_parquet(path).assign(split="test")


def smp2020(path: Path) -> pd.DataFrame:
    """SMP2020-EWECT, of whose usual posts the train part could not be had: a tenth of their validation part, by hash,
    validates and the rest trains."""
    frame = pd.read_parquet(path)
    validates = np.array([hashed_share(text) < 0.1 for text in frame["text"]])
    moved = (frame["source"] == "smp2020_usual") & (frame["split"] == "valid") & ~validates
    return frame.assign(split=frame["split"].mask(moved, "train"))


@dataclass(frozen=True)
class Corpus:
    """name: its folder under ``more/`` and, for one that only tests, its source. language: of its texts; None for
    voices, which are read whatever is spoken. test_only: by its terms, or so that something stays unmet, no training
    may use it."""

    name: str
    modality: str
    read: Reader
    language: str | None = None
    test_only: bool = False


CORPORA: Final = (
    Corpus("savee", "audio", all_train),
    Corpus("tess", "audio", all_test, test_only=True),
    Corpus("javanese", "audio", all_train),  # the actors who train in aligned/javanese
    Corpus("casia", "audio", all_test, test_only=True),
    Corpus("ordinary", "audio", by_column),
    Corpus("isear", "text", all_test, "en", test_only=True),
    Corpus("tweeteval_emotion", "text", by_column, "en"),
    Corpus("smp2020", "text", smp2020, "zh"),
    Corpus("brighter_zh", "text", by_column, "zh"),
    Corpus("chinese_reviews", "text", all_train, "zh"),
)

TEST_ONLY: Final = frozenset(corpus.name for corpus in CORPORA if corpus.test_only)
"""Sources that no training may use."""


def read_corpora(
    folder: Path, modality: str, labels: Sequence[str], languages: Sequence[str] = ENGLISH, *, clips: bool = True
) -> Table:
    """All rows of one modality: the folder's own table, its corpora in these languages and, where asked for, the
    faces or voices of its aligned clips.

    Row numbers of the own table stay what they are in ``read_table``. FileNotFoundError where there is no own table.
    """
    folder = Path(folder)
    tables = [read_table(folder, modality, labels)]
    for corpus in _there(folder, modality, languages):
        tables.append(table_of(corpus.read(_path(folder, corpus)), modality, labels, corpus.name))
    if clips:
        tables += [read_aligned_table(place, modality, labels) for place in aligned_folders(folder, modality)]
    return joined(tables)


def learned_from(table: Table, split: str = "train") -> Table:
    """The rows of a split that say anything to learn; InvalidInput where one is of a corpus for testing only."""
    rows = table.only(split)
    refuse_test_only(rows)
    says_something = (rows.shares.sum(1) > 0) | (rows.sentiment >= 0)
    return rows.where(says_something)


def refuse_test_only(rows: Table) -> None:
    """InvalidInput where a row to learn from is of a corpus for testing only."""
    forbidden = sorted(TEST_ONLY & set(rows.source.tolist()))
    if forbidden:
        raise InvalidInput(
            f"Rows of {', '.join(forbidden)} are for testing only; no training may use them. Take them out, or give "
            "them the split test."
        )


def files_of(folder: Path) -> list[Path]:
    """Every file of a data folder that rows, votes or clips are read from, the own tables first."""
    own = [folder / name for name in FILES.values()]
    further = [folder / votes.FILE, folder / human.FILE, *(_path(folder, corpus) for corpus in CORPORA)]
    clips = [place / FILES[m] for m in ("image", "audio") for place in aligned_folders(folder, m)]
    return [path for path in (*own, *further, *clips) if path.is_file()]


def _there(folder: Path, modality: str, languages: Iterable[str]) -> Iterator[Corpus]:
    known = {corpus.name for corpus in CORPORA}
    for place in sorted((folder / "more").glob("*/")):
        if place.name not in known:
            log.warning("more/%s is no known corpus and is not read; known: %s", place.name, ", ".join(sorted(known)))
    for corpus in CORPORA:
        spoken = corpus.language is None or corpus.language in languages
        if corpus.modality == modality and spoken and _path(folder, corpus).is_file():
            yield corpus


def _path(folder: Path, corpus: Corpus) -> Path:
    return folder / "more" / corpus.name / FILES[corpus.modality]
