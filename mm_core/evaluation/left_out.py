"""Voices of corpora that were left out in turn: a fresh head on the tokens of an untouched base tower.

The quick stand-in for training the tower itself without a corpus. Beside it, the same with a few neutral seconds of
each speaker as reference: what a speaker's clips differ by from their own neutral ones is all that the head sees.
Corpora of the same people, such as sounds and films of one set of actors, are left out together, and those for
testing only never train.

Shapes: N clips, D width of the tower, C labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mm_core.datasets.bank import TokenBank, contents, fill_bank
from mm_core.datasets.corpora import TEST_ONLY, read_corpora
from mm_core.datasets.references import judged_beside
from mm_core.datasets.tables import Table
from mm_core.encoders import Encoder
from mm_core.evaluation.evaluation_report import BySet, Scores
from mm_core.evaluation.referred_answers import WITH_REFERENCE
from mm_core.evaluation.scoring import score_classes

_STRENGTH: Final = 0.01
"""Inverse of the head's L2 penalty: a few thousand clips, and features by the hundred."""


def leave_one_corpus_out(
    encoder: Encoder, data: Path, labels: Sequence[str], *, quiet: bool = False
) -> dict[str, BySet]:
    """``[task][set][source]`` for each corpus of voices with at least two labels, without and with a reference.

    encoder: an audio tower with base weights that saw none of the corpora.
    """
    table = read_corpora(data, "audio", labels)
    table = table.where(table.targets.sum(1) == 1)
    features = statistics_of(fill_bank(encoder, contents(table), label="reading audio", quiet=quiet))
    relative, referred = relative_to_neutral(features, table, labels)
    found: dict[str, Scores] = {}
    for people in sorted(set(people_of(table).tolist())):
        for source in sorted(set(table.source[people_of(table) == people].tolist())):
            if len(np.unique(table.targets[table.source == source].argmax(1))) < 2:
                continue
            everyone = np.ones(len(table), bool)
            found[source] = _score_without(people, source, features, table, everyone, labels)
            if (referred & (table.source == source)).any():
                name = f"{source}, {WITH_REFERENCE}"
                found[name] = _score_without(people, source, relative, table, referred, labels)
    return {"emotion": {"audio": found}}


def statistics_of(bank: TokenBank) -> NDArray[np.float32]:
    """Mean and deviation over each row's tokens, (N, 2 D)."""
    rows = [bank.values[start:stop].float() for start, stop in zip(bank.offsets, bank.offsets[1:], strict=False)]
    return np.stack([np.concatenate((row.mean(0), row.std(0, correction=0))) for row in rows])


def relative_to_neutral(
    features: NDArray[np.float32], table: Table, labels: Sequence[str]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Features less the mean of their speaker's reference clips, and which rows (N,) can be judged so: those of
    speakers who have a reference, but for the reference itself."""
    relative = features.copy()
    references, referred = judged_beside(table, labels)
    for speaker, reference in references.items():
        relative[table.group == speaker] -= features[reference].mean(0)
    return relative, referred


def _score_without(
    people: str,
    source: str,
    features: NDArray[np.float32],
    table: Table,
    usable: NDArray[np.bool_],
    labels: Sequence[str],
) -> Scores:
    truth = table.targets.argmax(1)
    learned = (
        usable & (people_of(table) != people) & ~np.isin(table.source, list(TEST_ONLY)) & (table.split != "test")
    )
    judged = usable & (table.source == source)
    head = make_pipeline(
        StandardScaler(), LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=2000)
    ).fit(features[learned], truth[learned])
    scores = np.zeros((int(judged.sum()), len(labels)))
    scores[:, head.classes_] = head.predict_proba(features[judged])
    return score_left_out(scores, table.where(judged), labels)


def score_left_out(scores: NDArray[np.float64], table: Table, labels: Sequence[str]) -> Scores:
    """Scores of probabilities (N, C) for one source's rows, answered by a training without it: over all labels and,
    as ``own_labels``, over those that the rows have."""
    own = scores * (table.targets.sum(0) > 0)
    groups = [table.group]
    restricted = score_classes(own / own.sum(1, keepdims=True), table.targets, groups, labels)
    found = score_classes(scores, table.targets, groups, labels)
    return found.model_copy(update={"met": "left out", "own_labels": restricted})


def people_of(table: Table) -> NDArray[np.str_]:
    """(N,): what sources of the same people share, the part of their name before an underscore."""
    return np.array([source.split("_")[0] for source in table.source.tolist()])
