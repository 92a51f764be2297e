"""The report's main figures as a Markdown table, kept up to date between two markers in the README and model card."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

BEGIN: Final = "<!-- figures: begin -->"
END: Final = "<!-- figures: end -->"

_LINES: Final = (
    ("text, GoEmotions", "emotion", "text", "goemotions", ("multilabel_macro_f1", "accuracy")),
    ("text, MELD (single utterances)", "emotion", "text", "meld", ("weighted_f1", "accuracy")),
    ("face, FER2013", "emotion", "image", "fer2013", ("accuracy", "macro_f1")),
    ("face, muxspace", "emotion", "image", "muxspace", ("accuracy", "macro_f1")),
    ("voice, RAVDESS (2 speakers)", "emotion", "audio", "ravdess", ("uar", "accuracy")),
    ("voice, EMO-DB (2 speakers)", "emotion", "audio", "emodb", ("uar", "accuracy")),
    ("sentiment of text, GoEmotions", "sentiment", "text", "goemotions", ("macro_f1", "accuracy")),
    ("composed text + face", "emotion", "text+image", "all", ("accuracy", "macro_f1")),
    ("composed text + voice", "emotion", "text+audio", "all", ("accuracy", "macro_f1")),
    ("composed face + voice", "emotion", "image+audio", "all", ("accuracy", "macro_f1")),
    ("composed text + face + voice", "emotion", "text+image+audio", "all", ("accuracy", "macro_f1")),
    ("do composed pairs agree?", "agreement", "text+image+audio", "all", ("accuracy", "macro_f1")),
)
_NAMES: Final = {
    "multilabel_macro_f1": "multilabel macro-F1",
    "weighted_f1": "weighted F1",
    "macro_f1": "macro-F1",
    "uar": "UAR",
    "accuracy": "accuracy",
    "ece": "ECE",
}


def figure_text(figure: dict[str, float]) -> str:
    """``0.65 (0.63 to 0.67)``."""
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def figures_table(report: dict[str, Any]) -> str:
    """The main figures of a report with n and 95 % intervals, as Markdown."""
    rows = [
        f"Split `{report['split']}`, seed {report['seed']}, model `{report['model']['hash'][:12]}`; in brackets the "
        "95 % bootstrap interval, resampled by speaker, subject or source row.",
        "",
        "| what | n | | | calibration error |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, task, modalities, source, wanted in _LINES:
        found = report[task].get(modalities, {}).get(source)
        if not found or not found["n"]:
            continue
        cells = [f"{_NAMES[metric]} {figure_text(found[metric])}" for metric in wanted]
        rows.append(f"| {name} | {found['n']} | {' | '.join(cells)} | {figure_text(found['ece'])} |")
    return "\n".join(rows)


def fill(path: Path, report: dict[str, Any]) -> None:
    """Replace what stands between the markers of a Markdown file; ValueError where it has none."""
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{path.name} has no place for figures: put {BEGIN} and {END} where they belong")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    path.write_text(f"{before}{BEGIN}\n{figures_table(report)}\n{END}{after}", encoding="utf-8")
