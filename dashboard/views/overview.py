"""Overview: what the model is, how good it is and where its limits lie, in one minute."""

from __future__ import annotations

from html import escape
from typing import Final

import streamlit as st

from dashboard import reports
from dashboard.engine import engine_status
from dashboard.report_files import EVALUATION, FAITHFULNESS, Report
from dashboard.reports import drawn
from dashboard.show import command, facts, guarded, heading, nothing, section, sentence, show, side_by_side
from dashboard.verdicts import fusion_gain
from mm_core.evaluation.evaluation_report import ALL, MET_WORDS, EvaluationReport, Stranger
from mm_core.evaluation.records import Estimate
from mm_core.evaluation.sentences import calm_words
from mm_core.figures import metric_bars, stranger_bars
from mm_core.figures.palette import modality_colour
from mm_core.locale import modality_word
from mm_core.serving import own_labels

# Set of modalities, title, sources and metrics to look for in order, and the metric in words.
HEADLINES: Final = (
    ("text", "Words", ("goemotions", "all"), ("multilabel_macro_f1", "macro_f1"), "macro-F1 over the emotions"),
    ("image", "Face", ("fer2013", "all"), ("accuracy",), "right answers"),
    ("audio", "Voice", ("ravdess", "all"), ("uar",), "mean recall over the emotions, unseen speakers"),
    ("text+image+audio", "All three", ("all",), ("accuracy",), "right answers on composed triples"),
)

MOST_TILES: Final = 4
"""Sources shown as tiles; the chart below holds all of them."""

LIMITS: Final = (
    "It judges the expression that words, face and voice show, not what a person feels.",
    "The text model reads English; the faces it learned from are mostly web and press photos, the voices mostly "
    "actors who play an emotion.",
    "No public data here shows one person's words, face and voice at once: triples are composed of rows that share a "
    "label, so what all three gain together comes from composing and is no headline.",
    "Not for judging people at work or school, which the EU AI Act forbids, and not for medical use.",
)


def page() -> None:
    heading(
        "What this model can do, and what not",
        "Triad reads a text, looks at a face and listens to a voice, says which emotion and which sentiment "
        "they express, and shows what that answer comes from. Any of the three may be missing.",
    )
    found, now = reports.report(EVALUATION), engine_status()
    own = now.health if now.health is not None and now.health.has_own_labels else None
    if own is not None:
        sentence(own_labels.labels_in_words(own))
        sentence(own_labels.scores_in_words(own))
    if own is not None and (found is None or found.content.model is None or found.content.model.hash != own.hash):
        nothing("There is no evaluation report of this model yet.", "More figures appear here once one was made:")
        command(EVALUATION.make)
    elif found is None:
        nothing("There is no evaluation report yet.", "Figures appear here once one was made:")
        command(EVALUATION.make)
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


def _figures(found: Report[EvaluationReport]) -> None:
    report = found.content
    strangers = report.strangers()
    if strangers:  # what a stranger to the model may expect stands first
        section(
            "On people and sources it has never met",
            "The weights that answered had learned nothing from these sources. Expect this much of your own cases.",
        )
        st.html(f'<div class="tiles">{"".join(map(_stranger_tile, strangers[:MOST_TILES]))}</div>')
        show(drawn(found, "strangers", lambda: stranger_bars(report)), "overview-strangers")
        for who, calm in report.calm_voices.items():
            sentence(calm_words(who, calm))
        section("On held-out rows of the sources it learned from")
    tiles = [tile for line in HEADLINES if (tile := _tile(report, *line))]
    st.html(f'<div class="tiles">{"".join(tiles)}</div>')
    show(drawn(found, "overview", lambda: metric_bars(report, "emotion", "accuracy")), "overview-accuracy")
    gain = fusion_gain(report)
    if gain:
        sentence(gain)


def _tile(
    report: EvaluationReport, name: str, title: str, sources: tuple[str, ...], metrics: tuple[str, ...], words: str
) -> str:
    for source in sources:
        scores = report.scores("emotion", name, source)
        if scores is None or scores.met == "never seen":
            continue
        for metric in metrics:
            estimate = scores.metric(metric)
            if estimate is not None:
                rows = "" if source == ALL else f", {source}"
                return _tile_html(name, title, estimate, scores.n, f"{words}{rows}")
    return ""


def _stranger_tile(one: Stranger) -> str:
    metric, words = ("uar", "mean recall over its emotions") if one.task == "emotion" else ("macro_f1", "macro-F1")
    estimate = one.scores.metric(metric)
    if estimate is None or one.scores.met is None:
        return ""
    title = f"{one.source}: {' and '.join(modality_word(m) for m in one.modalities.split('+'))}"
    return _tile_html(one.modalities, title, estimate, one.scores.n, f"{words}; {MET_WORDS[one.scores.met]}")


def _tile_html(modalities: str, title: str, estimate: Estimate, n: int, words: str) -> str:
    return (
        f'<div class="tile" style="border-top-color:{modality_colour(modalities)}"><h4>{escape(title)}</h4>'
        f'<p class="value">{estimate.value:.2f}</p>'
        f'<p class="range">{estimate.spread_words()}, n = {n:,}</p>'
        f'<p class="what">{escape(words)}</p></div>'
    )


def _provenance(found: Report[EvaluationReport]) -> None:
    report = found.content
    now = engine_status()
    model = "the report does not say which"
    if report.model is not None:
        match = "no model runs at the moment"
        if now.client is not None:
            same = now.hash == report.model.hash
            match = "the model that runs now" if same else "NOT the model that runs now: figures may differ"
        model = f"{report.model.name}, {report.model.hash[:16]} ({match})"
    counts = report.data.rows if report.data is not None else {}
    rows = ", ".join(f"{n:,} {modality}" for modality, n in counts.items()) or "the report does not say how many"
    facts(
        [
            ("Model", model),
            ("Answers", ", ".join(report.labels())),
            ("Rows judged", f"{rows}; split: {report.split or 'not said'}; sources: {', '.join(report.sources())}"),
            ("Intervals", report.interval or "the report does not say how they were made"),
            ("Made", f"{report.made or 'not said'}, by commit {(report.commit or 'not said')[:12]}"),
            ("SHA-256 of the report", found.digest[:16]),
        ]
    )
    study = reports.report(FAITHFULNESS)
    if study is not None:
        reports.say_if_of_another_model(study)
        st.caption("Relevance maps were tested against chance on test rows; each map says its verdict.")


def _speakers(found: Report[EvaluationReport]) -> int:
    """How many speakers were judged; 0 where the report does not say, or there are none."""
    predictions = found.predictions
    if predictions is None or "speaker" not in predictions:
        return 0
    return drawn(found, "speakers", lambda: int(predictions["speaker"].nunique()))


def _limits(found: Report[EvaluationReport] | None) -> list[str]:
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
