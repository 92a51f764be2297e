"""What the worker does with the model, and what of its results may leave."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.evidence.change import Change
from mm_core.evidence.session import ExplanationSession, explain, explain_steps, what_if, what_if_steps
from mm_core.evidence.what_if import WhatIf
from mm_core.prediction import Prediction
from mm_core.predictors import Predictor
from mm_core.samples import InvalidInput, Sample
from mm_core.serving import zerogpu
from mm_core.serving.batcher import Job, Lane
from mm_core.serving.errors import NoAnswer
from mm_core.steps import Step, Steps, finish
from mm_core.timeline.watch import BATCH, MomentAnswer, answer_moments


@dataclass(frozen=True, eq=False)
class ExplainQuestion:
    """A sample to explain, with the arguments of ``mm_core.evidence.explain``."""

    sample: Sample
    label: str | None = None
    task: str = "emotion"
    methods: Sequence[str] | None = None
    keep_inputs: bool = True


@dataclass(frozen=True, eq=False)
class WhatIfQuestion:
    """A sample or a record, and the change to it; new: the change's replacement, read already."""

    about: Sample | Evidence
    change: Change
    new: Sample | None = None


@dataclass(frozen=True, eq=False)
class FaithfulnessQuestion:
    """A record whose maps are to be tested, with the arguments of ``evaluate_faithfulness``."""

    evidence: Evidence
    modalities: Sequence[str] | None = None
    methods: Sequence[str] | None = None
    alone: Sequence[bool] | None = None


def jobs(key: int, max_batch: int) -> dict[str, Job]:
    """The kinds of work for the model registered under ``key``.

    ``predict`` takes Samples, ``moments`` and ``live`` those of the windows of a film or a stream, ``explain`` and
    ``what_if`` their questions; ``faithfulness`` takes what
    ``evaluate_faithfulness`` gives, and answers with its next step (on ZeroGPU a question, and the last step).
    Answers run between the steps of all the others, except on ZeroGPU, where each is one pass.
    """
    one_pass, long = zerogpu.is_active(), Lane.PATIENT
    explaining = _run(key, _explain) if one_pass else partial(_begin_explaining, key)
    changing = _run(key, _what_if) if one_pass else partial(_begin_changing, key)
    testing = _run(key, _faithfulness) if one_pass else _advance
    return {
        "predict": Job("predict", _run(key, _predict), max_batch, check_prediction),
        "moments": Job("moments", _run(key, _moments), BATCH, _check_moment, long),
        "live": Job("live", _run(key, _moments), max_batch, _check_moment),
        "explain": Job("explain", explaining, 1, lambda e: check_prediction(e.prediction), long, not one_pass),
        "what_if": Job("what_if", changing, 1, lambda w: check_prediction(w.after.prediction), long, not one_pass),
        "faithfulness": Job("faithfulness", testing, 1, None, long),
    }


def register(model: Predictor) -> int:
    """Make a model known to passes; the key names it."""
    key = next(_keys)
    _models[key] = model
    return key


def unregister(key: int) -> None:
    """Forget a registered model."""
    _models.pop(key, None)


def evaluate_faithfulness(
    model: Predictor,
    evidence: Evidence,
    modalities: Sequence[str] | None = None,
    methods: Sequence[str] | None = None,
    alone: Sequence[bool] | None = None,
) -> Steps[Evidence]:
    """Test the maps of a record of this model that kept its inputs; gives the record with the tests.

    modalities: whose maps (default: all present). methods: which maps (default: each modality's default). alone: see
    Faithfulness. InvalidInput where the record is of another model, kept no inputs, or has no such map.
    """
    session = ExplanationSession.of(model, evidence)
    chosen = tuple(modalities or evidence.present)
    for index, modality in enumerate(chosen):
        yield Step(index / len(chosen))
        maps = [evidence.relevance_of(modality, method) for method in methods or (None,)]
        known = [found for found in maps if found is not None]
        if len(known) < len(maps):
            raise InvalidInput(f"The record has no such map of the {modality}. Explain with that method first.")
        for step in session.evaluate_faithfulness(*known, alone=alone):
            if step.result is None:
                yield Step((index + step.fraction) / len(chosen))
            else:
                evidence = evidence.with_faithfulness(*step.result)
    yield Step(1.0, evidence)


def check_prediction(prediction: Prediction) -> None:
    """Raise NoAnswer where a number is none."""
    numbers = [p for answer in prediction.answers.values() for p in answer.probabilities.values()]
    if not all(math.isfinite(number) for number in (*numbers, *prediction.agreement.values())):
        raise NoAnswer


def _predict(model: Predictor, samples: list[Sample]) -> list[Prediction]:
    return model.predict_batch(samples)


def _moments(model: Predictor, samples: list[Sample]) -> list[MomentAnswer]:
    return answer_moments(model, samples)


def _check_moment(answer: MomentAnswer) -> None:
    check_prediction(answer.prediction)
    shares = (value for given in answer.contributions.values() for value in given.values())
    if not all(map(math.isfinite, shares)):
        raise NoAnswer


def _explain(model: Predictor, questions: list[ExplainQuestion]) -> list[Evidence]:
    return [explain(model, q.sample, q.label, q.task, q.methods, q.keep_inputs) for q in questions]


def _what_if(model: Predictor, questions: list[WhatIfQuestion]) -> list[WhatIf]:
    return [what_if(model, q.about, q.change, q.new) for q in questions]


def _faithfulness(model: Predictor, questions: list[FaithfulnessQuestion]) -> list[Step[Evidence]]:
    return [
        Step(1.0, finish(evaluate_faithfulness(model, q.evidence, q.modalities, q.methods, q.alone)))
        for q in questions
    ]


def _begin_explaining(key: int, questions: list[ExplainQuestion]) -> list[Steps[Evidence]]:
    return [explain_steps(_models[key], q.sample, q.label, q.task, q.methods, q.keep_inputs) for q in questions]


def _begin_changing(key: int, questions: list[WhatIfQuestion]) -> list[Steps[WhatIf]]:
    return [what_if_steps(_models[key], q.about, q.change, q.new) for q in questions]


def _advance(contents: list[Steps[Evidence]]) -> list[Step[Evidence]]:
    return [next(steps) for steps in contents]


_WORK: Final = {work.__name__: work for work in (_predict, _moments, _explain, _what_if, _faithfulness)}
_keys = itertools.count()

_models: dict[int, Predictor] = {}
"""Models of the services that are open. A pass finds its model here because on ZeroGPU its arguments are pickled for
a forked process, and the weights must not be among them."""


def _run(key: int, work: Callable[[Predictor, list], list]) -> Callable[[list], list]:
    def run(contents: list) -> list:
        results = _pass(key, work.__name__, contents)
        if len(results) == 1 and isinstance(results[0], TriadError):
            raise results[0]
        return results

    return run


@zerogpu.on_gpu
def _pass(key: int, work: str, contents: list) -> list:
    """One pass of the model; what a single case did wrong comes back as a value, for a raised error would lose its
    type on the way from ZeroGPU's process."""
    try:
        return list(_WORK[work](_models[key], contents))
    except TriadError as error:
        if len(contents) > 1:
            raise
        return [error]
