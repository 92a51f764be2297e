"""The lab's report: the runs of all suites in one file, with the figures to stand beside them; see docs/lab.md."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from mm_core.evaluation.compare import paired
from mm_core.evaluation.lines import write_lines
from mm_core.evaluation.provenance import commit
from mm_core.versions import versions

DEFAULT: Final = "cross_attention"
LATE: Final = ("late_mean", "late_product")
MARGIN: Final = 0.01
"""Accuracy that the default may lose to a late strategy and still count as not worse."""

_LIBRARIES: Final = ("torch", "transformers", "numpy", "scikit-learn")
_POSITION: Final = "Poria et al., Context-dependent sentiment analysis in user-generated videos, ACL 2017"


def _published(data: str, name: str, value: float, note: str) -> dict[str, Any]:
    return {
        "data": data,
        "name": name,
        "metric": "accuracy",
        "value": value,
        "source": _POSITION,
        "note": note,
        "kind": "published",
    }


PUBLISHED: Final = [
    _published("mosi-features", name, value, "bidirectional LSTM over the whole video, an SVM on top")
    for name, value in (
        ("contextual LSTM, text, voice and face", 0.803),
        ("contextual LSTM, text", 0.781),
        ("contextual LSTM, voice", 0.603),
        ("contextual LSTM, face", 0.558),
    )
] + [
    {
        "data": "mosi-transcripts",
        "name": name,
        "metric": "accuracy",
        "value": value,
        "source": "MMSA, github.com/thuiar/MMSA, table of results",
        "note": "other features and BERT-base on the text; neutral utterances left out, where here they count",
        "kind": "published",
    }
    for name, value in (("TFN", 0.791), ("LMF", 0.792), ("MulT", 0.810), ("Self-MM", 0.855))
]


def write_report(files: Iterable[Path], out: Path, measured: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """Add these runs to the report at ``out`` and their lines beside it, ``NAME_rows.parquet``; returns the report.

    Runs of the same id are replaced, and so are measured references of the same data.
    """
    stored = json.loads(out.read_text(encoding="utf-8")) if out.is_file() else {"runs": [], "references": []}
    files = list(files)
    fresh = [json.loads(path.read_text())["run"] for path in files]
    replaced = {run["id"] for run in fresh}
    runs = [run for run in stored["runs"] if run["id"] not in replaced] + fresh
    rows = pd.concat([pd.read_parquet(path.with_suffix(".parquet")) for path in files], ignore_index=True)
    beside = rows_path(out)
    if beside.is_file():
        old = pd.read_parquet(beside)
        rows = pd.concat([old[~old["run"].isin(replaced)], rows], ignore_index=True)
    again = {reference["data"] for reference in measured}
    kept = [r for r in stored["references"] if r["kind"] == "measured" and r["data"] not in again]
    present = {run["data"] for run in runs}
    references = [r for r in (*PUBLISHED, *kept, *measured) if r["data"] in present]
    report = {
        "runs": runs,
        "references": references,
        "comparisons": comparisons(runs, rows),
        "made": made(runs),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=1), encoding="utf-8")
    write_lines(rows, beside)
    return report


def rows_path(out: Path) -> Path:
    """Where the lines of a report lie."""
    return out.with_name(f"{out.stem}_rows.parquet")


def comparisons(runs: Sequence[dict[str, Any]], rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The default strategy against each late one, on every data and variant that has both, over all seeds."""
    found = []
    for data, variant in dict.fromkeys((run["data"], run["variant"]) for run in runs):
        ids: dict[str, list[str]] = {}
        for run in runs:
            if (run["data"], run["variant"]) == (data, variant):
                ids.setdefault(run["fusion"], []).append(run["id"])
        for late in LATE:
            if DEFAULT not in ids or late not in ids:
                continue
            difference = paired(rows, ids[DEFAULT], ids[late]).difference
            found.append(
                {
                    "data": data,
                    "variant": variant,
                    "first": DEFAULT,
                    "second": late,
                    "difference": difference,
                    "margin": MARGIN,
                    "not_worse": difference["low"] > -MARGIN,
                }
            )
    return found


def made(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Where the report comes from. commit is None outside a git checkout."""
    models = [run["model"] for run in runs if "model" in run]
    return {
        "commit": commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one thread a run",
        "versions": versions(_LIBRARIES),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": models[-1] if models else None,
    }


def table(report: dict[str, Any]) -> str:
    """The report as text: one line a strategy, mean and standard deviation over seeds, best first."""
    frame = pd.DataFrame(
        {key: run[key] for key in ("data", "variant", "fusion", "parameters", "seconds")}
        | {name: run["metrics"][name] for name in ("accuracy", "macro_f1", "weighted_f1", "ece")}
        | {"validation": run["validation"]["accuracy"]}
        | {"lie": sum(c["majority"] for c in run["conflict"].values()) / len(run["conflict"])}
        for run in report["runs"]
    )
    lines = []
    for (data, variant), part in frame.groupby(["data", "variant"], sort=False):
        columns = "".join(f"{name:>7}" for name in ("wF1", "ECE", "valid", "lie"))
        lines += [f"{data}, {variant}", f"{'':18} {'accuracy':>13} {'macro F1':>13}{columns} {'params':>8} {'s':>6}"]
        means = part.groupby("fusion").mean(numeric_only=True).sort_values("accuracy", ascending=False)
        spread = part.groupby("fusion").std(numeric_only=True).fillna(0.0)
        for name, row in means.iterrows():
            off = spread.loc[name]
            lines.append(
                f"{name:18} {row.accuracy:.3f} ± {off.accuracy:.3f} {row.macro_f1:.3f} ± {off.macro_f1:.3f} "
                f"{row.weighted_f1:6.3f} {row.ece:6.3f} {row.validation:6.3f} {row.lie:6.3f} "
                f"{row.parameters:8.0f} {row.seconds:6.1f}"
            )
    for given in report["comparisons"]:
        d = given["difference"]
        lines.append(
            f"{given['data']}, {given['variant']}: {given['first']} minus {given['second']} {d['value']:+.3f} "
            f"({d['low']:+.3f} to {d['high']:+.3f}), {'not worse' if given['not_worse'] else 'may be worse'}"
        )
    return "\n".join(lines)
