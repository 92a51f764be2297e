"""Answers of the REST API in the form that the client accepts: JSON, the Evidence file, or a page."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any, Final

from starlette.responses import HTMLResponse, JSONResponse, Response

from mm_core.evidence import Evidence
from mm_core.evidence.what_if import WhatIf
from mm_core.explain.records import VALUES, Faithfulness
from mm_core.serving.health import Health
from mm_core.serving.schema import CHANGE_HEADER, EVIDENCE_FILE

NO_STORE: Final = {"Cache-Control": "no-store"}
"""Answers speak about a person; no cache on the way keeps them."""

_FILES: Final = (EVIDENCE_FILE, "application/zip", "application/octet-stream")


def evidence_reply(evidence: Evidence, accept: str) -> Response:
    """A record as the file, as a page, or as JSON."""
    if any(kind in accept for kind in _FILES):
        return _file(evidence, {})
    if "text/html" in accept:
        # The drawing of figures is loaded by those who ask for it.
        from mm_core.figures.page import evidence_page

        return HTMLResponse(evidence_page(evidence), headers=NO_STORE)
    return JSONResponse(evidence_json(evidence), headers=NO_STORE)


def health_reply(health: Health) -> Response:
    """How something is, as JSON; 503 where it does not answer."""
    return JSONResponse(asdict(health), 200 if health.ready else 503, headers=NO_STORE)


def what_if_reply(pair: WhatIf, accept: str) -> Response:
    """A change as JSON, or the changed record as the file."""
    if any(kind in accept for kind in _FILES):
        return _file(pair.after, {CHANGE_HEADER: pair.change})
    return JSONResponse(what_if_json(pair), headers=NO_STORE)


def what_if_json(pair: WhatIf) -> dict[str, Any]:
    """What a program wants of a change: both answers and their difference."""
    return {
        "change": pair.change,
        "sentence": pair.sentence(),
        "difference": {task: pair.difference(task) for task in pair.before.prediction.answers},
        "before": pair.before.prediction.to_json(),
        "after": pair.after.prediction.to_json(),
    }


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    """What a program wants of a record: answers, contributions, relevance by unit, attention between units (the mean
    over layers and heads), tests. The arrays behind them are in the file."""
    return {
        "prediction": evidence.prediction.to_json(),
        "task": evidence.task,
        "label": evidence.label,
        "contributions": {value: _game(evidence, value) for value in VALUES},
        "units": {
            modality: {"labels": list(units.labels), "spans": units.spans.tolist()}
            for modality, units in evidence.units.items()
        },
        "relevance": [
            {
                "modality": found.modality,
                "method": found.method,
                "task": found.task,
                "label": found.label,
                "signed": found.signed,
                "values": found.values.tolist(),
            }
            for found in evidence.relevance
        ],
        "defaults": dict(evidence.defaults),
        "attention": _attention(evidence),
        "faithfulness": [_test(test) for test in evidence.faithfulness],
        "digests": dict(evidence.digests),
        "timings": dict(evidence.timings),
        "versions": dict(evidence.versions),
        "created": evidence.created,
    }


def _game(evidence: Evidence, value: str) -> dict[str, Any]:
    game = evidence.contributions(value=value)
    return {
        "worths": game.coalition_values,
        "shapley": game.shapley,
        "dividends": game.dividends,
        "interactions": game.interactions,
        "shares": game.shares,
    }


def _attention(evidence: Evidence) -> dict[str, Any]:
    found = {}
    for query, key in evidence.attention:
        mean = evidence.attention_between(query, key)
        found[f"{query}->{key}"] = None if mean is None else mean.round(6).tolist()
    return found


def _test(test: Faithfulness) -> dict[str, Any]:
    numbers = ("deletion_auc", "insertion_auc", "deletion_p", "insertion_p", "comprehensiveness", "sufficiency")
    return {
        "modality": test.modality,
        "method": test.method,
        "task": test.task,
        "label": test.label,
        "alone": test.alone,
        "verdict": test.verdict,
        **{name: _number(getattr(test, name)) for name in numbers},
    }


def _number(value: float) -> float | None:
    """JSON has no NaN."""
    return value if math.isfinite(value) else None


def _file(evidence: Evidence, more: dict[str, str]) -> Response:
    headers = {**NO_STORE, **more, "Content-Disposition": 'attachment; filename="case.triad"'}
    return Response(evidence.to_bytes(), media_type=EVIDENCE_FILE, headers=headers)
