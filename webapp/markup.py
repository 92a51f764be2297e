"""Small pieces of HTML for the page. Everything that comes from outside passes through ``escape``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from mm_core.wording import MODALITY_WORDS, percent


def listed(words: Sequence[str]) -> str:
    """Words as people list them: ``a``, ``a and b``, ``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def modality_list(modalities: Sequence[str]) -> str:
    """Modalities as people list them, e.g. ``the words and the voice``."""
    return listed([f"the {MODALITY_WORDS[m]}" for m in modalities])


def heading(title: str, text: str = "", level: int = 3) -> str:
    """A section's heading with one sentence under it."""
    below = f'<p class="lead">{escape(text)}</p>' if text else ""
    return f'<div class="heading"><h{level}>{escape(title)}</h{level}>{below}</div>'


def reading(text: str) -> str:
    """The sentence that says how to read a figure."""
    return f'<p class="reading">{escape(text)}</p>' if text else ""


def details(summary: str, html: str) -> str:
    """Safe HTML behind a line that opens it."""
    return f'<details class="numbers"><summary>{escape(summary)}</summary>{html}</details>'


def notice(text: str, kind: str = "warning") -> str:
    """One message in a box; ``kind`` is ``warning``, ``error`` or ``hint``."""
    role = "alert" if kind == "error" else "note"
    return f'<p class="notice {kind}" role="{role}">{escape(text)}</p>'


def bars(title: str, probabilities: Mapping[str, float], before: Mapping[str, float] | None = None) -> str:
    """Probability bars, the largest first; ``before`` puts a mark where each bar stood."""
    ranked = sorted(probabilities.items(), key=lambda pair: -pair[1])
    rows = "".join(_bar(name, share, None if before is None else before.get(name)) for name, share in ranked)
    return f'<div class="bars"><h3>{escape(title)}</h3><ol>{rows}</ol></div>'


def _bar(name: str, share: float, before: float | None) -> str:
    mark = was = ""
    if before is not None:
        mark = f'<span class="mark" style="left:{100 * before:.1f}%"></span>'
        was = f'<span class="sr-only"> (before: {percent(before)})</span>'
    return (
        f'<li><span class="name">{escape(name)}</span>'
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
