"""``POST /timeline``: a film as it is sent, and its windows as NDJSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from itertools import chain
from typing import Any, Final

from starlette.responses import StreamingResponse

from mm_core.errors import TriadError
from mm_core.samples import InvalidInput
from mm_core.samples.limits import MAX_FILE_BYTES, MAX_FILM_BYTES, MAX_SUBTITLE_BYTES
from mm_core.serving.errors import ServingError
from mm_core.serving.forms import Form
from mm_core.serving.logs import log_failure
from mm_core.serving.replies import NO_STORE
from mm_core.serving.schema import NDJSON
from mm_core.serving.service import Service
from mm_core.timeline import Options
from mm_core.timeline.watch import Progress, Watching

FILM_TEXTS: Final = ("length", "hop", "track", "person")
FILM_FILES: Final = {"film": MAX_FILM_BYTES, "subtitles": MAX_SUBTITLE_BYTES, "reference": MAX_FILE_BYTES}


def film_steps(service: Service, form: Form) -> Watching:
    """The steps of watching what a form holds, not yet begun. InvalidInput for options that are not offered."""
    person = form.number("person", 0)
    usual = Options()
    options = Options(
        form.number("length", usual.length),
        form.number("hop", usual.hop),
        int(form.number("track", usual.track)),
        int(person) if person else None,
    )
    subtitles, reference = form.file("subtitles"), form.file("reference")
    film = form.descriptor("film")
    if film is None:
        raise InvalidInput("No film was given. Send one, for instance curl -F film=@FILE.")
    return _closing(service, film, options, subtitles, reference)


def _closing(
    service: Service, film: int, options: Options, subtitles: bytes | None, reference: bytes | None
) -> Watching:
    try:
        yield from service.watching(film, options, subtitles, reference)
    finally:
        os.close(film)


def timeline_reply(first: Progress, steps: Watching) -> StreamingResponse:
    """All steps as they come, a line a window; closing the answer ends the work."""
    return StreamingResponse(_lines(first, steps), media_type=NDJSON, headers=dict(NO_STORE))


def _lines(first: Progress, steps: Any) -> Iterator[str]:
    with closing(steps):
        try:
            for step in chain((first,), steps):
                for window in step.windows:
                    yield _line({"window": window.to_json(), "fraction": round(step.fraction, 4)})
                if step.result is not None:
                    yield _line({"timeline": step.result.summary()})
        except TriadError as error:
            yield _line({"error": {"code": error.code, "message": str(error)}})
        except Exception as error:
            log_failure("request failed", error, way="rest", job="timeline")
            told = ServingError()
            yield _line({"error": {"code": told.code, "message": str(told)}})


def _line(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n"
