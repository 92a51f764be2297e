"""Remote: the service of a running app, over HTTP. Loads neither torch nor weights."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from mm_core.evidence import Evidence
from mm_core.evidence.change import Change
from mm_core.evidence.what_if import WhatIf
from mm_core.locale import say
from mm_core.prediction import Prediction
from mm_core.samples import InvalidInput, RawInputs, Sample
from mm_core.samples.decoding import Decoder
from mm_core.samples.files import read_bytes
from mm_core.samples.multipart import Parts, case_parts, plain_parts
from mm_core.samples.raw_inputs import File
from mm_core.serving import errors
from mm_core.serving.changes import wire
from mm_core.serving.client import Case, CheckedCase, Client, Waiting
from mm_core.serving.errors import NotReady, ServingError
from mm_core.serving.health import Health
from mm_core.serving.schema import CHANGE_HEADER, EVIDENCE_FILE, NDJSON
from mm_core.steps import Step, Steps
from mm_core.timeline import Options, Timeline, Window
from mm_core.timeline.film import Given, open_film
from mm_core.timeline.watch import MomentAnswer, Progress, Watching

ANSWER_SECONDS: Final = 60.0
"""Seconds to wait for an answer; the app's own deadline is shorter."""

FAITHFULNESS_SECONDS: Final = 330.0
"""Seconds to wait for a test of maps, likewise."""

FILM_SECONDS: Final = 180.0
"""Seconds to wait for the next windows of a film."""

HEALTH_SECONDS: Final = 10.0
"""Seconds to wait for an app to say how it is: a page that hangs for longer seems broken."""

_GONE: Final = "The running app does not answer. Start it with `python app.py`, or check the address in MM_CORE_URL."
_STRANGE: Final = (
    "The running app answered in a way that this version does not understand. Update both to one version."
)
_ERRORS: Final = {
    kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ServingError)
}


class Remote(Client):
    """The same questions as ``Service`` answers, put to the app at ``url`` (such as http://localhost:7860).

    A decoded case travels as files without loss. Raises what the app says: InvalidInput or a ServingError; NotReady
    where there is no app.
    """

    def __init__(self, url: str, client: httpx.Client | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise InvalidInput("MM_CORE_URL is not an address. Give one such as http://localhost:7860.")
        self._base = url.rstrip("/")
        self._client = client or httpx.Client(timeout=ANSWER_SECONDS)

    def read(self, inputs: RawInputs) -> CheckedCase:
        """Have the app check a case; its files are held from here on, since those of a page are soon deleted."""
        held = replace(
            inputs,
            image=None if inputs.image is None else read_bytes(inputs.image, "picture"),
            audio=None if inputs.audio is None else read_bytes(inputs.audio, "sound"),
            reference=None if inputs.reference is None else read_bytes(inputs.reference, "sound"),
        )
        answer = self._post("/check", _case(held), "application/json")
        try:
            return CheckedCase.from_json(held, answer.json())
        except (ValueError, KeyError, TypeError):
            raise ServingError(_STRANGE) from None

    def predict(self, case: Case, waiting: Waiting | None = None) -> Prediction:
        """Answer one case."""
        answer = self._post("/predict", _case(case), "application/json")
        try:
            return Prediction.from_json(answer.json())
        except (ValueError, KeyError, TypeError):
            raise ServingError(_STRANGE) from None

    def explain(
        self,
        case: Case,
        label: str | None = None,
        task: str = "emotion",
        methods: Sequence[str] | None = None,
        keep_inputs: bool = True,
        waiting: Waiting | None = None,
    ) -> Evidence:
        """Explain one case; see ``mm_core.evidence.explain``."""
        fields = {
            "label": label or "",
            "task": task,
            "methods": ",".join(methods or ()),
            "keep_inputs": str(keep_inputs).lower(),
        }
        return self._record(self._post("/explain", {**_case(case), **plain_parts(fields)}, EVIDENCE_FILE))

    def _what_if(self, about: Case | Evidence, change: Change) -> WhatIf:
        before = about if isinstance(about, Evidence) else self.explain(about)
        parts: Parts = {**_file(before), "change": (None, wire(change))}
        for name, kind, given in (("new_image", "picture", change.image), ("new_audio", "sound", change.audio)):
            if given is not None:
                parts[name] = ("file", read_bytes(given, kind))
        answer = self._post("/what-if", parts, EVIDENCE_FILE)
        return WhatIf(answer.headers.get(CHANGE_HEADER, ""), before, self._record(answer))

    def evaluate_faithfulness(
        self, evidence: Evidence, modalities: Sequence[str] | None = None, methods: Sequence[str] | None = None
    ) -> Steps[Evidence]:
        """Test the maps of a record that kept its inputs; over HTTP there is no progress to tell."""
        yield Step(0.0)
        fields = {"modalities": ",".join(modalities or ()), "methods": ",".join(methods or ())}
        parts = {**_file(evidence), **plain_parts(fields)}
        yield Step(1.0, self._record(self._post("/faithfulness", parts, EVIDENCE_FILE, FAITHFULNESS_SECONDS)))

    def watch(
        self,
        film: Given,
        options: Options | None = None,
        subtitles: File | None = None,
        reference: File | None = None,
    ) -> Watching:
        """Have the app watch a film, window by window."""
        chosen = options or Options()
        fields = {"length": str(chosen.length), "hop": str(chosen.hop), "track": str(chosen.track)}
        if chosen.person is not None:
            fields["person"] = str(chosen.person)
        parts: dict[str, Any] = {**plain_parts(fields)}
        for name, given in (("subtitles", subtitles), ("reference", reference)):
            if given is not None:
                parts[name] = ("file", read_bytes(given, name))
        with _opened_film(film) as file:
            parts["film"] = ("film", file)
            try:
                with self._client.stream(
                    "POST", f"{self._base}/timeline", files=parts, headers={"Accept": NDJSON}, timeout=FILM_SECONDS
                ) as answer:
                    if answer.status_code != 200:
                        answer.read()
                        raise _failure(answer)
                    yield from _watched(answer.iter_lines())
            except httpx.TimeoutException:
                raise errors.DeadlineExceeded from None
            except httpx.HTTPError:
                raise NotReady(_GONE) from None

    def live(self, sample: Sample) -> MomentAnswer:
        """A stream is answered where the model is, and nowhere else."""
        raise NotReady(say("live-elsewhere"))

    def decoder_for(self, seconds: float) -> Decoder:
        """See ``live``."""
        raise NotReady(say("live-elsewhere"))

    def keep(self, evidence: Evidence) -> str:
        """Have the app hold a record for a short while; its name."""
        try:
            return str(self._post("/cases", _file(evidence), "application/json").json()["case"])
        except (ValueError, KeyError, TypeError):
            raise ServingError(_STRANGE) from None

    def kept(self, name: str) -> Evidence:
        """The record of that name; InvalidInput where the app has forgotten it."""
        return self._record(self._post("/cases/open", plain_parts({"case": name}), EVIDENCE_FILE))

    def health(self) -> Health:
        """Whether the app answers, and with which model; not ready, with the reason, where it can't be reached."""
        try:
            answer = self._client.get(f"{self._base}/health", timeout=HEALTH_SECONDS)
            return Health(**answer.json())
        except httpx.HTTPError:
            return Health(ready=False, model="", hash="", device="", waiting=0, reason=_GONE)
        except (ValueError, TypeError):
            return Health(ready=False, model="", hash="", device="", waiting=0, reason=_STRANGE)

    def close(self, seconds: float = 1.0) -> bool:
        """Close the connection; what runs at the other end is that app's own."""
        self._client.close()
        return True

    def _post(
        self, path: str, parts: Mapping[str, Any], accept: str, seconds: float = ANSWER_SECONDS
    ) -> httpx.Response:
        try:
            answer = self._client.post(
                f"{self._base}{path}", files=dict(parts), headers={"Accept": accept}, timeout=seconds
            )
        except httpx.TimeoutException:
            raise errors.DeadlineExceeded from None
        except httpx.HTTPError:
            raise NotReady(_GONE) from None
        if answer.status_code != 200:
            raise _failure(answer)
        return answer

    def _record(self, answer: httpx.Response) -> Evidence:
        if not answer.headers.get("content-type", "").startswith(EVIDENCE_FILE):
            raise ServingError(_STRANGE)
        return Evidence.from_bytes(answer.content)


def _watched(lines: Iterable[str]) -> Watching:
    """The steps that NDJSON tells."""
    windows: list[Window] = []
    try:
        for line in filter(None, lines):
            told = json.loads(line)
            if "error" in told:
                raise _error(str(told["error"]["code"]), str(told["error"]["message"]))
            if "window" in told:
                windows.append(Window.from_json(told["window"]))
                yield Progress(float(told["fraction"]), None, (windows[-1],))
            else:
                yield Progress(1.0, Timeline.from_summary(told["timeline"], windows))
    except (ValueError, KeyError, TypeError):
        raise ServingError(_STRANGE) from None


@contextmanager
def _opened_film(film: Given) -> Iterator[Any]:
    if isinstance(film, bytes):
        yield film
        return
    with os.fdopen(open_film(film), "rb") as file:
        file.seek(0)
        yield file


def _case(given: Case) -> Parts:
    return case_parts(RawInputs.of(given) if isinstance(given, Sample) else given)


def _file(evidence: Evidence) -> Parts:
    return {"evidence": ("case.triad", evidence.to_bytes())}


def _failure(answer: httpx.Response) -> Exception:
    try:
        error = answer.json()["error"]
        code, message = str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return ServingError(_STRANGE)
    wait = answer.headers.get("retry-after", "")
    return _error(code, message, int(wait) if wait.isdecimal() else None)


def _error(code: str, message: str, retry_after: int | None = None) -> Exception:
    if code == InvalidInput.code:
        return InvalidInput(message)
    return _ERRORS.get(code, ServingError)(message, retry_after)
