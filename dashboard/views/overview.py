"""Overview: what the model is, how good it is and where its limits lie, in one minute."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, Final

import streamlit as st

from dashboard import reports
from dashboard.engine import standing
from dashboard.reports import Report
from dashboard.show import command, facts, guarded, heading, nothing, section, show, side_by_side
from mm_core.figures import metric_bars
from mm_core.figures.figure import with_interval
from mm_core.figures.palette import modality_colour

MAKE: Final = (
    "python -m mm_core evaluate --data FOLDER --out assets/report/evaluation.json --rows assets/report/cases.parquet"
)

# Set of modalities, title, sources and metrics to look for in order, and the metric in words.
HEADLINES: Final = (
    ("text", "Words", ("goemotions", "all"), ("multilabel_macro_f1", "macro_f1"), "macro-F1 over the emotions"),
    ("image", "Face", ("fer2013", "all"), ("accuracy",), "right answers"),
    ("audio", "Voice", ("ravdess", "all"), ("uar",), "mean recall over the emotions, unseen speakers"),
    ("text+image+audio", "All three", ("all",), ("accuracy",), "right answers on composed triples"),
)

LIMITS: Final = (
    "It judges the expression that words, face and voice show, not what a person feels.",
    "The text model reads English; the faces it learned from are mostly web and press photos, the voices mostly "
    "actors who play an emotion.",
    "No public data here shows one person's words, face and voice at once: triples are composed of rows that share a "
    "label, so what all three gain together comes from composing and is no headline.",
    "Not for judging people at work or school, which the EU AI Act forbids, and not for medical use.",
)


FEWEST_SPEAKERS: Final = 5
"""With fewer, resampling speakers gives no interval worth the name."""


def page() -> None:
    heading(
        "What this model can do, and what not",
        "Triad reads a text, looks at a face and listens to a voice, says which emotion and which sentiment "
        "they express, and shows what that answer comes from. Any of the three may be missing.",
    )
    found = reports.report("evaluation")
    if found is None:
        nothing("There is no evaluation report yet.", "Figures appear here once one was made:")
        command(MAKE)
    else:
        with guarded():
            reports.say_if_of_another_model(found)
            _figures(found)
    section("Known limits")
    st.markdown("\n".join(f"- {line}" for line in (*LIMITS, *_limits(found))))
    if found is not None:
        section("Where these figures come from")
        with guarded():
            _provenance(found)
    section("Look further")
    _links()


def _figures(found: Report) -> None:
    report = found.content
    tiles = [tile for line in HEADLINES if (tile := _tile(found, *line))]
    st.html(f'<div class="tiles">{"".join(tiles)}</div>')
    show(found.drawn("overview", lambda: metric_bars(report, "emotion", "accuracy")), "overview-accuracy")


def _tile(
    found: Report, name: str, title: str, sources: tuple[str, ...], metrics: tuple[str, ...], words: str
) -> str:
    sets: Mapping[str, Any] = found.content.get("emotion", {}).get(name, {})
    for source in sources:
        for metric in metrics:
            figure = sets.get(source, {}).get(metric)
            if figure:
                rows = "" if source == "all" else f", {source}"
                return (
                    f'<div class="tile" style="border-top-color:{modality_colour(name)}"><h4>{escape(title)}</h4>'
                    f'<p class="value">{figure["value"]:.2f}</p>'
                    f'<p class="range">{_range(found, name, source, figure)}, n = {sets[source]["n"]:,}</p>'
                    f'<p class="what">{escape(words)}{escape(rows)}</p></div>'
                )
    return ""


def _range(found: Report, name: str, source: str, figure: Mapping[str, float]) -> str:
    """A figure's interval, or why there is none."""
    speakers = _speakers(found, source) if name == "audio" else 0
    if 0 < speakers < FEWEST_SPEAKERS:
        return f"{speakers} speakers, too few for an interval"
    return f"{figure['low']:.2f} to {figure['high']:.2f}"


def _labels(report: Mapping[str, Any]) -> list[str]:
    """The emotions that were told apart; a model taught with one's own labels has others."""
    judged = (figures for sets in report.get("emotion", {}).values() for figures in sets.values())
    return list(next((figures["per_class"] for figures in judged if figures.get("per_class")), ()))


def _provenance(found: Report) -> None:
    report = found.content
    model, data = report.get("model", {}), report.get("data", {})
    now = standing()
    match = "no model runs at the moment"
    if now.engine is not None:
        same = now.hash == model.get("hash")
        match = "the model that runs now" if same else "NOT the model that runs now: figures may differ"
    sources = sorted({s for sets in report.get("emotion", {}).values() for s in sets if s not in ("all", "composed")})
    rows = ", ".join(f"{n:,} {modality}" for modality, n in data.get("rows", {}).items())
    best = report.get("baselines", {}).get("product_of_singles", {}).get("text+image+audio", {}).get("all")
    lines = [
        ("Model", f"{model.get('name', '')}, {str(model.get('hash', ''))[:16]} ({match})"),
        ("Answers", ", ".join(_labels(report))),
        ("Rows judged", f"{rows}; split: {report.get('split', '')}; sources: {', '.join(sources)}"),
        ("Intervals", str(report.get("interval", ""))),
        ("Made", f"{report.get('made', '')}; SHA-256 of the report {found.digest[:16]}"),
    ]
    if best:
        text = with_interval(**{k: best["accuracy"][k] for k in ("value", "low", "high")})
        lines.insert(
            3, ("To compare", f"the product of the three single answers has accuracy {text} on these triples")
        )
    facts(lines)
    study = reports.report("faithfulness")
    if study is not None:
        st.caption("Relevance maps were tested against chance on test rows; each map says its verdict.")


def _speakers(found: Report, source: str = "all") -> int:
    """How many speakers were judged; 0 where the report does not say, or there are none."""
    lines = found.lines
    if lines is None or "speaker" not in lines:
        return 0

    def count() -> int:
        return int((lines if source == "all" else lines[lines["source"] == source])["speaker"].nunique())

    return found.drawn(f"speakers {source}", count)


def _limits(found: Report | None) -> list[str]:
    """What the number of test speakers means for the intervals of the voice."""
    count = 0 if found is None else _speakers(found)
    if not count:
        return []
    return [f"The voice was judged on {count} speakers: its intervals say little about other people's voices."]


def _links() -> None:
    pages = (
        ("views/case.py", "One case: the answer and why", ":material/person_search:"),
        ("views/evaluation.py", "How good it is, class by class", ":material/monitoring:"),
        ("views/robustness.py", "What happens when inputs get worse", ":material/shield:"),
        ("views/contributions.py", "What each input adds, over all cases", ":material/balance:"),
        ("views/lab.py", "Other ways of fusing, on one task", ":material/science:"),
        ("views/review.py", "Collect cases into a report", ":material/rate_review:"),
    )
    columns = side_by_side(2)
    for index, (path, label, icon) in enumerate(pages):
        columns[index % 2].page_link(path, label=label, icon=icon)


page()
