"""Score a model on a data folder; what comes out is described in ``evaluation_report``.

Shapes: N cases, C classes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, softmax

from mm_core.evaluation import metrics
from mm_core.evaluation.answers import DRAWS, Answers, answer_all, encode_rows
from mm_core.evaluation.calibrate import USUAL_THRESHOLD, calibrated
from mm_core.evaluation.evaluation_report import ALL, ClassScores, Confusion, EvaluationReport, Met, Scores
from mm_core.evaluation.heading import INTERVAL, heading, judged_data
from mm_core.evaluation.predictions import SAME, predictions_of
from mm_core.evaluation.records import Estimate
from mm_core.labels import MODALITIES, PAIRS, SENTIMENTS, coalition_name
from mm_core.model import TriadModel
from mm_core.samples import InvalidInput

_SMALLEST: Final = 1e-9
"""Added to probabilities before their logarithm is taken."""


def evaluate(
    model: TriadModel,
    data: str | Path,
    *,
    split: str = "test",
    seed: int = 0,
    draws: int = DRAWS,
    never_seen: Collection[str] = (),
    quiet: bool = False,
) -> tuple[EvaluationReport, pd.DataFrame]:
    """Score a model on a data folder; returns the report and one row a case (no raw media).

    data: a folder of tables (``mm_core.datasets.tables``). draws: composed cases of each pair and of all three.
    never_seen: sources of which no training of this model ever used a row; their scores stand first wherever the
    report is shown. InvalidInput for one that the folder lacks.
    """
    data = Path(data)
    rows = encode_rows(model, data, split, quiet=quiet)
    answers = answer_all(model, rows, seed=seed, draws=draws)
    known = {str(source) for table in rows.tables.values() for source in table.source}
    unknown = sorted(set(never_seen) - known)
    if unknown:
        raise InvalidInput(f"The data folder has no source {unknown[0]!r}; it has {', '.join(sorted(known))}.")
    scores = {
        task: {
            name: {
                source: _score(task, given, source, model, "never seen" if source in never_seen else None)
                for source in _sources(given)
            }
            for name, given in sets.items()
        }
        for task, sets in answers.items()
    }
    data_read = judged_data(data, rows.tables)
    report = EvaluationReport(
        **dict(heading(model, data=data_read, split=split, seed=seed, interval=INTERVAL)),
        draws=draws,
        baselines=_baselines(answers["emotion"], model),
        emotion=scores["emotion"],
        sentiment=scores["sentiment"],
        agreement=scores["agreement"],
    )
    return report, predictions_of(answers, model, rows.tables)


def _sources(given: Answers) -> list[str]:
    names = sorted(set(given.source.tolist()))
    return [ALL] if len(given.modalities) > 1 else [*names, ALL]


def _score(task: str, given: Answers, source: str, model: TriadModel, met: Met | None) -> Scores:
    here = np.ones(len(given.source), bool) if source == ALL else given.source == source
    scores = calibrated(task, given, model.calibration)
    if task == "agreement":
        return _score_pairs(given, scores, here)
    keep = here & (given.targets.sum(1) > 0)
    labels = model.config.labels if task == "emotion" else SENTIMENTS
    groups = [g[keep] for g in given.groups]
    found = _score_classes(scores[keep], given.targets[keep], groups, labels).model_copy(update={"met": met})
    if given.multilabel is None or given.modalities != ("text",):
        return found
    several = expit(given.multilabel[keep])
    resampler = metrics.Resampler.by_groups(groups)
    thresholds = np.array([model.calibration.multilabel.get(label, USUAL_THRESHOLD) for label in labels])

    def macro_f1(least: NDArray[np.float64] | float) -> Estimate:
        sums = metrics.multilabel_statistics(given.targets[keep], several >= least)
        return resampler.estimate(sums, metrics.multilabel_macro_f1)

    several_labels = {"multilabel_macro_f1": macro_f1(thresholds), "multilabel_macro_f1_at_03": macro_f1(0.3)}
    return found.model_copy(update=several_labels)


def _score_classes(
    scores: NDArray[np.float64],
    targets: NDArray[np.float32],
    groups: Sequence[NDArray[np.str_]],
    labels: Sequence[str],
) -> Scores:
    """Accuracy and calibration over all rows (right if the top label is one of the row's); the rest over rows with
    one label."""
    if not len(scores):
        return Scores(n=0)
    top = scores.argmax(1)
    right = targets[np.arange(len(top)), top].astype(float)
    resampler = metrics.Resampler.by_groups(list(groups))
    single = targets.sum(1) == 1
    cells = metrics.confusion_statistics(targets.argmax(1), top, len(labels)) * single[:, None]
    confusion = cells.sum(0)
    precision, recall, f1, support = metrics.precision_recall_f1(confusion)
    return Scores(
        n=len(scores),
        n_single_label=int(single.sum()),
        accuracy=resampler.share(right),
        macro_f1=resampler.estimate(cells, metrics.macro_f1),
        weighted_f1=resampler.estimate(cells, metrics.weighted_f1),
        uar=resampler.estimate(cells, metrics.unweighted_average_recall),
        ece=resampler.estimate(metrics.calibration_statistics(scores.max(1), right), metrics.ece),
        per_class={
            label: ClassScores(precision=precision[c], recall=recall[c], f1=f1[c], n=int(support[c]))
            for c, label in enumerate(labels)
        },
        confusion=Confusion(labels=list(labels), matrix=confusion.reshape(len(labels), -1).astype(int).tolist()),
    )


def _score_pairs(given: Answers, scores: NDArray[np.float64], here: NDArray[np.bool_]) -> Scores:
    """All pairs of the set together, each case's pairs resampled together."""
    known = (given.targets >= 0) & here[:, None]
    columns = [column for column in range(len(PAIRS)) if known[:, column].any()]
    truth = np.concatenate([given.targets[known[:, c], c] for c in columns]).astype(np.int64)
    probability = np.concatenate([scores[known[:, c], c] for c in columns])
    groups = [np.concatenate([g[known[:, c]] for c in columns]) for g in given.groups]
    both = np.stack((1 - probability, probability), 1)
    return _score_classes(both, np.eye(2, dtype=np.float32)[truth], groups, SAME)


def _baselines(sets: Mapping[str, Answers], model: TriadModel) -> dict[str, dict[str, dict[str, Scores]]]:
    """Beside the fusion: products of the three single answers on the same composed cases.

    ``late_product`` first divides each single answer by what that modality answers on average, its prior: composed
    cases are balanced over classes, the rows of one modality are not, and three such priors multiplied would drown
    the evidence (the product rule, Kittler et al., 1998; priors from unlabelled rows, Saerens et al., 2002).
    ``product_of_singles`` leaves the priors in.
    """
    name = coalition_name(MODALITIES)
    if name not in sets:
        return {}
    given = sets[name]
    evidence = np.zeros_like(given.logits, dtype=np.float64)
    priors = np.zeros(given.logits.shape[1])
    for modality in MODALITIES:
        alone = calibrated("emotion", sets[modality], model.calibration)  # (rows of this modality, C)
        evidence += np.log(alone[given.rows[modality]] + _SMALLEST)
        priors += np.log(alone.mean(0) + _SMALLEST)

    def scores(logits: NDArray[np.float64]) -> dict[str, dict[str, Scores]]:
        found = _score_classes(softmax(logits, axis=1), given.targets, given.groups, model.config.labels)
        return {name: {ALL: found}}

    return {"late_product": scores(evidence - priors), "product_of_singles": scores(evidence)}
