"""Voices judged beside a few neutral seconds of the same speaker, as a person may give their normal voice.

The first neutral clips of a speaker are the reference, and are not judged themselves. Shapes: N rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from mm_core.datasets.bank import contents
from mm_core.datasets.references import judged_beside
from mm_core.datasets.tables import Table
from mm_core.evaluation.answers import Answers, EncodedRows, answer_rows
from mm_core.evaluation.readings import read_rows
from mm_core.model import TriadModel
from mm_core.predictors import Predictor
from mm_core.samples.reference import VoiceInput

WITH_REFERENCE: Final = "with a neutral reference"
"""Follows the name of a corpus whose voices were judged so."""


def answer_referred(model: Predictor, table: Table, *, quiet: bool = False) -> Answers | None:
    """Answers for emotion to the rows of speakers who have a reference; None where the model's tower reads none, or
    no speaker has one."""
    if not isinstance(model, TriadModel) or not model.encoders[table.modality].reads_reference:
        return None
    references, judged = judged_beside(table, model.labels)
    if not judged.any():
        return None
    waveforms = contents(table)
    given = [
        VoiceInput(waveforms[row], tuple(waveforms[other] for other in references[table.group[row]]))
        for row in np.flatnonzero(judged)
    ]
    readings = read_rows(model, table.modality, given, label="reading beside references", quiet=quiet)
    rows = EncodedRows({table.modality: table.where(judged)}, {table.modality: readings})
    answers = answer_rows(model, rows, table.modality)["emotion"]
    return replace(answers, source=np.array([f"{source}, {WITH_REFERENCE}" for source in answers.source]))
