"""Answers of a model for the rows of a data folder: each modality alone, and composed pairs and triples.

Shapes: N cases, C classes, M modalities of a set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mm_core.datasets.bank import contents
from mm_core.datasets.compose import Composer, Composition, join
from mm_core.datasets.corpora import read_corpora
from mm_core.datasets.tables import FILES, Table
from mm_core.evaluation.readings import Readings, logits_of, read_rows
from mm_core.labels import COALITIONS, MODALITIES, SENTIMENTS, coalition_name
from mm_core.predictors import Predictor

DRAWS: Final = 2000
"""Composed cases of each pair and of the triple."""

COMPOSED: Final = "composed"
"""The source of composed cases."""

SETS: Final = tuple(members for members in COALITIONS if members)


@dataclass(frozen=True, eq=False)
class EncodedRows:
    """A folder's rows of one split, as the predictor keeps them; only modalities that the folder has."""

    tables: dict[str, Table]
    readings: dict[str, Readings]


@dataclass(frozen=True, eq=False)
class Answers:
    """Raw logits of one task for one set of modalities.

    logits (N, C), or (N, 3) for agreement; targets (N, C) with one or more ones, all zero where masked (for
    agreement: (N, 3), 1 same, 0 different, -1 masked); source (N,); groups: what a bootstrap resamples together, one
    (N,) column a modality; rows: (N,) row numbers of each modality's table; multilabel (N, C): logits of each label
    on its own, for texts.
    """

    modalities: tuple[str, ...]
    logits: NDArray[np.float32]
    targets: NDArray[np.float32]
    source: NDArray[np.str_]
    groups: list[NDArray[np.str_]]
    rows: dict[str, NDArray[np.int64]]
    multilabel: NDArray[np.float32] | None = None


def encode_rows(model: Predictor, data: Path, split: str, *, quiet: bool = False) -> EncodedRows:
    """Read and encode the rows of ``split`` of every table and corpus in ``data``, but for aligned clips;
    FileNotFoundError where there is none."""
    tables: dict[str, Table] = {}
    readings: dict[str, Readings] = {}
    for modality in MODALITIES:
        if modality not in model.learned_modalities or not (data / FILES[modality]).is_file():
            continue
        table = read_corpora(data, modality, model.labels, model.languages, clips=False).only(split)
        if not len(table):
            continue
        tables[modality] = table
        readings[modality] = read_rows(model, modality, contents(table), label=f"reading {modality}", quiet=quiet)
    if not tables:
        raise FileNotFoundError(
            f"none of {', '.join(FILES.values())} with rows of split {split!r} is in the data folder"
        )
    return EncodedRows(tables, readings)


def answer_all(
    model: Predictor, rows: EncodedRows, *, seed: int = 0, draws: int = DRAWS
) -> dict[str, dict[str, Answers]]:
    """``answers[task][set]`` for every set of modalities that the rows allow.

    One modality: every row. More: ``draws`` compositions, balanced over classes, for emotion and sentiment; for
    agreement as many again whose labels differ, so that guessing scores one half.
    """
    random = np.random.default_rng(seed)
    composer = Composer(rows.tables)
    answers: dict[str, dict[str, Answers]] = {"emotion": {}, "sentiment": {}, "agreement": {}}
    for members in SETS:
        if any(m not in rows.tables for m in members):
            continue
        name = coalition_name(members)
        if len(members) == 1:
            for task, given in answer_rows(model, rows, members[0]).items():
                answers[task][name] = given
            continue
        if not composer.classes(members):
            continue
        matched = composer.matched(members, draws, random)
        logits = logits_of(model, rows.readings, matched.rows)
        answers["emotion"][name] = _pack(logits.emotion, _labels(matched, model), rows, matched.rows)
        if logits.sentiment is not None:
            answers["sentiment"][name] = _pack(logits.sentiment, _signs(matched, rows), rows, matched.rows)
        if logits.agreement is not None and len(composer.classes(members)) > 1:
            both = join(matched, composer.mismatched(members, draws, random))
            odd = logits_of(model, rows.readings, {m: r[draws:] for m, r in both.rows.items()})
            agreement = np.concatenate((logits.agreement, odd.of("agreement")))
            answers["agreement"][name] = _pack(agreement, both.agreements().astype(np.float32), rows, both.rows)
    return answers


def answer_rows(model: Predictor, rows: EncodedRows, modality: str) -> dict[str, Answers]:
    """Answers for emotion and, where the predictor has it, sentiment to every row of one modality, alone."""
    table = rows.tables[modality]
    chosen = {modality: np.arange(len(table))}
    logits = logits_of(model, rows.readings, chosen)
    emotion = _pack(logits.emotion, table.targets, rows, chosen)
    answers = {"emotion": replace(emotion, multilabel=logits.multilabel)}
    if logits.sentiment is not None:
        answers["sentiment"] = _pack(logits.sentiment, _one_hot(table.sentiment), rows, chosen)
    return answers


def _pack(
    logits: NDArray[np.float32], targets: NDArray[np.float32], rows: EncodedRows, chosen: dict[str, NDArray[np.int64]]
) -> Answers:
    first = next(iter(chosen))
    alone = len(chosen) == 1
    count = len(targets)
    return Answers(
        modalities=tuple(chosen),
        logits=logits,
        targets=targets,
        source=rows.tables[first].source if alone else np.full(count, COMPOSED),
        groups=[np.char.add(f"{m}:", rows.tables[m].group[chosen[m]].astype(str)) for m in chosen],
        rows=chosen,
    )


def _labels(composition: Composition, model: Predictor) -> NDArray[np.float32]:
    labels = next(iter(composition.labels.values()))
    return np.eye(len(model.labels), dtype=np.float32)[labels]


def _one_hot(indices: NDArray[np.int64]) -> NDArray[np.float32]:
    hot = np.zeros((len(indices), len(SENTIMENTS)), np.float32)
    known = indices >= 0
    hot[np.flatnonzero(known), indices[known]] = 1.0
    return hot


def _signs(composition: Composition, rows: EncodedRows) -> NDArray[np.float32]:
    """A case's sentiment where all its rows that have one agree; masked elsewhere."""
    signs = np.stack([rows.tables[m].sentiment[r] for m, r in composition.rows.items()])
    highest = signs.max(0)
    same = ((signs == highest) | (signs < 0)).all(0)
    return _one_hot(np.where(same, highest, -1))
