"""Small pieces of HTML for the page. Everything that comes from outside passes through ``escape``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from mm_core.evidence import Evidence
from mm_core.figures import reasons as find_reasons
from mm_core.locale import label_word, percent, say


def small(text: str, kind: str) -> str:
    """A line of small print of that class."""
    return f'<p class="{kind}">{escape(text)}</p>'


def changed_note(text: str) -> str:
    """What stands over an answer whose inputs were edited; the style sheet shows it only then."""
    return f'<p class="notice warning" role="status">{escape(text)}</p>'


def reasons(evidence: Evidence) -> str:
    """The reasons for an answer in one sentence, each a link to its map on the page."""
    words = find_reasons(evidence).html(lambda modality: f"#map-{modality}-title")
    return f'<p class="reasons"><b>{escape(say("reasons-title"))}</b> {words}</p>'


def heading(title: str, text: str = "", level: int = 3) -> str:
    """A section's heading with one sentence under it."""
    below = f'<p class="lead">{escape(text)}</p>' if text else ""
    return f'<div class="heading"><h{level}>{escape(title)}</h{level}>{below}</div>'


def map_title(modality: str) -> str:
    """The heading of one modality's map, with its colour."""
    words = escape(say("map-title", modality=modality))
    return f'<h4 class="modality-title {modality}"><i aria-hidden="true"></i>{words}</h4>'


def reading(text: str) -> str:
    """The sentence that says how to read a figure."""
    return f'<p class="reading">{escape(text)}</p>' if text else ""


def link(address: str, words: str) -> str:
    """A link that opens a new tab."""
    return f'<a href="{escape(address)}" target="_blank" rel="noopener">{escape(words)}</a>'


def details(summary: str, html: str) -> str:
    """Safe HTML behind a line that opens it."""
    return f'<details class="numbers"><summary>{escape(summary)}</summary>{html}</details>'


def notice(text: str, kind: str = "warning") -> str:
    """One message in a box; ``kind`` is ``warning``, ``error`` or ``hint``."""
    role = "alert" if kind == "error" else "note"
    return f'<p class="notice {kind}" role="{role}">{escape(text)}</p>'


def bars(title: str, probabilities: Mapping[str, float], before: Mapping[str, float] | None = None) -> str:
    """Probability bars of one task, the largest first; ``before`` puts a mark where each bar stood."""
    ranked = sorted(probabilities.items(), key=lambda pair: -pair[1])
    rows = "".join(_bar(name, share, None if before is None else before[name]) for name, share in ranked)
    return f'<div class="bars"><h3>{escape(title)}</h3><ol>{rows}</ol></div>'


def _bar(name: str, share: float, before: float | None) -> str:
    mark = was = ""
    if before is not None:
        mark = f'<span class="mark" style="left:{100 * before:.1f}%"></span>'
        was = f'<span class="sr-only"> {escape(say("answer-bar-before", share=before))}</span>'
    return (
        f'<li><span class="name">{escape(label_word(name))}</span>'
        f'<span class="track" aria-hidden="true"><span class="fill" style="width:{100 * share:.1f}%"></span>'
        f"{mark}</span>"
        f'<span class="value">{percent(share)}{was}</span></li>'
    )


def progress(share: float, words: str, label: str) -> str:
    """A progress bar with words beside it."""
    bar = f'<progress max="1" value="{share:.3f}" aria-label="{escape(label)}"></progress>'
    return f'<div class="progress">{bar}<span>{escape(words)}</span></div>'


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> str:
    """A small table; cells are escaped, the first of each row is its header."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in rest) + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="table-frame" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
