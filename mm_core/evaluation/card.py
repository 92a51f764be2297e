"""The report's main estimates as a Markdown table, kept between two markers in the README and the model card."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mm_core.evaluation.evaluation_report import ALL, EvaluationReport, Scores, Stranger, met_words
from mm_core.evaluation.sentences import calm_words

BEGIN: Final = "<!-- figures: begin -->"
END: Final = "<!-- figures: end -->"

NEVER_MET: Final = "On people and sources it has never met"
OWN: Final = "On held-out rows of the sources it learned from"

_LINES: Final = (
    ("text, GoEmotions", "emotion", "text", "goemotions", ("multilabel_macro_f1", "accuracy")),
    ("text, MELD (single utterances)", "emotion", "text", "meld", ("weighted_f1", "accuracy")),
    ("Chinese text, SMP2020 usual", "emotion", "text", "smp2020_usual", ("accuracy", "macro_f1")),
    ("Chinese text, SMP2020 virus", "emotion", "text", "smp2020_virus", ("accuracy", "macro_f1")),
    ("Chinese text, BRIGHTER", "emotion", "text", "brighter_zh", ("multilabel_macro_f1", "accuracy")),
    ("face, FER2013", "emotion", "image", "fer2013", ("accuracy", "macro_f1")),
    ("face, muxspace", "emotion", "image", "muxspace", ("accuracy", "macro_f1")),
    ("voice, RAVDESS", "emotion", "audio", "ravdess", ("uar", "accuracy")),
    ("voice, EMO-DB", "emotion", "audio", "emodb", ("uar", "accuracy")),
    ("sentiment of text, GoEmotions", "sentiment", "text", "goemotions", ("macro_f1", "accuracy")),
    ("composed text + face", "emotion", "text+image", ALL, ("accuracy", "macro_f1")),
    ("composed text + voice", "emotion", "text+audio", ALL, ("accuracy", "macro_f1")),
    ("composed face + voice", "emotion", "image+audio", ALL, ("accuracy", "macro_f1")),
    ("composed text + face + voice", "emotion", "text+image+audio", ALL, ("accuracy", "macro_f1")),
    ("do composed pairs agree?", "agreement", "text+image+audio", ALL, ("accuracy", "macro_f1")),
)
_NAMES: Final = {
    "multilabel_macro_f1": "multilabel macro-F1",
    "weighted_f1": "weighted F1",
    "macro_f1": "macro-F1",
    "uar": "UAR",
    "accuracy": "accuracy",
    "ece": "ECE",
}
_GIVEN: Final = {"text": "text", "image": "face", "audio": "voice"}


def figures_table(report: EvaluationReport) -> str:
    """The main estimates of a report as Markdown: first those on sources that the model had never met, where the
    report has any, then those on its own."""
    model = "" if report.model is None else f", model `{report.model.hash[:12]}`"
    parts = [
        f"Split `{report.split}`, seed {report.seed}{model}; in brackets the "
        "95 % bootstrap interval, resampled by speaker, subject or source row; none from fewer than ten of them."
    ]
    strangers = report.strangers()
    if strangers:
        rows = [_stranger_row(one) for one in strangers]
        parts += [f"**{NEVER_MET}**", _table(("what", "n", "", "", "calibration error", "who answered"), rows)]
        parts.append(f"**{OWN}**")
    parts.append(_table(("what", "n", "", "", "calibration error"), _own_rows(report, strangers)))
    parts += [calm_words(who, calm) for who, calm in report.calm_voices.items()]
    return "\n\n".join(parts)


def _own_rows(report: EvaluationReport, strangers: Sequence[Stranger]) -> list[list[str]]:
    never_met = {(one.task, one.modalities, one.source) for one in strangers if one.scores.met == "never seen"}
    rows = []
    for name, task, modalities, source, metrics in _LINES:
        scores = report.scores(task, modalities, source)
        if scores is not None and scores.n and (task, modalities, source) not in never_met:
            rows.append(_row(name, scores, metrics))
            product = report.late_product(modalities, source) if task == "emotion" else None
            if product is not None:
                rows.append(_row("the same, single answers multiplied", product, metrics))
    return rows


def _stranger_row(one: Stranger) -> list[str]:
    given = " + ".join(_GIVEN[m] for m in one.modalities.split("+"))
    name = f"{given}, {one.source}" if one.task == "emotion" else f"{one.task} of {given}, {one.source}"
    main = "uar" if one.task == "emotion" else "macro_f1"
    met = one.scores.met
    return [*_row(name, one.scores, (main, "accuracy")), met_words(met) if met else ""]


def _row(name: str, scores: Scores, metrics: Sequence[str]) -> list[str]:
    cells = [f"{_NAMES[metric]} {_words(scores, metric)}" for metric in metrics]
    return [name, str(scores.n), *cells, _words(scores, "ece")]


def _words(scores: Scores, metric: str) -> str:
    estimate = scores.metric(metric)
    return "not measured" if estimate is None else estimate.words(3)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|" for cells in lines)


def fill(path: Path, report: EvaluationReport) -> None:
    """Replace what stands between the markers of a Markdown file; ValueError where it has none."""
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{path.name} has no place for figures: put {BEGIN} and {END} where they belong")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    path.write_text(f"{before}{BEGIN}\n{figures_table(report)}\n{END}{after}", encoding="utf-8")
