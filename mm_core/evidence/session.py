"""Making Evidence: a sample, a model and the explanations asked for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from mm_core.evidence.answers import prediction_of
from mm_core.evidence.change import Change
from mm_core.evidence.inputs import inputs_of, sample_of
from mm_core.evidence.record import ORDERED_PAIRS, Evidence, Pair
from mm_core.evidence.what_if import WhatIf, from_record
from mm_core.explain import edits
from mm_core.explain.defaults import FALLBACK, FALLBACK_BY_REMOVAL, default_methods
from mm_core.explain.deletion_test import evaluate_faithfulness
from mm_core.explain.matching import token_matches
from mm_core.explain.methods import METHODS, available, relevance_steps, title_of
from mm_core.explain.records import Faithfulness, Relevance
from mm_core.explain.removal import RemovalTrace
from mm_core.explain.sample_trace import SampleTrace
from mm_core.explain.trace import Trace, as_array
from mm_core.locale import listed, say
from mm_core.model import Encoded, TriadModel
from mm_core.predictors import Predictor, accepted
from mm_core.samples import InvalidInput, Sample
from mm_core.steps import Step, Steps, finish
from mm_core.versions import versions

_LIBRARIES: Final = ("torch", "transformers", "numpy", "captum")
"""What an answer's numbers depend on."""


class ExplanationSession:
    """One sample and one model, encoded once; asking for more explains from the same encoding. Of a predictor that
    is no TriadModel all that needs no tokens: contributions, maps by removal, their tests and what-if.

    A case holds the inputs and the graph in memory and is never saved; what it makes is Evidence. It changes nothing
    in the model, and is to be used by one thread at a time.
    """

    def __init__(self, model: Predictor, sample: Sample, like: ExplanationSession | None = None) -> None:
        """``like``: another case of the same model; what both share is not encoded again."""
        started = time.perf_counter()
        self.model = model
        given = accepted(model, sample)
        self.trace: RemovalTrace = _trace(model, given, None if like is None else like.trace)
        self.sample = self.trace.sample
        self.encoding_milliseconds = _since(started)

    @classmethod
    def of(cls, model: Predictor, evidence: Evidence) -> ExplanationSession:
        """Take up a record with kept inputs again; InvalidInput where they were not kept or the model is another."""
        sample = sample_of(evidence)
        if evidence.prediction.model.get("hash") != model.hash:
            raise InvalidInput("This case was explained by another model. Explain its inputs again with this one.")
        return cls(model, sample)

    def evidence(
        self,
        label: str | None = None,
        task: str = "emotion",
        methods: Sequence[str] | None = None,
        keep_inputs: bool = True,
    ) -> Evidence:
        """The record for one class, by default the predicted one.

        ``methods``: names from METHODS for every modality (default: each modality's own default, and the fallback).
        InvalidInput for a task, label or method that there is not.
        """
        return finish(self.evidence_steps(label, task, methods, keep_inputs))

    def evidence_steps(
        self,
        label: str | None = None,
        task: str = "emotion",
        methods: Sequence[str] | None = None,
        keep_inputs: bool = True,
    ) -> Steps[Evidence]:
        """``evidence``, a map or a part of one a step; what the caller does in between is in none of the timings."""
        timings = {"encode": self.encoding_milliseconds}
        started = time.perf_counter()
        coalitions = self.trace.coalitions()
        timings["coalitions"] = _since(started)
        prediction = prediction_of(
            coalitions,
            self.trace.present,
            [notice.message for notice in self._noted().notices],
            {"name": self.model.name, "hash": self.model.hash},
            sum(timings.values()),
            self.sample.referenced,
        )
        if task not in coalitions.labels:
            raise InvalidInput(f"There is no task called {task!r}; use {' or '.join(coalitions.labels)}.")
        chosen = label or prediction.answers[task].label
        if chosen not in coalitions.labels[task]:
            raise InvalidInput(f"There is no {task} called {chosen!r}; use {', '.join(coalitions.labels[task])}.")
        started = time.perf_counter()
        attention = self._attention()
        timings["attention"] = _since(started)
        wanted = self._maps_wanted(methods)
        maps: list[Relevance] = []
        timings["relevance"] = 0.0
        for modality, method in wanted:
            yield Step((1 + len(maps)) / (2 + len(wanted)))
            started = time.perf_counter()
            for step in relevance_steps(self.trace, modality, self.trace.target(task, chosen), method):
                timings["relevance"] += _since(started)
                if step.result is None:
                    yield Step((1 + len(maps) + step.fraction) / (2 + len(wanted)))
                else:
                    maps.append(step.result)
                started = time.perf_counter()
        made = Evidence(
            prediction=prediction,
            digests=self.sample.digests(),
            task=task,
            label=chosen,
            coalitions=coalitions,
            units=dict(self.trace.units),
            attention=attention,
            relevance=tuple(maps),
            defaults=self._defaults(),
            timings=timings,
            versions=versions(_LIBRARIES),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            inputs=inputs_of(self.sample) if keep_inputs else None,
            matches=token_matches(self.trace) if isinstance(self.trace, Trace) else {},
        )
        yield Step(1.0, made)

    def _maps_wanted(self, methods: Sequence[str] | None) -> list[tuple[str, str]]:
        """Modality and method of each map to be made."""
        allowed = available(self.trace)
        unknown = [method for method in methods or () if method not in allowed]
        if unknown and unknown[0] in METHODS:
            titles = listed([title_of(name) for name in allowed])
            raise InvalidInput(say("method-not-shown", method=title_of(unknown[0]), allowed=titles))
        if unknown:
            raise InvalidInput(f"There is no method called {unknown[0]!r}; use {', '.join(allowed)}.")
        defaults = self._defaults()
        return [
            (modality, method)
            for modality in self.trace.present
            for method in dict.fromkeys(methods or (defaults[modality], self._fallback()))
        ]

    def evaluate_faithfulness(
        self, *maps: Relevance, alone: Sequence[bool] | None = None
    ) -> Steps[tuple[Faithfulness, ...]]:
        """Test maps of one modality and one class; ``Evidence.with_faithfulness`` keeps the results."""
        return evaluate_faithfulness(self.trace, maps, alone)

    def what_if(self, change: Change, before: Evidence | None = None, new: Sample | None = None) -> WhatIf:
        """Explain the case with one change, for the class of ``before`` (made if not given); see ``changed``."""
        return finish(self.what_if_steps(change, before, new))

    def what_if_steps(
        self, change: Change, before: Evidence | None = None, new: Sample | None = None
    ) -> Steps[WhatIf]:
        """``what_if``, a map or a part of one a step."""
        first, done = before, 0.0
        if first is None:
            done = 0.5
            for step in self.evidence_steps():
                first = step.result
                yield Step(done * step.fraction)
        assert first is not None
        session = self.changed(change, new)
        made = {r.method for r in first.relevance}
        methods = [name for name in METHODS if name in made] or None
        yield Step(done)
        for step in session.evidence_steps(first.label, first.task, methods, keep_inputs=first.inputs is not None):
            pair = None if step.result is None else WhatIf(change.in_words(), first, step.result)
            yield Step(done + (1.0 - done) * step.fraction, pair)

    def changed(self, change: Change, new: Sample | None = None) -> ExplanationSession:
        """The case with one change; only the encoder that it touches runs.

        ``new``: the change's replacement where it has been read already. InvalidInput where the change does not fit.
        """
        sample = self.sample
        if change.remove is not None:
            if not change.removed or set(change.removed) - set(self.trace.present):
                raise InvalidInput(f"Only what is there can be taken away: {', '.join(self.trace.present)}.")
            for modality in change.removed:
                sample = sample.without(modality)
        elif change.mask_words is not None:
            self._need("text")
            sample = edits.mask_words(sample, self.trace.units["text"], change.mask_words, _mask_token(self.model))
        elif change.mask_region is not None:
            self._need("image")
            sample = edits.mask_region(sample, change.mask_region)
        elif change.mute is not None:
            self._need("audio")
            sample = edits.mute(sample, *change.mute)
        elif change.without_reference:
            if not sample.referenced:
                raise InvalidInput(say("change-no-reference"))
            sample = sample.without_reference()
        elif change.replacement is not None:
            sample = edits.put(sample, new or change.replacement.read())
        return ExplanationSession(self.model, sample, like=self)

    def _need(self, modality: str) -> None:
        if modality not in self.trace.present:
            raise InvalidInput(f"This case has no {modality} to change; it has {', '.join(self.trace.present)}.")

    def _defaults(self) -> dict[str, str]:
        allowed, chosen = available(self.trace), default_methods()
        return {m: chosen[m] if chosen[m] in allowed else self._fallback() for m in self.trace.present}

    def _fallback(self) -> str:
        """The method that stands beside each modality's own."""
        return FALLBACK if FALLBACK in available(self.trace) else FALLBACK_BY_REMOVAL

    def _noted(self) -> Sample:
        if not isinstance(self.trace, Trace):
            return self.sample
        presence = self.trace.presence([self.trace.present])
        read = self.trace.encoded
        encoded = Encoded({m: s.given for m, s in read.items()}, presence, {m: s.batch for m, s in read.items()})
        return self.trace.model.noted([self.sample], encoded)[0]

    def _attention(self) -> dict[Pair, NDArray[np.float32] | None]:
        found: dict[Pair, NDArray[np.float32] | None] = dict.fromkeys(ORDERED_PAIRS)
        if not isinstance(self.trace, Trace):
            return found
        maps, present = self.trace.answers.fused.attention, self.trace.present
        for pair in ORDERED_PAIRS:
            if maps is not None and pair in maps and set(pair) <= set(present):
                found[pair] = as_array(torch.cat(maps[pair]))  # layers x (1, H, Lq, Lk)
        return found


def explain(
    model: Predictor,
    sample: Sample,
    label: str | None = None,
    task: str = "emotion",
    methods: Sequence[str] | None = None,
    keep_inputs: bool = True,
) -> Evidence:
    """Explain one sample: ``ExplanationSession(model, sample).evidence(...)``."""
    return finish(explain_steps(model, sample, label, task, methods, keep_inputs))


def explain_steps(
    model: Predictor,
    sample: Sample,
    label: str | None = None,
    task: str = "emotion",
    methods: Sequence[str] | None = None,
    keep_inputs: bool = True,
) -> Steps[Evidence]:
    """``explain`` in steps: encoding, what comes from one pass of the fusion, and each map or part of one."""
    session = ExplanationSession(model, sample)
    yield Step(0.0)
    yield from session.evidence_steps(label, task, methods, keep_inputs)


def what_if(model: Predictor, about: Sample | Evidence, change: Change, new: Sample | None = None) -> WhatIf:
    """One change to a sample or to a record; see ``ExplanationSession.changed``. Of a record whose inputs were not
    kept, only modalities can be taken away."""
    return finish(what_if_steps(model, about, change, new))


def what_if_steps(
    model: Predictor, about: Sample | Evidence, change: Change, new: Sample | None = None
) -> Steps[WhatIf]:
    """``what_if`` in steps."""
    record = None if isinstance(about, Sample) else about
    answered = None if record is None else from_record(record, change)
    if answered is not None:
        yield Step(1.0, answered)
        return
    session = ExplanationSession(model, about) if isinstance(about, Sample) else ExplanationSession.of(model, about)
    yield Step(0.0)
    yield from session.what_if_steps(change, record, new)


def _trace(model: Predictor, sample: Sample, like: RemovalTrace | None) -> RemovalTrace:
    if not isinstance(model, TriadModel):
        return SampleTrace(model, sample)
    return Trace(model, sample, _shared(like, sample) if isinstance(like, Trace) else None)


def _mask_token(model: Predictor) -> str:
    """What stands for a masked word; nothing where the model names no token for it."""
    return model.encoders["text"].mask_token if isinstance(model, TriadModel) else ""


def _shared(trace: Trace, sample: Sample) -> dict[str, Any]:
    """The encoded modalities whose content is the very same."""
    return {m: given for m, given in trace.encoded.items() if sample.shares(m, trace.sample)}


def _since(started: float) -> float:
    return 1000.0 * (time.perf_counter() - started)
