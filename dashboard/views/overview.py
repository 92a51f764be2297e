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
from mm_core.evaluation.evaluation_report import ALL, EvaluationReport, Stranger, met_words
from mm_core.evaluation.records import Estimate
from mm_core.evaluation.sentences import calm_words
from mm_core.figures import metric_bars, stranger_bars
from mm_core.figures.palette import modality_colour
from mm_core.locale import listed, modality_word, say
from mm_core.serving import own_labels

HEADLINES: Final = (
    ("text", ("goemotions", "all"), ("multilabel_macro_f1", "macro_f1")),
    ("image", ("fer2013", "all"), ("accuracy",)),
    ("audio", ("ravdess", "all"), ("uar",)),
    ("text+image+audio", ("all",), ("accuracy",)),
)
"""Sets of modalities, and the sources and metrics to look for in order."""

MOST_TILES: Final = 4
"""Sources shown as tiles; the chart below holds all of them."""

LIMITS: Final = ("expression", "learned", "composed", "judging")


def page() -> None:
    heading(
        say("overview-title"),
        say("overview-lead"),
    )
    found, now = reports.report(EVALUATION), engine_status()
    own = now.health if now.health is not None and now.health.has_own_labels else None
    if own is not None:
        sentence(own_labels.labels_in_words(own))
        sentence(own_labels.scores_in_words(own))
    if own is not None and (found is None or found.content.model is None or found.content.model.hash != own.hash):
        nothing(say("overview-no-report-of-model"), say("overview-no-report-of-model-how"))
        command(EVALUATION.make)
    elif found is None:
        nothing(say("overview-no-report"), say("overview-no-report-how"))
        command(EVALUATION.make)
    else:
        with guarded():
            reports.say_if_of_another_model(found)
            _figures(found)
    section(say("overview-limits"))
    limits = [*(say("overview-limit", limit=limit) for limit in LIMITS), *_limits(found)]
    st.markdown("\n".join(f"- {line}" for line in limits))
    if found is not None:
        section(say("overview-provenance"))
        with guarded():
            _provenance(found)
    section(say("overview-further"))
    _links()


def _figures(found: Report[EvaluationReport]) -> None:
    report = found.content
    strangers = report.strangers()
    if strangers:  # what a stranger to the model may expect stands first
        section(
            say("about-strangers"),
            say("overview-strangers-lead"),
        )
        st.html(f'<div class="tiles">{"".join(map(_stranger_tile, strangers[:MOST_TILES]))}</div>')
        show(drawn(found, "strangers", lambda: stranger_bars(report)), "overview-strangers")
        for who, calm in report.calm_voices.items():
            sentence(calm_words(who, calm))
        section(say("overview-met"))
    tiles = [tile for line in HEADLINES if (tile := _tile(report, *line))]
    st.html(f'<div class="tiles">{"".join(tiles)}</div>')
    show(drawn(found, "overview", lambda: metric_bars(report, "emotion", "accuracy")), "overview-accuracy")
    gain = fusion_gain(report)
    if gain:
        sentence(gain)


def _tile(report: EvaluationReport, name: str, sources: tuple[str, ...], metrics: tuple[str, ...]) -> str:
    for source in sources:
        scores = report.scores("emotion", name, source)
        if scores is None or scores.met == "never seen":
            continue
        for metric in metrics:
            estimate = scores.metric(metric)
            if estimate is not None:
                given = name.replace("+", "-")
                words = say("overview-headline", given=given)
                rows = "" if source == ALL else f", {source}"
                return _tile_html(name, say("overview-given", given=given), estimate, scores.n, f"{words}{rows}")
    return ""


def _stranger_tile(one: Stranger) -> str:
    metric = "uar" if one.task == "emotion" else "macro_f1"
    estimate = one.scores.metric(metric)
    if estimate is None or one.scores.met is None:
        return ""
    title = f"{one.source}: {listed([modality_word(m) for m in one.modalities.split('+')])}"
    words = f"{say('overview-stranger-metric', metric=metric)}; {met_words(one.scores.met)}"
    return _tile_html(one.modalities, title, estimate, one.scores.n, words)


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
    model = say("provenance-no-model")
    if report.model is not None:
        match = "none" if now.client is None else "same" if now.hash == report.model.hash else "other"
        model = say("provenance-model", model=report.model.name, hash=report.model.hash[:16], match=match)
    counts = report.data.rows if report.data is not None else {}
    counted = ", ".join(say("origin-count", modality=m, count=n) for m, n in counts.items())
    unsaid = say("provenance-unsaid")
    rows = say(
        "provenance-rows",
        counted=counted or say("provenance-no-counts"),
        split=report.split or unsaid,
        sources=", ".join(report.sources()),
    )
    made = say("provenance-made", made=report.made or unsaid, commit=(report.commit or unsaid)[:12])
    facts(
        [
            (say("provenance-fact", fact="model"), model),
            (say("provenance-fact", fact="answers"), ", ".join(report.labels())),
            (say("provenance-fact", fact="rows"), rows),
            (say("provenance-fact", fact="intervals"), report.interval or say("provenance-no-intervals")),
            (say("provenance-fact", fact="made"), made),
            (say("provenance-fact", fact="digest"), found.digest[:16]),
        ]
    )
    study = reports.report(FAITHFULNESS)
    if study is not None:
        reports.say_if_of_another_model(study)
        st.caption(say("overview-maps-tested"))


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
    return [say("overview-speakers", count=count)]


def _links() -> None:
    pages = (
        ("case", ":material/person_search:"),
        ("evaluation", ":material/monitoring:"),
        ("robustness", ":material/shield:"),
        ("contributions", ":material/balance:"),
        ("lab", ":material/science:"),
        ("review", ":material/rate_review:"),
    )
    columns = side_by_side(2)
    for index, (page, icon) in enumerate(pages):
        columns[index % 2].page_link(f"views/{page}.py", label=say("overview-link", page=page), icon=icon)


page()
