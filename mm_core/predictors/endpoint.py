"""A model behind a URL as a Predictor: another Triad, or anything that answers JSON and is described by a mapping.

Shapes: B samples, C classes.
"""

from __future__ import annotations

import base64
import os
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

import httpx
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mm_core.errors import TriadError
from mm_core.labels import MODALITIES
from mm_core.predictors.answers import (
    UnusableAnswer,
    UnusablePredictor,
    checked_labels,
    log_prior,
    logits_from,
    relabelled,
)
from mm_core.predictors.base import TaskLogits
from mm_core.predictors.description import Description
from mm_core.predictors.stated import StatedPredictor
from mm_core.samples import RawInputs, Sample
from mm_core.samples.multipart import case_parts
from mm_core.samples.raw_inputs import png, wav

PARALLEL: Final = 8
"""Requests under way at once: a map takes hundreds of answers."""


TRIES: Final = 6
"""How often a request is made that a busy endpoint turns away."""

MOST_SECONDS_BETWEEN_TRIES: Final = 10.0

_BUSY: Final = (429, 503)


class EndpointFailed(TriadError):
    """The model behind a URL did not answer."""

    code: ClassVar[str] = "endpoint_failed"


class RequestFields(Description):
    """Where the JSON that is sent holds what: places such as ``inputs.text``, for those modalities that the model
    reads. Pictures go as PNG and voices as WAV (16 kHz, mono), in base64. also: what is always sent."""

    text: str | None = None
    image: str | None = None
    audio: str | None = None
    also: dict[str, Any] = Field(default_factory=dict)


class EndpointDescription(Description):
    """``predictor.yaml`` of ``kind: endpoint``.

    Without ``request``, the URL is that of an app that speaks our ``/predict``. With it, ``answer`` is the place of
    the probabilities in what comes back ({label: probability}, or a list of {label, score}), and ``labels`` gives
    each of its labels the name used here; null leaves one out. headers: of each request, by the environment variable
    that holds the value. prior: what counts as its answer to nothing, by default equal chances.
    """

    kind: Literal["endpoint"]
    url: str = Field(pattern=r"^https?://\S+$")
    name: str = "endpoint"
    version: str = ""
    request: RequestFields | None = None
    answer: str = ""
    labels: dict[str, str | None] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    prior: dict[str, float] | None = None
    seconds: float = Field(30.0, gt=0, le=600)


class Endpoint(StatedPredictor):
    """What both kinds of endpoint share: one request a sample, several at once."""

    def __init__(self, url: str, seconds: float, headers: Mapping[str, str], client: httpx.Client | None) -> None:
        self._url = url.rstrip("/")
        self._client = client or httpx.Client(timeout=seconds)
        self._headers = dict(headers)
        self._labels = ()
        self._name = self._hash = ""
        self._prior: NDArray[np.float32] = np.zeros(0, np.float32)

    def predict_logits(self, samples: Sequence[Sample]) -> TaskLogits:
        """Logarithms of what the endpoint answers; EndpointFailed where it does not, UnusableAnswer where that is no
        probability for each label."""
        with ThreadPoolExecutor(PARALLEL) as pool:
            return TaskLogits(np.stack(list(pool.map(self._logits, samples))))

    def _logits(self, sample: Sample) -> NDArray[np.float32]:
        given = {m for m in sample.present if m in self._modalities and getattr(sample, m) != ""}
        if not given:
            return self._prior
        only = Sample(**{m: getattr(sample, m) for m in given})
        return logits_from(self._answer(only), self._labels)

    @abstractmethod
    def _answer(self, sample: Sample) -> Mapping[str, float]:
        """The endpoint's probabilities of each label for a sample that holds something."""

    def _asked(self, url: str, method: str = "GET", **content: Any) -> Any:
        for left in reversed(range(TRIES)):
            try:
                answer = self._client.request(method, url, headers=self._headers, **content)
            except (httpx.HTTPError, httpx.InvalidURL):
                raise EndpointFailed(
                    "The model behind the URL does not answer. Start it, or correct the URL in the description."
                ) from None
            if answer.status_code not in _BUSY or not left:
                break
            wait = answer.headers.get("retry-after", "")
            time.sleep(min(float(wait) if wait.isdecimal() else 1.0, MOST_SECONDS_BETWEEN_TRIES))
        if answer.status_code != 200:
            raise EndpointFailed(f"The model behind the URL answered with status {answer.status_code}, not 200.")
        try:
            return answer.json()
        except ValueError:
            raise UnusableAnswer("The model behind the URL answered something that is no JSON.") from None


class TriadEndpoint(Endpoint):
    """An app that speaks our ``/predict``; its ``/health`` says what it is. EndpointFailed where that fails."""

    def __init__(self, described: EndpointDescription, client: httpx.Client | None = None) -> None:
        super().__init__(described.url, described.seconds, _headers(described), client)
        health = self._asked(f"{self._url}/health")
        try:
            self._labels = checked_labels(health["labels"])
            self._modalities = tuple(m for m in MODALITIES if m in health["learned_modalities"])
            self._name, self._hash = str(health["model"]), str(health["hash"])
        except (KeyError, TypeError):
            raise UnusablePredictor(
                "The app behind the URL does not say what it answers. Give the address of one that speaks our "
                "/predict, or describe the request and the answer."
            ) from None
        self._prior = log_prior(described.prior, self._labels)

    def _answer(self, sample: Sample) -> Mapping[str, float]:
        answer = self._asked(f"{self._url}/predict", "POST", files=case_parts(RawInputs.of(sample)))
        try:
            probabilities, found = answer["emotion"]["probabilities"], str(answer["model"]["hash"])
        except (KeyError, TypeError):
            raise UnusableAnswer("The app behind the URL answered something else than our /predict does.") from None
        if found != self._hash:
            raise EndpointFailed("The app behind the URL has another model by now. Load the description again.")
        return dict(probabilities) if isinstance(probabilities, Mapping) else {}


class MappedEndpoint(Endpoint):
    """A URL that takes and answers JSON as its description says."""

    def __init__(self, described: EndpointDescription, digest: str, client: httpx.Client | None = None) -> None:
        super().__init__(described.url, described.seconds, _headers(described), client)
        assert described.request is not None
        self._names = described.labels
        self._labels = checked_labels(list(dict.fromkeys(n for n in described.labels.values() if n is not None)))
        self._places = {m: place for m in MODALITIES if (place := getattr(described.request, m)) is not None}
        if not self._places:
            raise UnusablePredictor("The request names no place for any of text, image and audio. Name at least one.")
        self._modalities = tuple(self._places)
        self._also = described.request.also
        self._where = described.answer
        self._name, self._hash = described.name, digest
        self._prior = log_prior(described.prior, self._labels)

    def _answer(self, sample: Sample) -> Mapping[str, float]:
        body: dict[str, Any] = _copied(self._also)
        for modality in sample.present:
            _put(body, self._places[modality], _ENCODERS[modality](sample.content(modality)))
        found = _at(self._asked(self._url, "POST", json=body), self._where)
        if isinstance(found, list):
            try:
                found = {entry["label"]: entry["score"] for entry in found}
            except (KeyError, TypeError):
                raise UnusableAnswer("A list of answers must hold a label and a score in each entry.") from None
        return relabelled(found, self._names)


def from_description(settings: Mapping[str, Any], folder: Path, digest: str) -> Endpoint:
    """The endpoint that a ``predictor.yaml`` describes."""
    described = EndpointDescription.checked(settings)
    if described.request is None:
        return TriadEndpoint(described)
    return MappedEndpoint(described, digest)


def _headers(described: EndpointDescription) -> dict[str, str]:
    missing = sorted(name for name in described.headers.values() if name not in os.environ)
    if missing:
        raise UnusablePredictor(f"The environment variable {missing[0]}, which holds a header, is not set.")
    return {header: os.environ[name] for header, name in described.headers.items()}


_ENCODERS: Final[dict[str, Callable[[Any], str]]] = {
    "text": str,
    "image": lambda pixels: base64.b64encode(png(pixels)).decode(),
    "audio": lambda waveform: base64.b64encode(wav(waveform)).decode(),
}


def _copied(tree: Any) -> Any:
    """Dictionaries anew, so that putting something in changes only this request."""
    return {key: _copied(value) for key, value in tree.items()} if isinstance(tree, dict) else tree


def _put(body: dict[str, Any], place: str, value: Any) -> None:
    *outer, last = place.split(".")
    for key in outer:
        body = body.setdefault(key, {})
    body[last] = value


def _at(answer: Any, place: str) -> Any:
    """What lies at a place such as ``result.0.scores``; UnusableAnswer where there is none."""
    for key in place.split(".") if place else ():
        try:
            answer = answer[int(key)] if isinstance(answer, list) else answer[key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise UnusableAnswer("The answer holds nothing at the place that the description names.") from None
    return answer
