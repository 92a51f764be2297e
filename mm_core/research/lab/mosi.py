"""CMU-MOSI: utterances of film reviews with features of text, voice and face, and their transcripts.

Zadeh et al., "MOSI: multimodal corpus of sentiment intensity" (2016); features of Poria et al., "Context-dependent
sentiment analysis in user-generated videos" (ACL 2017). Shapes: N utterances, W utterances of a window, D width.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score

from mm_core.encoders.tokens import Tokens
from mm_core.labels import MODALITIES
from mm_core.research.lab.cases import Dataset, LabCases, grouped_folds

FILE: Final = "aligned/mosi.parquet"
LABELS: Final = ("negative", "positive")
FOLDS: Final = 5
COLUMNS: Final = {"text": "text_feat", "image": "video_feat", "audio": "audio_feat"}
AROUND: Final = 4
"""Utterances read on each side in the variant ``neighbours``."""

UNSEEN: Final = {"text": 0.755, "image": 0.531, "audio": 0.585}
"""Accuracy of an SVM on each modality's features alone, on unseen videos (Poria et al., 2017, table 3)."""

_CLIP: Final = 5.0
"""Standard deviations: some columns are zero nearly everywhere and huge elsewhere."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Utterances:
    """names, videos, texts (lower case) and truth (N,); order: place of each in its video; train (N,) bool; features:
    (N, D) of each modality, standardised on train rows and, where ``narrowing`` says so, narrowed."""

    names: NDArray[np.str_]
    videos: NDArray[np.str_]
    texts: list[str]
    truth: NDArray[np.int64]
    order: NDArray[np.int64]
    train: NDArray[np.bool_]
    features: dict[str, Floats]
    narrowing: dict[str, float]


def read_mosi(data: Path) -> Utterances:
    """Read the aligned features under a data folder; FileNotFoundError names the file that is missing."""
    path = data / FILE
    if not path.is_file():
        raise FileNotFoundError(f"{FILE} is missing in the data folder {data}")
    frame = pd.read_parquet(path)
    train = (frame["split"] == "train").to_numpy()
    truth = np.array([LABELS.index(name) for name in frame["sentiment"]], np.int64)
    videos = frame["video"].to_numpy(dtype=str)
    features, narrowing = {}, {}
    for modality, column in COLUMNS.items():
        scaled = standardised(np.stack(frame[column].to_list()).astype(np.float32), train)
        narrowing[modality] = narrowing_for(scaled[train], truth[train], videos[train], UNSEEN[modality])
        scaled[train] = narrowed(scaled[train], truth[train], narrowing[modality])
        features[modality] = scaled
    return Utterances(
        names=frame["id"].to_numpy(dtype=str),
        videos=videos,
        texts=[text.lower() for text in frame["text"]],
        truth=truth,
        order=frame["id"].str.rsplit("_", n=1).str[1].astype(int).to_numpy(),
        train=train,
        features=features,
        narrowing=narrowing,
    )


def standardised(values: Floats, train: NDArray[np.bool_]) -> Floats:
    """(N, D) to zero mean and unit deviation over train rows, clipped; columns without any spread become zero."""
    mean, deviation = values[train].mean(0), values[train].std(0)
    alive = deviation > 1e-6
    return np.where(alive, ((values - mean) / np.where(alive, deviation, 1.0)).clip(-_CLIP, _CLIP), 0.0)


def narrowed(values: Floats, truth: NDArray[np.int64], share: float) -> Floats:
    """Rows (N, D) moved towards the other classes until their classes' means lie ``share`` as far apart as before."""
    moved = values.copy()
    for label in np.unique(truth):
        here = truth == label
        moved[here] -= (1.0 - share) * (values[here].mean(0) - values.mean(0))
    return moved


def narrowing_for(values: Floats, truth: NDArray[np.int64], videos: NDArray[np.str_], unseen: float) -> float:
    """The largest share in 0..1 at which held-out train videos are read no better than unseen ones are known to be.

    The given text and video features come from networks that were themselves trained on the train labels: a linear
    model reads held-out train videos at 0.98 and 0.91, unseen ones at 0.76 and 0.53. Left so, a fusion would trust a
    memory that test rows don't have, and validation could choose nothing.
    """

    def held_out(share: float) -> float:
        model = LogisticRegression(C=1e-3, max_iter=1000)
        moved = narrowed(values, truth, share)
        return float(cross_val_score(model, moved, truth, groups=videos, cv=GroupKFold(FOLDS)).mean())

    if held_out(1.0) <= unseen:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(7):  # to one part in a hundred
        middle = 0.5 * (low + high)
        low, high = (low, middle) if held_out(middle) > unseen else (middle, high)
    return low


def feature_tokens(given: Utterances) -> dict[str, Tokens]:
    """Each utterance's features as one token a modality, (N, 1, D)."""
    mask = torch.ones(len(given.truth), 1, dtype=torch.bool)
    return {m: Tokens(torch.from_numpy(given.features[m]).float().unsqueeze(1), mask) for m in MODALITIES}


def windows(given: Utterances, around: int = AROUND) -> NDArray[np.int64]:
    """(N, W) rows of the utterances around each one in its video, itself in the middle; -1 beyond the ends."""
    rows = np.full((len(given.truth), 2 * around + 1), -1, np.int64)
    for video in np.unique(given.videos):
        inside = np.flatnonzero(given.videos == video)
        inside = inside[np.argsort(given.order[inside])]
        padded = np.concatenate((np.full(around, -1), inside, np.full(around, -1)))
        for place, row in enumerate(inside):
            rows[row] = padded[place : place + 2 * around + 1]
    return rows


def in_windows(tokens: dict[str, Tokens], rows: NDArray[np.int64]) -> dict[str, Tokens]:
    """Mean tokens of the utterances in each window: (N, W, D), those beyond the ends masked."""
    index, mask = torch.from_numpy(rows.clip(min=0)), torch.from_numpy(rows >= 0)
    return {m: Tokens(given.mean()[index], mask) for m, given in tokens.items()}


def mosi_material(data_name: str, variant: str, given: Utterances, tokens: dict[str, Tokens]) -> Dataset:
    """Cases of all utterances, read alone or with their ``neighbours``, in folds grouped by video."""
    if variant == "neighbours":
        tokens = in_windows(tokens, windows(given))
    everything = LabCases(tokens, given.truth, given.names, given.videos)
    train = everything.take(np.flatnonzero(given.train))
    return Dataset(
        data=data_name,
        variant=variant,
        labels=LABELS,
        train=train,
        test=everything.take(np.flatnonzero(~given.train)),
        folds=grouped_folds(train.groups, FOLDS),
        notes={"narrowing": given.narrowing},
    )


def linear_references(given: Utterances) -> list[dict[str, Any]]:
    """Test accuracy of logistic regression on each modality's features and on all, as references of the report."""
    parts = dict(given.features) | {"all": np.concatenate([given.features[m] for m in MODALITIES], 1)}
    found = []
    for name, values in parts.items():
        model = LogisticRegression(C=1e-3, max_iter=1000).fit(values[given.train], given.truth[given.train])
        found.append(
            {
                "data": "mosi-features",
                "name": f"logistic regression, {name}",
                "metric": "accuracy",
                "value": float(model.score(values[~given.train], given.truth[~given.train])),
                "source": "this lab",
                "note": "on the same standardised and narrowed features, each utterance alone",
                "kind": "measured",
            }
        )
    return found
