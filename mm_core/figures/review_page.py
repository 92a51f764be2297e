"""A review of several cases as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from mm_core.evidence import Evidence
from mm_core.figures.page import SCOPE, case_body, document
from mm_core.locale import percent


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
    body = [
        '<p class="kicker">Triad · review</p>',
        f"<h1>{escape(title)}</h1>",
        _paragraphs(summary),
        f'<p class="lead">{SCOPE}</p>',
        _overview(cases),
        *(_case(number, case) for number, case in enumerate(cases, start=1)),
    ]
    return document(title, "".join(body))


def _overview(cases: Sequence[Reviewed]) -> str:
    head = "".join(f"<th>{name}</th>" for name in ("", "Case", "Answer", "Sure", "Checked"))
    rows = "".join(_row(number, case) for number, case in enumerate(cases, start=1))
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _row(number: int, case: Reviewed) -> str:
    answer = case.evidence.prediction.emotion
    ticked = f"{sum(case.checks.values())} of {len(case.checks)}"
    sure = percent(answer.confidence) + ("" if answer.sure else ", not sure")
    cells = (f"{number}", case.title, answer.label, sure, ticked)
    linked = f'<td><a href="#case-{number}">{escape(cells[1])}</a></td>'
    rest = "".join(f"<td>{escape(cell)}</td>" for cell in cells[2:])
    return f"<tr><td>{cells[0]}</td>{linked}{rest}</tr>"


def _case(number: int, case: Reviewed) -> str:
    checks = "".join(
        f"<li>{'☑' if on else '☐'} {escape(words)}{'' if on else ' (not ticked)'}</li>"
        for words, on in case.checks.items()
    )
    comment = _paragraphs(case.comment) or "<p>No comment.</p>"
    return (
        f'<section id="case-{number}"><h1>{number}. {escape(case.title)}</h1>'
        f"<p><strong>{escape(case.evidence.prediction.sentence())}</strong></p>"
        f'<h2>What the reviewer says</h2>{comment}<ul style="list-style:none;padding:0">{checks}</ul>'
        f"{case_body(case.evidence)}</section>"
    )


def _paragraphs(text: str) -> str:
    parts = [part.strip() for part in text.split("\n\n") if part.strip()]
    return "".join(f"<p>{escape(part)}</p>" for part in parts)
