"""Service: the one model of the process and the queue before it. The page, REST and commands all ask here."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from mm_core import __version__
from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.evidence.change import Change
from mm_core.evidence.what_if import WhatIf
from mm_core.locale import say
from mm_core.prediction import Prediction
from mm_core.predictors import Predictor, accepted, load, require_usable
from mm_core.samples import Clip, Notice, RawInputs, Sample
from mm_core.samples.decoding import Decoder
from mm_core.samples.language import language_probabilities
from mm_core.samples.raw_inputs import File
from mm_core.samples.reference import read_reference
from mm_core.serving import work, zerogpu
from mm_core.serving.batcher import Batcher, Ticket
from mm_core.serving.client import Case, CheckedCase, Client, Waiting
from mm_core.serving.decoders import decoder_until, decoders_for_servers
from mm_core.serving.errors import Busy
from mm_core.serving.films import film_for_servers
from mm_core.serving.health import Health
from mm_core.serving.kept import KeptRecords
from mm_core.serving.limits import Limits
from mm_core.serving.logs import log, log_failure
from mm_core.serving.metrics import OK, Metrics
from mm_core.serving.work import ExplainQuestion, FaithfulnessQuestion, WhatIfQuestion
from mm_core.steps import Step, Steps
from mm_core.timeline import Options, read_subtitles
from mm_core.timeline.film import Given
from mm_core.timeline.watch import MomentAnswer, Watching, watch

FAITHFULNESS_SECONDS: Final = 300.0
"""Deadline of a test of maps, which takes many passes."""

MOMENTS_SECONDS: Final = 120.0
"""Deadline of a batch of a film's windows: nobody waits for them as for an answer."""

LIVE_SECONDS: Final = 3.0
"""Deadline of a window of a stream: a later answer is about what nobody sees any more."""

MOST_FILMS: Final = 2
"""Films that are watched at once; each has a decoder process and keeps a core busy."""

RETRY_SECONDS: Final = 0.2
"""Pause before a step of a test asks again for a place in a full queue."""


class Service(Client):
    """One model, one worker thread, many people. Every method may be called from any thread.

    Calls wait in a bounded queue and raise what ``serving.errors`` names: Busy at once where it is full,
    DeadlineExceeded where the answer is late (``deadline`` in seconds); InvalidInput for what can't be judged.
    """

    def __init__(self, model: Predictor, limits: Limits | None = None) -> None:
        self.model = model
        # On ZeroGPU a pass is charged to the person who asked, so cases of several people are not put together.
        chosen = limits or (Limits.unbatched() if zerogpu.is_active() else Limits())
        self.metrics = Metrics(lambda: self._batcher.state().waiting)
        self._deadline = chosen.deadline
        self._decoders = decoders_for_servers()
        self._batcher = Batcher(chosen, observe=self.metrics.batch)
        self._key = work.register(model)
        self._jobs = work.jobs(self._key, chosen.max_batch)
        self._was_stuck = False
        self._films = threading.BoundedSemaphore(MOST_FILMS)
        self.kept_records = KeptRecords()

    @classmethod
    def load(cls, source: str | Path | None = None, limits: Limits | None = None) -> Service:
        """Load a model (see ``mm_core.predictors.load``) and serve it."""
        return cls(load(source), limits)

    def start(self) -> None:
        """Start and load what the first visitor would otherwise wait for: decoders, and the identifier of languages,
        which unpacks itself into the folder of temporary files."""
        language_probabilities("hello")
        if self._decoders is not None:
            self._decoders.start()

    def read(self, inputs: RawInputs) -> CheckedCase:
        """Decode a case while holding a place in the queue; Busy before anything is decoded."""
        return CheckedCase.of(self._decoded(inputs, "predict", self.end()))

    def predict(self, case: Case, waiting: Waiting | None = None, deadline: float | None = None) -> Prediction:
        """Answer one case."""
        with self.instrumented("page", "predict"):
            end = self.end(deadline)
            return self.submit("predict", self._decoded(case, "predict", end), end).result(waiting)

    def explain(
        self,
        case: Case,
        label: str | None = None,
        task: str = "emotion",
        methods: Sequence[str] | None = None,
        keep_inputs: bool = True,
        waiting: Waiting | None = None,
        deadline: float | None = None,
    ) -> Evidence:
        """Explain one case; see ``mm_core.evidence.explain``."""
        with self.instrumented("page", "explain"):
            end = self.end(deadline)
            question = ExplainQuestion(self._decoded(case, "explain", end), label, task, methods, keep_inputs)
            return self.submit("explain", question, end).result(waiting)

    def _what_if(self, about: Case | Evidence, change: Change) -> WhatIf:
        with self.instrumented("page", "what_if"):
            end = self.end()
            known = about if isinstance(about, Evidence) else self._decoded(about, "what_if", end)
            new = None if change.replacement is None else self._decoded(change.replacement, "what_if", end)
            return self.submit("what_if", WhatIfQuestion(known, change, new), end).result()

    def evaluate_faithfulness(
        self,
        evidence: Evidence,
        modalities: Sequence[str] | None = None,
        methods: Sequence[str] | None = None,
        alone: Sequence[bool] | None = None,
        deadline: float = FAITHFULNESS_SECONDS,
    ) -> Steps[Evidence]:
        """Test the maps of a record that kept its inputs; gives the record with the results.

        Other people's requests run between the steps. The other arguments: see ``work.evaluate_faithfulness``.
        """
        with self.instrumented("page", "faithfulness"):
            yield from self.faithfulness_steps(evidence, modalities, methods, alone, deadline)

    def faithfulness_steps(
        self,
        evidence: Evidence,
        modalities: Sequence[str] | None = None,
        methods: Sequence[str] | None = None,
        alone: Sequence[bool] | None = None,
        deadline: float = FAITHFULNESS_SECONDS,
    ) -> Steps[Evidence]:
        """``evaluate_faithfulness`` for REST, which counts its requests itself."""
        end = time.monotonic() + deadline
        if zerogpu.is_active():
            yield self._step(FaithfulnessQuestion(evidence, modalities, methods, alone), end)
            return
        steps = work.evaluate_faithfulness(self.model, evidence, modalities, methods, alone)
        try:
            step: Step[Evidence] = Step(0.0)
            while step.result is None:
                step = self._step(steps, end)
                yield step
        finally:
            with suppress(ValueError):  # a step that is late still runs in the worker, and is the last
                steps.close()

    def watch(
        self,
        film: Given,
        options: Options | None = None,
        subtitles: File | None = None,
        reference: File | None = None,
    ) -> Watching:
        """Answer a film window by window, beside everybody else's questions. Busy where enough films are watched."""
        with self.instrumented("page", "timeline"):
            yield from self.watching(film, options, subtitles, reference)

    def watching(
        self,
        film: Given,
        options: Options | None = None,
        subtitles: File | None = None,
        reference: File | None = None,
    ) -> Watching:
        """``watch`` for REST, which counts its requests itself."""
        if not self._films.acquire(blocking=False):
            raise Busy(say("film-busy"), retry_after=60)
        try:
            chosen = options or Options()
            words = () if subtitles is None else read_subtitles(subtitles)
            normal: Clip | None = None
            noted: tuple[Notice, ...] = ()
            if reference is not None:
                normal, noted = read_reference(reference, decode=self.decoder(self.end()).sound)
            yield from watch(
                film_for_servers(film, chosen.track),
                self._answer_moments,
                {"name": self.model.name, "hash": self.model.hash},
                self.model.labels,
                chosen,
                words,
                normal,
                notices=[notice.message for notice in noted],
            )
        finally:
            self._films.release()

    def live(self, sample: Sample) -> MomentAnswer:
        """Answer a window of a stream, before what can wait; Busy and late answers are the caller's to leave out."""
        with self.instrumented("page", "live"):
            return self.submit("live", sample, self.end(LIVE_SECONDS)).result()

    def decoder_for(self, seconds: float) -> Decoder:
        """What decodes pieces of a stream."""
        return self.decoder(self.end(seconds))

    def _answer_moments(self, samples: Sequence[Sample]) -> list[MomentAnswer]:
        """Windows in their turn; a full queue is waited for, since the film has begun."""
        end = time.monotonic() + MOMENTS_SECONDS
        tickets = []
        for sample in samples:
            while True:
                try:
                    tickets.append(self.submit("moments", sample, end))
                    break
                except Busy:
                    if time.monotonic() > end:
                        raise
                    time.sleep(RETRY_SECONDS)
        return [ticket.result() for ticket in tickets]

    def end(self, deadline: float | None = None) -> float:
        """When (``time.monotonic``) an answer must be there that is asked for now, decoding included."""
        return time.monotonic() + (self._deadline if deadline is None else deadline)

    def decoder(self, end: float) -> Decoder:
        """What decodes files for a request that must be answered at ``end``."""
        return decoder_until(self._decoders, end)

    def keep(self, evidence: Evidence) -> str:
        """Hold a record for a short while; its name."""
        return self.kept_records.put(evidence.to_bytes())

    def kept(self, name: str) -> Evidence:
        """The record of that name; InvalidInput where it has been forgotten."""
        return Evidence.from_bytes(self.kept_records.get(name))

    def arriving(self, job: str) -> AbstractContextManager[None]:
        """A place in the queue while a case is decoded; entering raises Busy or NotReady."""
        return self._batcher.arriving(self._jobs[job])

    def submit(self, job: str, content: Any, end: float | None = None) -> Ticket:
        """Queue one decoded case, to be answered at ``end``; what each job takes stands in ``work.jobs``.

        Raises InvalidInput where nothing of the case can be used, Busy or NotReady at once.
        """
        match content:
            case (Sample() as sample) | ExplainQuestion(sample=sample) | WhatIfQuestion(about=Sample() as sample):
                require_usable(accepted(self.model, sample))
        left = None if end is None else end - time.monotonic()
        return self._batcher.submit(self._jobs[job], content, left)

    def health(self) -> Health:
        """Whether requests are answered, and by what."""
        state = self._batcher.state()
        if state.stuck != self._was_stuck:
            self._was_stuck = state.stuck
            log("model hangs" if state.stuck else "model answers again", running_for=state.running_for)
        reason = "The service is closing." if state.closed else ""
        if state.stuck:
            reason = f"One pass of the model has been running for {state.running_for:.0f} s."
        return Health(
            ready=not reason,
            model=self.model.name,
            hash=self.model.hash,
            device=str(self.model.device),
            waiting=state.waiting,
            reason=reason,
            version=__version__,
            decoding=0 if self._decoders is None else self._decoders.waiting,
            reads_reference=self.model.reads_reference,
            labels=self.model.labels,
            learned_modalities=self.model.learned_modalities,
            tested=self.model.tested,
        )

    @contextmanager
    def instrumented(self, way: str, job: str) -> Iterator[None]:
        """Count and log one request by its outcome. way: ``page`` or ``rest``."""
        started = time.perf_counter()
        outcome = OK
        try:
            yield
        except TriadError as error:
            outcome = error.code
            raise
        except Exception as error:
            outcome = TriadError.code
            log_failure("request failed", error, way=way, job=job)
            raise
        except BaseException:  # whoever asked has gone, or the server stops
            outcome = "left"
            raise
        finally:
            took = time.perf_counter() - started
            self.metrics.request(way, job, outcome, took)
            log("request", way=way, job=job, outcome=outcome, milliseconds=round(1000 * took, 1))

    def close(self, seconds: float = 1.0) -> bool:
        """Stop taking requests, tell those who wait, and give what runs ``seconds`` to finish; whether it did."""
        finished = self._batcher.close(seconds)
        if self._decoders is not None:
            self._decoders.close()
        work.unregister(self._key)
        return finished

    def _decoded(self, case: Case, job: str, end: float) -> Sample:
        if isinstance(case, Sample):
            return case
        with self.arriving(job):
            return case.read(self.decoder(end))

    def _step(self, content: FaithfulnessQuestion | Steps[Evidence], end: float) -> Step[Evidence]:
        """One step in its turn; a full queue is waited for, since the test has begun."""
        while True:
            try:
                return self._batcher.submit(self._jobs["faithfulness"], content, end - time.monotonic()).result()
            except Busy:
                if time.monotonic() > end:
                    raise
                time.sleep(RETRY_SECONDS)
