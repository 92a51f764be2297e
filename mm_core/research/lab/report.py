"""The lab's report: the runs of all suites in one file, with the figures to stand beside them; see docs/lab.md."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from mm_core.evaluation.compare import paired
from mm_core.evaluation.heading import heading
from mm_core.evaluation.lab_report import Comparison, LabReport, Reference, Run, read_lab
from mm_core.evaluation.predictions import write_predictions
from mm_core.evaluation.records import write_report as write_json

DEFAULT: Final = "cross_attention"
LATE: Final = ("late_mean", "late_product")
MARGIN: Final = 0.01
"""Accuracy that the default may lose to a late strategy and still count as not worse."""

_POSITION: Final = "Poria et al., Context-dependent sentiment analysis in user-generated videos, ACL 2017"


def _published(data: str, name: str, value: float, source: str, note: str) -> Reference:
    return Reference(data=data, name=name, metric="accuracy", value=value, source=source, note=note)


PUBLISHED: Final = [
    _published("mosi-features", name, value, _POSITION, "bidirectional LSTM over the whole video, an SVM on top")
    for name, value in (
        ("contextual LSTM, text, voice and face", 0.803),
        ("contextual LSTM, text", 0.781),
        ("contextual LSTM, voice", 0.603),
        ("contextual LSTM, face", 0.558),
    )
] + [
    _published(
        "mosi-transcripts",
        name,
        value,
        "MMSA, github.com/thuiar/MMSA, table of results",
        "other features and BERT-base on the text; neutral utterances left out, where here they count",
    )
    for name, value in (("TFN", 0.791), ("LMF", 0.792), ("MulT", 0.810), ("Self-MM", 0.855))
]


def write_report(files: Iterable[Path], out: Path, measured: Sequence[dict[str, Any]] = ()) -> LabReport:
    """Add these runs to the report at ``out`` and their predictions beside it, ``NAME_rows.parquet``; returns the
    report.

    Runs of the same id are replaced, and so are measured references of the same data.
    """
    stored = read_lab(json.loads(out.read_text(encoding="utf-8"))) if out.is_file() else None
    files = list(files)
    fresh = [Run.model_validate(json.loads(path.read_text())["run"]) for path in files]
    replaced = {run.id for run in fresh}
    runs = [run for run in (stored.runs if stored else ()) if run.id not in replaced] + fresh
    rows = pd.concat([pd.read_parquet(path.with_suffix(".parquet")) for path in files], ignore_index=True)
    beside = rows_path(out)
    if beside.is_file():
        old = pd.read_parquet(beside)
        rows = pd.concat([old[~old["run"].isin(replaced)], rows], ignore_index=True)
    new = [Reference.model_validate(reference) for reference in measured]
    again = {reference.data for reference in new}
    kept = [r for r in (stored.references if stored else ()) if r.kind == "measured" and r.data not in again]
    present = {run.data for run in runs}
    models = [run.model for run in runs if run.model is not None]
    about = heading(None, split="test", seed=None, machine=_machine())
    report = LabReport(
        **dict(about) | {"model": models[-1] if models else None},
        runs=runs,
        references=[r for r in (*PUBLISHED, *kept, *new) if r.data in present],
        comparisons=comparisons(runs, rows),
    )
    write_json(report, out)
    write_predictions(rows, beside)
    return report


def rows_path(out: Path) -> Path:
    """Where the predictions of a report lie."""
    return out.with_name(f"{out.stem}_rows.parquet")


def comparisons(runs: Sequence[Run], rows: pd.DataFrame) -> list[Comparison]:
    """The default strategy against each late one, on every data and variant that has both, over all seeds."""
    found = []
    for data, variant in dict.fromkeys((run.data, run.variant) for run in runs):
        ids: dict[str, list[str]] = {}
        for run in runs:
            if (run.data, run.variant) == (data, variant):
                ids.setdefault(run.fusion, []).append(run.id)
        for late in LATE:
            if DEFAULT not in ids or late not in ids:
                continue
            difference = paired(rows, ids[DEFAULT], ids[late]).difference
            found.append(
                Comparison(
                    data=data,
                    variant=variant,
                    first=DEFAULT,
                    second=late,
                    difference=difference,
                    margin=MARGIN,
                    not_worse=None if difference.low is None else difference.low > -MARGIN,
                )
            )
    return found


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, one thread a run"


def table(report: LabReport) -> str:
    """The report as text: one line a strategy, mean and standard deviation over seeds, best first."""
    frame = pd.DataFrame(
        {key: getattr(run, key) for key in ("data", "variant", "fusion", "parameters", "seconds")}
        | {name: run.metrics[name] for name in ("accuracy", "macro_f1", "weighted_f1", "ece")}
        | {"validation": run.validation["accuracy"]}
        | {
            "depends": run.attention.depends if run.attention else float("nan"),
            "removal": run.attention.removal if run.attention else float("nan"),
        }
        | {"lie": sum(c.majority for c in run.conflict.values()) / len(run.conflict)}
        for run in report.runs
    )
    lines = []
    for (data, variant), part in frame.groupby(["data", "variant"], sort=False):
        columns = "".join(f"{name:>7}" for name in ("wF1", "ECE", "valid", "lie", "asks", "lost"))
        lines += [f"{data}, {variant}", f"{'':18} {'accuracy':>13} {'macro F1':>13}{columns} {'params':>8} {'s':>6}"]
        means = part.groupby("fusion").mean(numeric_only=True).sort_values("accuracy", ascending=False)
        spread = part.groupby("fusion").std(numeric_only=True).fillna(0.0)
        for name, row in means.iterrows():
            off = spread.loc[name]
            lines.append(
                f"{name:18} {row.accuracy:.3f} ± {off.accuracy:.3f} {row.macro_f1:.3f} ± {off.macro_f1:.3f} "
                f"{row.weighted_f1:6.3f} {row.ece:6.3f} {row.validation:6.3f} {row.lie:6.3f} "
                f"{row.depends:6.3f} {row.removal:6.3f} "
                f"{row.parameters:8.0f} {row.seconds:6.1f}"
            )
    for compared in report.comparisons:
        verdict = {True: "not worse", False: "may be worse", None: "too few groups to tell"}[compared.not_worse]
        lines.append(
            f"{compared.data}, {compared.variant}: {compared.first} minus {compared.second} "
            f"{compared.difference.words(3)}, {verdict}"
        )
    return "\n".join(lines)
