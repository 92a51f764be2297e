"""Clips of one person's face and voice together: ``aligned/<name>/faces.parquet`` and ``speech.parquet``.

The two are joined by the column ``clip``; ``faces.parquet`` holds crops at several moments, whose ``position`` runs
from 0 to 1. Unlike composed cases these show how people's channels really go together.

Shapes: N clips, C labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mm_core.datasets.tables import FILES, Table, table_of

PAIR: Final = ("image", "audio")
_MIDDLE: Final = 0.5


@dataclass(frozen=True, eq=False)
class AlignedClips:
    """image, audio: tables of N rows each, in the order of clips; the face is the one nearest to a clip's middle."""

    source: str
    image: Table
    audio: Table

    def __len__(self) -> int:
        return len(self.audio)

    @property
    def targets(self) -> NDArray[np.float32]:
        """(N, C)."""
        return self.audio.targets


def aligned_folders(folder: Path, modality: str) -> list[Path]:
    """The folders of clips whose face and voice are both there; none for words, which no such corpus has."""
    if modality not in PAIR:
        return []
    places = sorted((folder / "aligned").glob("*/"))
    return [place for place in places if all((place / FILES[m]).is_file() for m in PAIR)]


def read_aligned_table(place: Path, modality: str, labels: Sequence[str]) -> Table:
    """All faces or voices of one such folder; ``case`` is the clip."""
    return table_of(_rows(place, modality), modality, labels, place.name)


def read_aligned(folder: Path, labels: Sequence[str], split: str) -> Iterator[AlignedClips]:
    """The clips of each aligned corpus with rows of that split, by source."""
    for place in aligned_folders(folder, "image"):
        faces, speech = (_rows(place, m) for m in PAIR)
        nearest = (faces["position"] - _MIDDLE).abs()
        middle = faces.assign(away=nearest).sort_values("away", kind="stable").drop_duplicates("case")
        clips = speech["case"][speech["case"].isin(middle["case"])].tolist()
        image = table_of(middle.set_index("case", drop=False).loc[clips], "image", labels, place.name).only(split)
        audio = table_of(speech.set_index("case", drop=False).loc[clips], "audio", labels, place.name).only(split)
        for source in sorted(set(audio.source.tolist())):
            yield AlignedClips(source, image.where(image.source == source), audio.where(audio.source == source))


def _rows(place: Path, modality: str) -> pd.DataFrame:
    return pd.read_parquet(place / FILES[modality]).rename(columns={"clip": "case"})
