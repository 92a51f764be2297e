"""The REST API: an APIRouter that stands alone or rides on the page's own app."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from typing import Final, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mm_core.errors import TriadError
from mm_core.evidence import Evidence
from mm_core.evidence.file import MAX_FILE_BYTES as MAX_EVIDENCE_BYTES
from mm_core.evidence.inputs import sample_of
from mm_core.samples import InvalidInput, RawInputs, Sample
from mm_core.samples.decoding import Decoder
from mm_core.samples.limits import MAX_FILE_BYTES
from mm_core.samples.raw_inputs import face_from_words
from mm_core.serving import schema
from mm_core.serving.batcher import Ticket
from mm_core.serving.changes import parse_change
from mm_core.serving.client import CheckedCase
from mm_core.serving.errors import ClientLeft, DeadlineExceeded, ServingError
from mm_core.serving.forms import Form, drop_rest, read_form
from mm_core.serving.limits import check_size
from mm_core.serving.metrics import CONTENT_TYPE
from mm_core.serving.reference import TAG, reference
from mm_core.serving.replies import NO_STORE, evidence_reply, health_reply, what_if_reply
from mm_core.serving.service import Service
from mm_core.serving.timelines import FILM_FILES, FILM_TEXTS, film_steps, timeline_reply
from mm_core.serving.work import ExplainQuestion, WhatIfQuestion

Endpoint = Callable[[Request], Awaitable[Response]]
Result = TypeVar("Result")

CASE_TEXTS: Final = ("text", "force", "noise_reduction", "face")
CASE_FILES: Final = {"image": MAX_FILE_BYTES, "audio": MAX_FILE_BYTES, "reference": MAX_FILE_BYTES}
EXPLAIN_TEXTS: Final = ("label", "task", "methods", "keep_inputs")
RECORD_FILES: Final = {"evidence": MAX_EVIDENCE_BYTES}
NEW_FILES: Final = {"new_image": MAX_FILE_BYTES, "new_audio": MAX_FILE_BYTES}

_UNUSABLE: Final = 422
"""HTTP status where what was given can't be used."""


def router(service: Service) -> APIRouter:
    """The routes that ``serving.schema`` describes, and their reference at /docs."""
    return _Api(service).router()


class _Api:
    def __init__(self, service: Service) -> None:
        self.service = service
        # Threads that wait for a file to be decoded; a case without files never waits for one of them.
        self.file_readers = CapacityLimiter(64)
        self.text_readers = CapacityLimiter(max(2, os.cpu_count() or 2))
        # A test of maps holds a thread until its end; more than these wait.
        self.testers = CapacityLimiter(4)

    def router(self) -> APIRouter:
        api = APIRouter(tags=[TAG])
        for path, job, endpoint in (
            ("/predict", "predict", self.predict),
            ("/check", "check", self.check),
            ("/explain", "explain", self.explain),
            ("/what-if", "what_if", self.what_if),
            ("/faithfulness", "faithfulness", self.faithfulness),
            ("/timeline", "timeline", self.timeline),
            ("/cases", "keep", self.keep),
            ("/cases/open", "kept", self.kept),
        ):
            api.add_api_route(path, self._guarded(job, endpoint), methods=["POST"], **schema.route(path))
        for path, endpoint in (("/health", self.health), ("/metrics", self.metrics)):
            api.add_api_route(path, endpoint, methods=["GET"], **schema.route(path))
        api.add_api_route("/docs", reference, methods=["GET"], include_in_schema=False)
        return api

    async def predict(self, request: Request) -> Response:
        async with self._form(request, "predict", CASE_TEXTS, CASE_FILES) as form:
            end = self.service.end()
            sample = await self._decoded("predict", form, _case, end)
        prediction = await _answer(request, self.service.submit("predict", sample, end))
        return JSONResponse(prediction.to_json(), headers=NO_STORE)

    async def check(self, request: Request) -> Response:
        async with self._form(request, "predict", CASE_TEXTS, CASE_FILES) as form:
            sample = await self._decoded("predict", form, _case, self.service.end())
        return JSONResponse(CheckedCase.of(sample).findings(), headers=NO_STORE)

    async def explain(self, request: Request) -> Response:
        async with self._form(request, "explain", (*CASE_TEXTS, *EXPLAIN_TEXTS), CASE_FILES) as form:
            end = self.service.end()
            question = await self._decoded("explain", form, _explain_question, end)
        evidence = await _answer(request, self.service.submit("explain", question, end))
        return await to_thread.run_sync(evidence_reply, evidence, request.headers.get("accept", ""))

    async def what_if(self, request: Request) -> Response:
        files = {**CASE_FILES, **RECORD_FILES, **NEW_FILES}
        async with self._form(request, "what_if", (*CASE_TEXTS, "change"), files) as form:
            end = self.service.end()
            question = await self._decoded("what_if", form, _what_if_question, end)
        pair = await _answer(request, self.service.submit("what_if", question, end))
        return await to_thread.run_sync(what_if_reply, pair, request.headers.get("accept", ""))

    async def faithfulness(self, request: Request) -> Response:
        async with self._form(request, "faithfulness", ("modalities", "methods"), RECORD_FILES) as form:
            record = await self._decoded("faithfulness", form, _record, self.service.end())
            modalities, methods = form.words("modalities") or None, form.words("methods") or None
        tested = await self._tested(request, record, modalities, methods)
        return await to_thread.run_sync(evidence_reply, tested, request.headers.get("accept", ""))

    async def timeline(self, request: Request) -> Response:
        async with self._form(request, "moments", FILM_TEXTS, FILM_FILES) as form:
            steps = film_steps(self.service, form)
        # What is wrong with the film is answered as such; later there is only a line for it.
        first = await to_thread.run_sync(next, steps, limiter=self.testers)
        return timeline_reply(first, steps)

    async def keep(self, request: Request) -> Response:
        async with self._form(request, "explain", (), RECORD_FILES) as form:
            record = await self._decoded("explain", form, _record_to_keep, self.service.end())
        return JSONResponse({"case": self.service.keep(record)}, headers=NO_STORE)

    async def kept(self, request: Request) -> Response:
        async with self._form(request, "explain", ("case",), {}) as form:
            record = self.service.kept(form.text("case") or "")
        return await to_thread.run_sync(evidence_reply, record, request.headers.get("accept", ""))

    async def health(self, request: Request) -> Response:
        return health_reply(self.service.health())

    async def metrics(self, request: Request) -> Response:
        return Response(self.service.metrics.text(), media_type=CONTENT_TYPE)

    @asynccontextmanager
    async def _form(
        self, request: Request, job: str, texts: Collection[str], files: Mapping[str, int]
    ) -> AsyncIterator[Form]:
        try:
            with self.service.arriving(job):
                pass  # a full queue says so before the upload is read
        except ServingError:
            await drop_rest(request)
            raise
        form = await read_form(request, texts, files)
        try:
            yield form
        finally:
            await form.close()

    async def _decoded(self, job: str, form: Form, read: Callable[[Form, Decoder], Result], end: float) -> Result:
        readers = self.file_readers if form.has_files else self.text_readers
        with self.service.arriving(job):
            return await to_thread.run_sync(read, form, self.service.decoder(end), limiter=readers)

    async def _tested(
        self, request: Request, record: Evidence, modalities: Sequence[str] | None, methods: Sequence[str] | None
    ) -> Evidence:
        """Run a test in a thread that waits for its steps; a client that leaves stops it at the next one."""
        gone = asyncio.ensure_future(_gone(request))

        def run() -> Evidence:
            with closing(self.service.faithfulness_steps(record, modalities, methods)) as steps:
                for step in steps:
                    if step.result is not None:
                        return step.result
                    if gone.done():
                        break
            raise ClientLeft

        try:
            return await to_thread.run_sync(run, limiter=self.testers)
        finally:
            gone.cancel()

    def _guarded(self, job: str, endpoint: Endpoint) -> Endpoint:
        """Count and log each request, and turn every error into JSON that holds no path and no traceback."""

        @functools.wraps(endpoint)
        async def guarded(request: Request) -> Response:
            try:
                with self.service.instrumented("rest", job):
                    return await endpoint(request)
            except ServingError as error:
                return _failure(error, error.status, error.retry_after)
            except TriadError as error:
                return _failure(error, _UNUSABLE)
            except Exception:  # logged where it was counted
                return _failure(ServingError(), ServingError.status)

        return guarded


def _case(form: Form, decoder: Decoder) -> Sample:
    return RawInputs(
        text=form.text("text"),
        image=form.file("image"),
        audio=form.file("audio"),
        force=form.words("force"),
        noise_reduction=form.flag("noise_reduction"),
        face=face_from_words(form.text("face")),
        reference=form.file("reference"),
    ).read(decoder)


def _explain_question(form: Form, decoder: Decoder) -> ExplainQuestion:
    return ExplainQuestion(
        _case(form, decoder),
        label=form.text("label") or None,
        task=form.text("task") or "emotion",
        methods=form.words("methods") or None,
        keep_inputs=form.flag("keep_inputs"),
    )


def _what_if_question(form: Form, decoder: Decoder) -> WhatIfQuestion:
    change = parse_change(form.text("change") or "{}", form.file("new_image"), form.file("new_audio"))
    if form.has("evidence") and form.has("text", *CASE_FILES):
        raise InvalidInput("Give either a record (evidence) or a case (text, image, audio, reference), not both.")
    about = _record(form, decoder) if form.has("evidence") else _case(form, decoder)
    return WhatIfQuestion(about, change, None if change.replacement is None else change.replacement.read(decoder))


def _record(form: Form, _: Decoder) -> Evidence:
    record = Evidence.from_bytes(form.file("evidence") or b"")
    check_size(sample_of(record))
    return record


def _record_to_keep(form: Form, _: Decoder) -> Evidence:
    record = Evidence.from_bytes(form.file("evidence") or b"")
    if record.inputs is not None:
        check_size(sample_of(record))
    return record


async def _answer(request: Request, ticket: Ticket[Result]) -> Result:
    """Wait for the result, the deadline, or the client to leave, which frees its place."""
    answer = asyncio.wrap_future(ticket.future)
    gone = asyncio.ensure_future(_gone(request))
    try:
        done, _ = await asyncio.wait((answer, gone), timeout=ticket.seconds_left, return_when=asyncio.FIRST_COMPLETED)
        if answer in done:
            return answer.result()
        raise ClientLeft if gone in done else DeadlineExceeded
    finally:
        gone.cancel()
        answer.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _failure(error: TriadError, status: int, retry_after: int | None = None) -> Response:
    headers = dict(NO_STORE)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return JSONResponse({"error": {"code": error.code, "message": str(error)}}, status, headers=headers)
