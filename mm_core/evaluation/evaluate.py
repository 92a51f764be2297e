"""Score a model on a data folder; what comes out is described in ``evaluation_report``.

Shapes: N cases, C classes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from mm_core.datasets.corpora import TEST_ONLY
from mm_core.datasets.tables import Table
from mm_core.evaluation.aligned_answers import answer_aligned
from mm_core.evaluation.answers import COMPOSED, DRAWS, Answers, answer_all, encode_rows
from mm_core.evaluation.calibrate import calibrated, said_to_disagree
from mm_core.evaluation.calm_voices import calm_voices
from mm_core.evaluation.evaluation_report import ALL, CalmVoices, EvaluationReport, Met, Scores
from mm_core.evaluation.heading import INTERVAL, evaluated_data, heading
from mm_core.evaluation.peoples_votes import against_votes
from mm_core.evaluation.predictions import predictions_of
from mm_core.evaluation.referred_answers import WITH_REFERENCE, answer_referred
from mm_core.evaluation.scoring import SMALLEST, score, score_classes
from mm_core.labels import MODALITIES, coalition_name
from mm_core.predictors import Predictor
from mm_core.samples import InvalidInput


def evaluate(
    model: Predictor,
    data: str | Path,
    *,
    split: str = "test",
    seed: int = 0,
    draws: int = DRAWS,
    never_seen: Collection[str] = (),
    quiet: bool = False,
) -> tuple[EvaluationReport, pd.DataFrame]:
    """Score a model on a data folder; returns the report and one row a case (no raw media).

    data: a folder of tables and corpora (``mm_core.datasets.corpora``). draws: composed cases of each pair and of all
    three. never_seen: sources of which no training of this model ever used a row, beside those that no training may
    use; their scores stand first wherever the report is shown and take no part in those of all rows. InvalidInput for
    one that the folder lacks.
    """
    data = Path(data)
    rows = encode_rows(model, data, split, quiet=quiet)
    answers = answer_all(model, rows, seed=seed, draws=draws)
    known = {str(source) for table in rows.tables.values() for source in table.source}
    unknown = sorted(set(never_seen) - known)
    if unknown:
        raise InvalidInput(f"The data folder has no source {unknown[0]!r}; it has {', '.join(sorted(known))}.")
    strangers = TEST_ONLY | set(never_seen)
    scores = {
        task: {name: _by_source(task, given, model, strangers) for name, given in sets.items()}
        for task, sets in answers.items()
    }
    said_of_clips: dict[str, float] = {}
    for task, aligned in answer_aligned(model, data, split, quiet=quiet).items():
        for name, corpora in aligned.items():
            for given in corpora:
                found = _by_source(task, given, model, strangers)
                scores[task].setdefault(name, {}).update({s: v for s, v in found.items() if s != ALL})
                if task == "agreement":
                    said_of_clips[str(given.source[0])] = _said_to_disagree(given, model)
    calm: dict[str, CalmVoices] = {}
    if (voices := rows.tables.get("audio")) is not None:
        calm = calm_voices(answers["emotion"]["audio"], voices, model)
        referred = answer_referred(model, voices, quiet=quiet)
        if referred is not None:
            named = {f"{source}, {WITH_REFERENCE}" for source in strangers}
            found = _by_source("emotion", referred, model, named)
            scores["emotion"]["audio"] |= {s: v for s, v in found.items() if s != ALL}
    if (faces := rows.tables.get("image")) is not None:
        scores["emotion"]["image"] |= _by_original_labels(answers["emotion"]["image"], faces, model)
    data_read = evaluated_data(data, rows.tables)
    report = EvaluationReport(
        **dict(heading(model, data=data_read, split=split, seed=seed, interval=INTERVAL)),
        draws=draws,
        baselines=_baselines(answers["emotion"], model),
        emotion=scores["emotion"],
        sentiment=scores["sentiment"],
        agreement=scores["agreement"],
        peoples_votes=against_votes(model, rows, data, seed=seed),
        calm_voices=calm,
        clips_said_to_disagree=said_of_clips,
    )
    return report, predictions_of(answers, model, rows.tables)


def _said_to_disagree(given: Answers, model: Predictor) -> float:
    """Share of cases, whose modalities all agree, of which the contrary would be said."""
    said = said_to_disagree(calibrated("agreement", given, model.calibration), model.calibration)
    return float((said & (given.targets > 0)).any(1).mean())


def _by_source(task: str, given: Answers, model: Predictor, strangers: Collection[str]) -> dict[str, Scores]:
    """Scores of each source and, under ALL, of the rows of those that the model learned from."""
    known = ~np.isin(given.source, list(strangers))
    everything = score(task, given, known if known.any() else np.ones(len(known), bool), model)
    if set(given.source.tolist()) == {COMPOSED}:
        return {ALL: everything}
    found = {}
    for source in sorted(set(given.source.tolist())):
        here = given.source == source
        met: Met | None = "never seen" if source in strangers else None
        found[source] = score(task, given, here, model).model_copy(update={"met": met})
        if task == "emotion":
            own = score(task, given, here, model, own_labels=True)
            found[source] = found[source].model_copy(update={"own_labels": own})
    return {**found, ALL: everything}


def _by_original_labels(given: Answers, faces: Table, model: Predictor) -> dict[str, Scores]:
    """Scores by the sources' own labels where people's votes stand in their place otherwise, for comparison."""
    voted = sorted(set(faces.source[(faces.original != faces.targets).any(1)].tolist()))
    by_source = replace(given, targets=faces.original)
    return {f"{s} (original labels)": score("emotion", by_source, faces.source == s, model) for s in voted}


def _baselines(sets: Mapping[str, Answers], model: Predictor) -> dict[str, dict[str, dict[str, Scores]]]:
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
        evidence += np.log(alone[given.rows[modality]] + SMALLEST)
        priors += np.log(alone.mean(0) + SMALLEST)

    def scores(logits: NDArray[np.float64]) -> dict[str, dict[str, Scores]]:
        found = score_classes(softmax(logits, axis=1), given.targets, given.groups, model.labels)
        return {name: {ALL: found}}

    return {"late_product": scores(evidence - priors), "product_of_singles": scores(evidence)}
