"""The OpenAPI description of the routes, with examples that a test sends and compares."""

from __future__ import annotations

from typing import Any, Final

from mm_core import __version__
from mm_core.labels import EMOTIONS, MODALITIES
from mm_core.serving.changes import HOW
from mm_core.serving.kept import KEPT_SECONDS

EVIDENCE_FILE: Final = "application/vnd.triad+zip"
"""Media type of the Evidence file (``.triad``)."""

NDJSON: Final = "application/x-ndjson"
"""Media type of an answer of many lines, each of them JSON."""

CHANGE_HEADER: Final = "X-Triad-Change"
"""Header that says what was changed, in words, beside the file of a changed case."""

_FILE: Final = {"type": "string", "format": "binary"}
_PICTURES: Final = "image/jpeg, image/png, image/webp"
_SOUNDS: Final = "audio/wav, audio/flac, audio/ogg, audio/mpeg"
_KINDS: Final = {
    "image": _PICTURES,
    "audio": _SOUNDS,
    "reference": _SOUNDS,
    "new_image": _PICTURES,
    "new_audio": _SOUNDS,
    "evidence": EVIDENCE_FILE,
    "film": "video/mp4, video/quicktime, video/webm, video/x-matroska, audio/wav, audio/flac",
    "subtitles": "text/vtt, application/x-subrip, text/plain",
}
"""What each field that is a file may hold; of pictures and sounds the content decides, whatever the part says."""

_CASE: Final[dict[str, Any]] = {
    "text": {"type": "string", "description": "English or Chinese text.", "example": "I am so happy today!"},
    "image": {**_FILE, "description": "Picture of a face: JPEG, PNG or WebP, at most 20 MB."},
    "audio": {**_FILE, "description": "A voice: WAV, FLAC, OGG or MP3, at most 20 MB."},
    "reference": {
        **_FILE,
        "description": "Some seconds of the same person's normal voice, which the voice is judged against, where the "
        "model reads one (see /health): WAV, FLAC, OGG or MP3, at most 20 MB.",
    },
    "force": {
        "type": "string",
        "description": "Modalities to use even where no face or voice was found, separated by commas.",
        "example": "image",
    },
    "face": {
        "type": "string",
        "description": "Which face of the picture is judged: its number, 1 for the largest (default), or its box and "
        "turn as left,top,right,bottom,degrees; then none is looked for.",
        "example": "2",
    },
    "noise_reduction": {"type": "boolean", "description": "Clean the sound first.", "default": False},
}
_EXPLAIN: Final[dict[str, Any]] = {
    **_CASE,
    "label": {
        "type": "string",
        "description": "The class to explain (default: the predicted one).",
        "example": "joy",
    },
    "task": {"type": "string", "enum": ["emotion", "sentiment"], "default": "emotion"},
    "methods": {"type": "string", "description": "Relevance methods, separated by commas."},
    "keep_inputs": {
        "type": "boolean",
        "description": "Keep the picture, the voice and the text in the answer; without it only the words stay.",
        "default": False,
    },
}
PREDICTION_EXAMPLE: Final[dict[str, Any]] = {
    "emotion": {
        "label": "joy",
        "confidence": 0.91,
        "probabilities": {
            "anger": 0.01,
            "disgust": 0.01,
            "fear": 0.01,
            "joy": 0.91,
            "neutral": 0.03,
            "sadness": 0.01,
            "surprise": 0.02,
        },
        "sure": True,
    },
    "sentiment": {
        "label": "positive",
        "confidence": 0.94,
        "probabilities": {"negative": 0.02, "neutral": 0.04, "positive": 0.94},
        "sure": True,
    },
    "agreement": {"text+audio": 0.83},
    "said": {"text+audio": "agree"},
    "present": ["text", "audio"],
    "referenced": [],
    "warnings": [],
    "model": {"name": "embedded", "hash": "9f2c..."},
    "milliseconds": 24.5,
}
CHECK_EXAMPLE: Final[dict[str, Any]] = {
    "present": ["text"],
    "ignored": ["image"],
    "notices": [
        {
            "modality": "image",
            "code": "no-face",
            "message": "No face was found in the picture. It is left out unless you choose to use it anyway.",
        }
    ],
    "faces": [],
    "face": None,
}
HEALTH_EXAMPLE: Final[dict[str, Any]] = {
    "ready": True,
    "model": "embedded",
    "hash": "9f2c...",
    "device": "cpu",
    "waiting": 0,
    "reason": "",
    "version": __version__,
    "decoding": 0,
    "reads_reference": False,
    "labels": list(EMOTIONS),
    "learned_modalities": list(MODALITIES),
    "tested": {},
}
ERROR_EXAMPLE: Final[dict[str, Any]] = {
    "error": {
        "code": "invalid_input",
        "message": "Nothing was given. Give a text, a picture of a face, a voice, or several of them.",
    }
}


_RECORD: Final = {**_FILE, "description": "A .triad file with its inputs kept, at most 32 MB; in place of a case."}
_WHAT_IF: Final[dict[str, Any]] = {
    **_CASE,
    "evidence": _RECORD,
    "change": {
        "type": "string",
        "description": f"One change, as JSON. {HOW}",
        "example": '{"remove": "audio"}',
    },
    "new_image": {**_FILE, "description": "Another picture, as the change."},
    "new_audio": {**_FILE, "description": "Another voice, as the change."},
}
_FAITHFULNESS: Final[dict[str, Any]] = {
    "evidence": _RECORD,
    "modalities": {"type": "string", "description": "Whose maps, separated by commas; by default all."},
    "methods": {"type": "string", "description": "Which maps; by default the default of each modality."},
}

_FILM: Final[dict[str, Any]] = {
    "film": {**_FILE, "description": "MP4, MOV, WebM or MKV, or a sound alone: at most 10 minutes, 200 MB, 1080p."},
    "subtitles": {**_FILE, "description": "The words: SubRip (.srt) or WebVTT (.vtt)."},
    "reference": {**_CASE["reference"], "description": "Some seconds of the speaker's normal voice."},
    "length": {"type": "string", "description": "Seconds of a window (2).", "example": "2"},
    "hop": {"type": "string", "description": "Seconds from one window to the next (0.5).", "example": "0.5"},
    "track": {"type": "string", "description": "Which sound track, from 1.", "example": "1"},
    "person": {"type": "string", "description": "Whose face, by its number in the film.", "example": "1"},
}


def route(path: str) -> dict[str, Any]:
    """Keyword arguments of ``add_api_route`` that describe the route."""
    return _ROUTES[path]


def _form(fields: dict[str, Any]) -> dict[str, Any]:
    form = {
        "schema": {"type": "object", "properties": fields, "additionalProperties": False},
        "encoding": {name: {"contentType": kinds} for name, kinds in _KINDS.items() if name in fields},
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": form}}}


def _json(description: str, example: dict[str, Any] | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"type": "object"}}
    if example is not None:
        content["example"] = example
    return {"description": description, "content": {"application/json": content}}


def _record_reply(description: str, page: bool) -> dict[str, Any]:
    reply = _json(description)
    reply["content"][EVIDENCE_FILE] = {"schema": _FILE}
    if page:
        reply["content"]["text/html"] = {"schema": {"type": "string"}}
    return reply


_FAILURES: Final[dict[int | str, Any]] = {
    status: _json(text, ERROR_EXAMPLE)
    for status, text in {
        400: "The form can't be read, has an unknown field or too many parts",
        408: "The upload took too long",
        413: "A file over the limit",
        415: "Not a form",
        422: "Input that can't be used; the message says why and what to do",
        503: "Busy or not ready; Retry-After says when to try again",
        504: "The answer took too long",
        507: "No room for the upload; Retry-After says when to try again",
    }.items()
}

_ROUTES: Final[dict[str, dict[str, Any]]] = {
    "/predict": {
        "summary": "Emotion, sentiment and agreement of one case",
        "description": "Any of text, image and audio, at least one: `curl -F text='I am so happy' -F image=@a.jpg "
        "-F audio=@b.wav http://HOST/predict`. Nothing is kept after the answer.",
        "openapi_extra": _form(_CASE),
        "responses": {200: _json("The answer", PREDICTION_EXAMPLE), **_FAILURES},
    },
    "/check": {
        "summary": "What can be used of a case, without an answer",
        "description": "As /predict: which inputs count, which are set aside, and why.",
        "openapi_extra": _form(_CASE),
        "responses": {200: _json("What was found", CHECK_EXAMPLE), **_FAILURES},
    },
    "/explain": {
        "summary": "The answer with its explanation (Evidence)",
        "description": f"As /predict. `Accept: application/json` (default), `{EVIDENCE_FILE}` for the .triad file, "
        "`text/html` for a page that opens anywhere.",
        "openapi_extra": _form(_EXPLAIN),
        "responses": {200: _record_reply("The Evidence, in the form that Accept asks for", page=True), **_FAILURES},
    },
    "/what-if": {
        "summary": "One change to a case, and what it does to the answer",
        "description": "A case as for /predict, or the file of one, and one change. "
        f"`Accept: {EVIDENCE_FILE}` gives the changed case as a file.",
        "openapi_extra": _form(_WHAT_IF),
        "responses": {200: _record_reply("Both answers and their difference", page=False), **_FAILURES},
    },
    "/faithfulness": {
        "summary": "Test the maps of a record against random orders",
        "description": "Takes seconds to minutes. The answer is the record with the tests, as for /explain.",
        "openapi_extra": _form(_FAITHFULNESS),
        "responses": {200: _record_reply("The Evidence with the tests", page=True), **_FAILURES},
    },
    "/timeline": {
        "summary": "A film, window by window",
        "description": "`curl -N -F film=@a.mp4 -F subtitles=@a.srt http://HOST/timeline`. The answer is NDJSON: a "
        'line a window as it is ready (`{"window": ..., "fraction": ...}`), then one with the summary '
        '(`{"timeline": ...}`); where something goes wrong on the way, `{"error": ...}`. Nothing is kept after it.',
        "openapi_extra": _form(_FILM),
        "responses": {
            200: {"description": "The windows", "content": {NDJSON: {"schema": {"type": "string"}}}},
            **_FAILURES,
        },
    },
    "/cases": {
        "summary": "Hold a record for a short while, to be opened elsewhere",
        "description": f"For {round(KEPT_SECONDS / 60)} minutes, in memory. Whoever knows the name that is answered "
        "can open it: at /cases/open, or in a browser at the page's address with `?kept=NAME` behind it, or the "
        "dashboard's with `/case?kept=NAME`.",
        "openapi_extra": _form({"evidence": {**_FILE, "description": "A .triad file, at most 32 MB."}}),
        "responses": {200: _json("The name", {"case": "q6n3yQ0s5mN0mJrC4oYbXw"}), **_FAILURES},
    },
    "/cases/open": {
        "summary": "The record that is held under a name",
        "openapi_extra": _form({"case": {"type": "string", "description": "The name that /cases answered."}}),
        "responses": {200: _record_reply("The Evidence, in the form that Accept asks for", page=True), **_FAILURES},
    },
    "/health": {
        "summary": "Whether requests are answered, and by which model",
        "responses": {200: _json("Ready", HEALTH_EXAMPLE), 503: _json("Not ready")},
    },
    "/metrics": {
        "summary": "Requests, latency, batches, waiting and errors in Prometheus' text format",
        "responses": {200: {"description": "Metrics", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    },
}
