"""A tower's recipe without one corpus at a time: how good it is, and how sure it may be, with people, microphones
and sentences that it never met.

Shapes: N rows, R readings of a row, C labels.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor

from mm_core.datasets.references import judged_beside
from mm_core.datasets.tables import Table
from mm_core.encoders.base import Condensed
from mm_core.evaluation.calibrate import temperature_of
from mm_core.evaluation.evaluation_report import Scores
from mm_core.evaluation.left_out import people_of, score_left_out
from mm_core.evaluation.referred_answers import WITH_REFERENCE
from mm_core.presets import ModelConfig
from mm_core.training.loop import fit
from mm_core.training.stages import LEFT_OUT, condensed_tower
from mm_core.training.towers import TowerClassifier, TowerRecipe

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Judged:
    """Rows of a corpus with the logits (N, C) of a tower that was trained without it."""

    table: Table
    logits: NDArray[np.float32]


def leave_corpora_out(
    modality: str, config: ModelConfig, recipe: TowerRecipe, data: Path, folder: Path, *, quiet: bool = False
) -> dict[str, Any]:
    """Train the head of a resting backbone once for each corpus with several labels, without that corpus.

    Corpora of the same people are left out together. Writes ``folder/left_out.json``: ``scores``, by source as in
    the evaluation report, and ``widening``: how many times larger the temperature must be for a corpus left out than
    for validation rows of those learned from, in the geometric mean. ValueError for a recipe without readings: a
    tower that learns as a whole would take hours for each corpus.
    """
    if not recipe.readings:
        raise ValueError(
            f"the {modality} tower learns as a whole; only a head on a resting backbone is trained again"
        )
    folder.mkdir(parents=True, exist_ok=True)
    everyone, readings, build = condensed_tower(modality, config, recipe, data, folder.parent / "banks", quiet=quiet)
    people = people_of(everyone)
    scores: dict[str, Scores] = {}
    widenings = []
    for group in sorted(set(people.tolist())):
        theirs = people == group
        if len(np.unique(everyone.targets[theirs].argmax(1))) < 2:
            continue
        train, valid = ~theirs & (everyone.split == "train"), ~theirs & (everyone.split == "valid")
        task = build(train, valid)
        fit(task, recipe.schedule, folder / group, quiet=quiet, validate_each_epoch=False)
        judged = _judge(task.module, everyone, readings, theirs)
        if valid.any():  # else all validation rows are of the corpus itself, and there is nothing to compare with
            own = _judge(task.module, everyone, readings, valid)
            usual = temperature_of(own.logits, own.table.targets)
            widenings.append(temperature_of(judged.logits, judged.table.targets) / usual)
        scores |= _scored(judged, config.labels, "")
        referred = _referred(task.module, everyone.where(theirs), readings[theirs], config.labels)
        if referred is not None:
            scores |= _scored(referred, config.labels, f", {WITH_REFERENCE}")
        log.info("without %s: %s", group, {s: v.uar.value for s, v in scores.items() if v.uar is not None})
    found = {
        "widening": float(np.exp(np.mean(np.log(widenings or [1.0])))),
        "scores": {"emotion": {modality: {s: v.model_dump(mode="json", by_alias=True) for s, v in scores.items()}}},
    }
    (folder / LEFT_OUT).write_text(json.dumps(found, indent=1))
    return found


@torch.inference_mode()
def _judge(
    module: TowerClassifier,
    table: Table,
    readings: Tensor,
    rows: NDArray[np.bool_],
    references: Tensor | None = None,
) -> _Judged:
    plain = readings[torch.from_numpy(rows), 0]
    given = Condensed(plain, torch.full_like(plain, torch.nan) if references is None else references)
    return _Judged(table.where(rows), module.eval()(given)[0].numpy())


def _referred(module: TowerClassifier, table: Table, readings: Tensor, labels: tuple[str, ...]) -> _Judged | None:
    """The rows of speakers with neutral ones, beside the first few of these, which are not judged."""
    references, rows = judged_beside(table, labels)
    if not rows.any():
        return None
    means = {group: readings[torch.from_numpy(chosen), 0].mean(0) for group, chosen in references.items()}
    return _judge(module, table, readings, rows, torch.stack([means[g] for g in table.group[rows].tolist()]))


def _scored(judged: _Judged, labels: tuple[str, ...], suffix: str) -> dict[str, Scores]:
    """Scores by source, over all labels and over the corpus's own."""
    found = {}
    for source in sorted(set(judged.table.source.tolist())):
        here = judged.table.source == source
        chances = softmax(judged.logits[here].astype(np.float64), axis=1)
        found[source + suffix] = score_left_out(chances, judged.table.where(here), labels)
    return found
