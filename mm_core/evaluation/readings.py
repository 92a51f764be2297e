"""Rows of a data set as a predictor keeps them, so that many cases can be made of the same rows.

TriadModel encodes each row once, and only its fusion and heads run for a case; any other predictor is asked about
whole samples.

Shapes: N cases, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from mm_core.datasets.bank import TokenBank, fill_bank
from mm_core.encoders.tokens import Tokens
from mm_core.labels import MODALITIES
from mm_core.model import TriadModel, task_logits
from mm_core.predictors import Predictor, TaskLogits
from mm_core.samples import Sample
from mm_core.samples.stored import sample_of

Readings = TokenBank | Sequence[Any]
"""Rows of one modality: their tokens, or what ``contents`` gives for each."""

_BATCH: Final = 256


def read_rows(
    predictor: Predictor, modality: str, inputs: Sequence[Any], *, label: str = "reading", quiet: bool = False
) -> Readings:
    """Keep rows of one modality, each as ``mm_core.datasets.bank.contents`` gives it."""
    if isinstance(predictor, TriadModel):
        return fill_bank(predictor.encoders[modality], inputs, label=label, quiet=quiet)
    return inputs


def logits_of(
    predictor: Predictor, readings: Mapping[str, Readings], rows: Mapping[str, NDArray[np.int64]]
) -> TaskLogits:
    """Answers to N cases made of these rows of each modality; the other modalities are absent."""
    count = len(next(iter(rows.values())))
    parts = [
        _part(predictor, readings, {m: chosen[start : start + _BATCH] for m, chosen in rows.items()})
        for start in range(0, count, _BATCH)
    ]
    return parts[0].joined(*parts[1:])


def logits_of_nothing(predictor: Predictor) -> TaskLogits:
    """The answer (1, C) where no modality is given."""
    return predictor.predict_logits([Sample()])


@torch.inference_mode()
def _part(
    predictor: Predictor, readings: Mapping[str, Readings], rows: Mapping[str, NDArray[np.int64]]
) -> TaskLogits:
    if not isinstance(predictor, TriadModel):
        return predictor.predict_logits(_samples(readings, rows))
    tokens: dict[str, Tokens] = {}
    for modality, chosen in rows.items():
        bank = readings[modality]
        assert isinstance(bank, TokenBank)
        tokens[modality] = bank.take(chosen).to(predictor.device)
    size = len(next(iter(tokens.values())).mask)
    presence = torch.tensor([m in rows for m in MODALITIES], device=predictor.device).expand(size, -1)
    return task_logits(predictor.logits(tokens, presence))


def _samples(readings: Mapping[str, Readings], rows: Mapping[str, NDArray[np.int64]]) -> list[Sample]:
    kept: dict[str, Sequence[Any]] = {m: r for m, r in readings.items() if not isinstance(r, TokenBank)}
    count = len(next(iter(rows.values())))
    return [sample_of({m: kept[m][chosen[case]] for m, chosen in rows.items()}) for case in range(count)]
