"""FER+: what ten people each saw in a picture of FER2013, whose own labels are noisy.

Barsoum, Zhang, Canton Ferrer and Zhang, "Training deep networks for facial expression recognition with crowd-sourced
label distribution" (ICMI 2016). A picture is learned from with all of its votes, and judged or composed with others
only where one emotion has more votes than anything else that could be chosen.

Shapes: N rows of the table of faces, C labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FILE: Final = "faces_votes.parquet"

SOURCE: Final = "fer2013"
"""The source whose pictures were voted on."""

ORIGINAL_LABELS: Final = f"{SOURCE} (original labels)"
"""What scores by the source's own labels are called, beside those by the votes."""

EMOTION_OF_COLUMN: Final = {
    "anger": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happiness": "joy",
    "neutral": "neutral",
    "sadness": "sadness",
    "surprise": "surprise",
}
_CONTEMPT: Final = "contempt"
_NO_EMOTION: Final = ("unknown", "NF")


@dataclass(frozen=True, eq=False)
class Votes:
    """first (N, C): 1 for the unique first choice where that is one of the labels, else zeros. shares (N, C): of the
    votes for the labels, zeros where a picture is not to be learned from. Rows without votes are all zero."""

    first: NDArray[np.float32]
    shares: NDArray[np.float32]


def read_votes(folder: Path, count: int, labels: Sequence[str]) -> Votes | None:
    """The votes on the first ``count`` rows of a data folder's table of faces; None where it has no votes.

    Not learned from: pictures where contempt, or an emotion that is not among the labels, is the first choice, or in
    which most people saw no face or could not say.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    frame = pd.read_parquet(path)
    counts = frame[[*EMOTION_OF_COLUMN, _CONTEMPT, *_NO_EMOTION]].to_numpy(np.float32)
    most = counts.max(1)
    unique = (counts == most[:, None]).sum(1) == 1
    voted = np.zeros((len(frame), len(labels)), np.float32)
    for column, emotion in enumerate(EMOTION_OF_COLUMN.values()):
        if emotion in labels:
            voted[:, labels.index(emotion)] = counts[:, column]
    first = (voted == most[:, None]) & unique[:, None] & (voted > 0)
    emotions = counts[:, : len(EMOTION_OF_COLUMN)]
    contempt, nothing = len(EMOTION_OF_COLUMN), counts[:, -len(_NO_EMOTION) :].sum(1)
    usable = (counts[:, contempt] < most) & (nothing <= counts.sum(1) / 2) & (voted.max(1) == emotions.max(1))
    rows = frame["faces_row"].to_numpy()
    votes = Votes(np.zeros((count, len(labels)), np.float32), np.zeros((count, len(labels)), np.float32))
    votes.first[rows] = first
    votes.shares[rows] = np.where(usable[:, None], voted / np.maximum(voted.sum(1, keepdims=True), 1), 0)
    return votes
