"""What people answer when a face and a voice differ: the CREMA-D votes, as targets for composed cases.

Some ten people said of each clip which of six emotions it shows when they only heard it, only saw it, and both (Cao
et al., "CREMA-D: crowd-sourced emotional multimodal actors dataset", IEEE Trans. Affective Computing 5(4), 2014). A
clip's perceived emotion of one channel is the first choice of those who had that channel alone. Where enough clips
carry a pair of perceived emotions, people's answer is the mean of the votes on both; elsewhere, and for surprise, a
log-linear rule fitted to the same votes stands in. Words join as a third factor of that rule.

Shapes: N cases, K clips, C labels of EMOTIONS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mm_core.labels import EMOTIONS

FILE: Final = "human/cremad_votes.parquet"

VOTED: Final = ("anger", "disgust", "fear", "joy", "neutral", "sadness")
"""What the voters could choose from."""

FEWEST_CLIPS: Final = 20
"""Clips from which the votes of a pair of perceived emotions speak for themselves."""

WEIGHTS: Final = {"text": 0.8, "image": 0.96, "audio": 0.64}
"""Weight of each channel's log probabilities. Face and voice: the two that explain the votes on both best
(cross-entropy 0.99; the plain product has 1.10, the votes' own entropy is 0.66). Nobody voted on words; theirs is the
mean of the two."""

NEUTRAL_BIAS: Final = -0.49
"""Added to neutral's log probability, fitted with the two weights: neutral is little evidence."""

_LEAST: Final = 1e-4
"""Share that stands for no vote at all where logarithms are taken."""

_NEUTRAL: Final = EMOTIONS.index("neutral")
_SURPRISE: Final = EMOTIONS.index("surprise")


@dataclass(frozen=True, eq=False)
class HumanTargets:
    """People's answers to what one perceives in each channel.

    perceived[modality] (C, C): what people say of a channel alone whose label is the row's; votes (C, C, C): mean
    votes on both by the face's label, then the voice's; clips (C, C): how many clips those are means of.
    """

    perceived: dict[str, NDArray[np.float64]]
    votes: NDArray[np.float64]
    clips: NDArray[np.int64]

    @classmethod
    def read(cls, data: Path) -> Self | None:
        """From a data folder; None where it has no votes."""
        path = data / FILE
        return cls.of_votes(pd.read_parquet(path)) if path.is_file() else None

    @classmethod
    def of_votes(cls, votes: pd.DataFrame) -> Self:
        """From one row a clip and mode (``voice``, ``face``, ``voice+face``) with a column of counts for each of
        VOTED."""
        shares = {mode: _shares(votes, mode) for mode in ("face", "voice", "voice+face")}
        first = {mode: shares[mode].argmax(1) for mode in ("face", "voice")}  # (K,), the first of VOTED where tied
        size = len(VOTED)
        pair = first["face"] * size + first["voice"]
        clips = np.bincount(pair, minlength=size * size)
        sums = np.zeros((size * size, size))
        np.add.at(sums, pair, shares["voice+face"])
        means = sums / np.maximum(clips, 1)[:, None]
        place = [EMOTIONS.index(name) for name in VOTED]
        both = np.zeros((len(EMOTIONS),) * 3)
        both[np.ix_(place, place, place)] = means.reshape(size, size, size)
        counts = np.zeros((len(EMOTIONS),) * 2, np.int64)
        counts[np.ix_(place, place)] = clips.reshape(size, size)
        face, voice = (_perceived(shares[mode], first[mode], place) for mode in ("face", "voice"))
        return cls({"text": (face + voice) / 2, "image": face, "audio": voice}, both, counts)

    def pairs(self) -> list[tuple[int, int]]:
        """The unequal pairs of face and voice labels that people's votes speak for."""
        return [(int(f), int(v)) for f, v in np.argwhere(self.clips >= FEWEST_CLIPS) if f != v]

    def answers(self, labels: Mapping[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        """People's answer (N, C) to cases whose channels carry these labels (N,), by modality.

        Neutral words have no say beside anything else. Where all that is left carries one label, that is the answer.
        """
        names = list(labels)
        rows = np.stack([labels[name] for name in names], 1)
        kinds, back = np.unique(rows, axis=0, return_inverse=True)
        made = [self._answer(dict(zip(names, (int(c) for c in kind), strict=True))) for kind in kinds]
        return np.stack(made)[back.reshape(-1)].astype(np.float32)

    def _answer(self, labels: dict[str, int]) -> NDArray[np.float64]:
        if len(labels) > 1 and labels.get("text") == _NEUTRAL:
            labels = {modality: label for modality, label in labels.items() if modality != "text"}
        if len(set(labels.values())) == 1:
            return np.eye(len(EMOTIONS))[next(iter(labels.values()))]
        seen = {modality: label for modality, label in labels.items() if modality != "text"}
        scores = self._seen_and_heard(seen)
        if "text" not in labels:
            return _normalised(np.exp(scores))
        words = WEIGHTS["text"] * np.log(self.perceived["text"][labels["text"]])
        # Without the option nobody chose surprise; beside words it gets what perceived channels leave to it.
        scores[_SURPRISE] = max(scores[_SURPRISE], np.log(self.perceived["text"][_NEUTRAL, _SURPRISE]))
        return _normalised(np.exp(scores + words))

    def _seen_and_heard(self, labels: Mapping[str, int]) -> NDArray[np.float64]:
        """Log probabilities (C,) of people's answer to a face, a voice, or both."""
        if set(labels) == {"image", "audio"}:
            pair = labels["image"], labels["audio"]
            if self.clips[pair] >= FEWEST_CLIPS:
                return np.log(np.maximum(self.votes[pair], _LEAST))
        scores = NEUTRAL_BIAS * np.eye(len(EMOTIONS))[_NEUTRAL]
        for modality, label in labels.items():
            scores = scores + WEIGHTS[modality] * np.log(self.perceived[modality][label])
        return np.log(_normalised(np.exp(scores)))


def _normalised(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return shares / shares.sum()


def _shares(votes: pd.DataFrame, mode: str) -> NDArray[np.float64]:
    """Shares of the votes (K, 6) on each clip in one mode, in the order of the clips' names."""
    counts = votes[votes["mode"] == mode].sort_values("clip")[list(VOTED)].to_numpy(float)
    return counts / counts.sum(1, keepdims=True)


def _perceived(shares: NDArray[np.float64], first: NDArray[np.int64], place: list[int]) -> NDArray[np.float64]:
    """Mean votes (C, C) on one channel alone by its perceived emotion.

    Nobody could vote for surprise. It is taken to be told as well as the others on the mean, and to be named for one
    of them as often as they are for each other.
    """
    means = np.stack([np.maximum(shares[first == c].mean(0), _LEAST) for c in range(len(VOTED))])
    told = float(np.diagonal(means).mean())
    other = (1 - told) / len(VOTED)
    table = np.full((len(EMOTIONS), len(EMOTIONS)), other)
    table[np.ix_(place, place)] = means / means.sum(1, keepdims=True) * (1 - other)
    table[_SURPRISE, _SURPRISE] = told
    return table
