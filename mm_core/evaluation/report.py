"""The evaluation report: ``report[task][modalities][source][metric]``, read by people, pages and scripts alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from mm_core.data.tables import FILES, Table
from mm_core.evaluation import metrics
from mm_core.evaluation.answers import DRAWS, Answers, Rows, answer_all, encode_rows
from mm_core.evaluation.calibrate import USUAL_THRESHOLD, calibrated
from mm_core.evaluation.lines import SAME, case_lines
from mm_core.labels import MODALITIES, PAIRS, SENTIMENTS, coalition_name
from mm_core.model import TriadModel
from mm_core.versions import versions

ALL: Final = "all"
_LIBRARIES: Final = ("torch", "transformers", "open_clip_torch", "numpy", "scikit-learn")


def evaluate(
    model: TriadModel, data: Path, *, split: str = "test", seed: int = 0, draws: int = DRAWS, quiet: bool = False
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Judge a model on a data folder; returns the report and one line a case (no raw media).

    A figure is ``{"value", "low", "high"}`` in 0..1, low and high its 95 % bootstrap interval.
    """
    rows = encode_rows(model, data, split, quiet=quiet)
    answers = answer_all(model, rows, seed=seed, draws=draws)
    report: dict[str, Any] = heading(model, data, rows.tables, split=split, seed=seed) | {"draws": draws}
    for task, sets in answers.items():
        report[task] = {
            name: {source: _judge(task, given, source, model) for source in _sources(given)}
            for name, given in sets.items()
        }
    _add_product(report, answers["emotion"], model, rows)
    return report, case_lines(answers, model, rows.tables)


def heading(model: TriadModel, data: Path, tables: Mapping[str, Table], *, split: str, seed: int) -> dict[str, Any]:
    """What every report says about itself: model, data, split, seed, intervals, versions and time."""
    return {
        "model": {"name": model.name, "hash": model.hash},
        "data": {"digest": data_digest(data), **_described(tables)},
        "split": split,
        "seed": seed,
        "interval": "95 % bootstrap by speaker, subject or source row",
        "versions": versions(_LIBRARIES),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def data_digest(data: Path) -> str:
    """SHA-256 over the folder's tables."""
    digest = hashlib.sha256()
    for modality in MODALITIES:
        path = data / FILES[modality]
        if path.is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _described(tables: Mapping[str, Table]) -> dict[str, Any]:
    return {
        "rows": {m: len(table) for m, table in tables.items()},
        "left_out": {m: table.left_out for m, table in tables.items()},
    }


def _sources(given: Answers) -> list[str]:
    names = sorted(set(given.source.tolist()))
    return [ALL] if len(given.modalities) > 1 else [*names, ALL]


def _judge(task: str, given: Answers, source: str, model: TriadModel) -> dict[str, Any]:
    here = np.ones(len(given.source), bool) if source == ALL else given.source == source
    scores = calibrated(task, given, model.calibration)
    if task == "agreement":
        return _judge_pairs(given, scores, here)
    keep = here & (given.targets.sum(1) > 0)
    labels = model.config.labels if task == "emotion" else SENTIMENTS
    result = _judge_classes(scores[keep], given.targets[keep], [g[keep] for g in given.groups], labels)
    if given.multilabel is not None and given.modalities == ("text",):
        several = expit(given.multilabel[keep])
        resampler = metrics.Resampler.by_groups([g[keep] for g in given.groups])
        stored = np.array([model.calibration.multilabel.get(label, USUAL_THRESHOLD) for label in labels])
        for name, threshold in (("multilabel_macro_f1", stored), ("multilabel_macro_f1_at_0.3", 0.3)):
            sums = metrics.multilabel_statistics(given.targets[keep], several >= threshold)
            result[name] = resampler.figure(sums, metrics.multilabel_macro_f1)
    return result


def _judge_classes(
    scores: NDArray[np.float64],
    targets: NDArray[np.float32],
    groups: Sequence[NDArray[np.str_]],
    labels: Sequence[str],
) -> dict[str, Any]:
    """Accuracy and calibration over all rows (right if the top label is one of the row's); the rest over rows with
    one label."""
    if not len(scores):
        return {"n": 0}
    top = scores.argmax(1)
    right = targets[np.arange(len(top)), top].astype(float)
    resampler = metrics.Resampler.by_groups(list(groups))
    single = targets.sum(1) == 1
    cells = metrics.confusion_statistics(targets.argmax(1), top, len(labels)) * single[:, None]
    hits = np.stack((right, np.ones(len(right))), 1)
    confusion = cells.sum(0)
    precision, recall, f1, support = metrics.precision_recall_f1(confusion)
    return {
        "n": len(scores),
        "n_single_label": int(single.sum()),
        "accuracy": resampler.figure(hits, metrics.mean),
        "macro_f1": resampler.figure(cells, metrics.macro_f1),
        "weighted_f1": resampler.figure(cells, metrics.weighted_f1),
        "uar": resampler.figure(cells, metrics.unweighted_average_recall),
        "ece": resampler.figure(metrics.calibration_statistics(scores.max(1), right), metrics.ece),
        "per_class": {
            label: {
                "precision": float(precision[c]),
                "recall": float(recall[c]),
                "f1": float(f1[c]),
                "n": int(support[c]),
            }
            for c, label in enumerate(labels)
        },
        "confusion": {
            "labels": list(labels),
            "rows": "truth",
            "matrix": confusion.reshape(len(labels), -1).astype(int).tolist(),
        },
    }


def _judge_pairs(given: Answers, scores: NDArray[np.float64], here: NDArray[np.bool_]) -> dict[str, Any]:
    """All pairs of the set together, each case's pairs resampled together."""
    known = (given.targets >= 0) & here[:, None]
    columns = [column for column in range(len(PAIRS)) if known[:, column].any()]
    truth = np.concatenate([given.targets[known[:, c], c] for c in columns]).astype(np.int64)
    probability = np.concatenate([scores[known[:, c], c] for c in columns])
    groups = [np.concatenate([g[known[:, c]] for c in columns]) for g in given.groups]
    both = np.stack((1 - probability, probability), 1)
    return _judge_classes(both, np.eye(2, dtype=np.float32)[truth], groups, SAME)


def _add_product(report: dict[str, Any], sets: Mapping[str, Answers], model: TriadModel, rows: Rows) -> None:
    """Beside the fusion: the product of the three single answers on the same composed cases, each calibrated, the
    product renormalised."""
    name = coalition_name(MODALITIES)
    if name not in sets:
        return
    given = sets[name]
    product = np.zeros_like(given.logits, dtype=np.float64)
    for modality in MODALITIES:
        alone = sets[modality]
        product += np.log(calibrated("emotion", alone, model.calibration)[given.rows[modality]] + 1e-9)
    product = np.exp(product - product.max(1, keepdims=True))
    product /= product.sum(1, keepdims=True)
    report["baselines"] = {
        "product_of_singles": {
            name: {
                ALL: _judge_classes(product, given.targets, given.groups, model.config.labels),
            }
        }
    }
