"""A review of several cases as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mm_core.evidence import Evidence
from mm_core.figures.page import render, shown_case
from mm_core.locale import label_word, say


@dataclass(frozen=True, eq=False)
class Reviewed:
    """A case with what a reviewer says about it. checks: each point of the checklist in words, and whether it was
    ticked off."""

    title: str
    evidence: Evidence
    comment: str
    checks: Mapping[str, bool]


def review_page(title: str, summary: str, cases: Sequence[Reviewed]) -> str:
    """Summary, a table of all cases, then each case in full. Everything a person wrote is escaped."""
    words = {
        "kicker": say("review-kicker"),
        "reviewer": say("review-reviewer"),
        "no_comment": say("review-no-comment"),
    }
    columns = [say("review-column", column=name) for name in ("case", "answer", "sure", "checked")]
    return render(
        "review.html.jinja", title, words, summary=summary, columns=columns, cases=[_shown(case) for case in cases]
    )


def _shown(case: Reviewed) -> dict[str, Any]:
    answer = case.evidence.prediction.emotion
    sure = say("review-sure", sure="yes" if answer.sure else "no", confidence=answer.confidence)
    ticked = say("review-ticked", ticked=sum(case.checks.values()), points=len(case.checks))
    return {
        "title": case.title,
        "cells": (label_word(answer.label), sure, ticked),
        "sentence": case.evidence.prediction.sentence(),
        "comment": case.comment,
        "checks": [
            f"☑ {words}" if on else f"☐ {say('review-not-ticked', point=words)}" for words, on in case.checks.items()
        ],
        "shown": shown_case(case.evidence),
    }


def _check(words: str, ticked: bool) -> str:
    return f"☑ {words}" if ticked else f"☐ {say('review-not-ticked', point=words)}"
