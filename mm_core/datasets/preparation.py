"""From a source to the tables: read, drop copies, deal out splits, write beside what the folder holds already."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from pkgutil import resolve_name
from typing import Final

import pandas as pd
from tqdm import tqdm

from mm_core.datasets import PUBLIC
from mm_core.datasets.custom import custom_csv
from mm_core.datasets.rows import ImportReport, Row
from mm_core.datasets.splits import Unit, assign_splits
from mm_core.datasets.tables import FILES
from mm_core.labels import SENTIMENT_OF_EMOTION
from mm_core.samples import InvalidInput

Reader = Callable[[Path, ImportReport], Iterator[Row]]
"""From the folder of an original to its rows, telling what it finds wrong on the way."""

PROBLEMS: Final = "problems.csv"
"""Written beside the tables where something was wrong: one line a cell."""

_COLUMNS: Final = {
    "text": ("text", "label", "sentiment", "source", "speaker", "split", "case"),
    "image": ("image", "label", "sentiment", "source", "subject", "split", "case"),
    "audio": ("audio", "label", "sentiment", "source", "speaker", "text", "split", "raw_label", "case"),
}


def prepare(
    source: Path, out: Path, kind: str = "csv", *, whole_pictures: bool = False, quiet: bool = False
) -> tuple[dict[str, pd.DataFrame], ImportReport]:
    """Read ``source`` (a CSV of one's own, or the folder of a public original) into the tables in ``out``.

    Rows of the same source that are there already are replaced, all others stay. Returns the new rows of each
    modality without their contents, and what was wrong. InvalidInput, and nothing written, where no row can be
    used.
    """
    findings = ImportReport()
    if kind == "csv":
        reading = custom_csv(source, findings, whole_pictures=whole_pictures)
        rows = list(tqdm(reading, desc="reading", unit=" rows", disable=quiet, mininterval=2.0))
        rows = _with_splits(rows, findings)
    else:
        if not source.exists():
            raise InvalidInput("There is no such file or folder. Name what you downloaded, unpacked.")
        reader: Reader = resolve_name(PUBLIC[kind])
        reading = reader(source, findings)
        rows = list(tqdm(reading, desc=kind, unit=" rows", disable=quiet, mininterval=2.0))
        rows = [
            row if row.sentiment or row.modality == "text" else replace(row, sentiment=_usual_sign(row.label))
            for row in without_copies(rows, findings)
        ]
    if not rows:
        first = f" The first problem, {findings.problems[0]}" if findings.problems else ""
        raise InvalidInput(f"No row of the source can be used.{first}")
    out.mkdir(parents=True, exist_ok=True)
    written = {m: _write(m, [row for row in rows if row.modality == m], out) for m in FILES}
    _write_problems(findings, out / PROBLEMS)
    return {m: frame for m, frame in written.items() if frame is not None}, findings


def without_copies(rows: Sequence[Row], findings: ImportReport) -> list[Row]:
    """Pictures and sounds that are byte for byte the same: one is kept, or none where their labels differ. Texts
    stay: the same short words may well be said in different moods."""
    labels: dict[str, set[str]] = {}
    digests = [hashlib.sha256(row.content).hexdigest() if isinstance(row.content, bytes) else "" for row in rows]
    for row, digest in zip(rows, digests, strict=True):
        labels.setdefault(digest, set()).add(row.label)
    kept, seen = [], set()
    for row, digest in zip(rows, digests, strict=True):
        if digest and len(labels[digest]) > 1:
            findings.remark("left out: the same content carries different labels")
        elif digest in seen:
            findings.remark("left out: a copy of another row")
        else:
            kept.append(row)
        if digest:
            seen.add(digest)
    return kept


def _usual_sign(label: str) -> str:
    return SENTIMENT_OF_EMOTION.get(label) or ""


def _with_splits(rows: Iterable[Row], findings: ImportReport) -> list[Row]:
    rows = list(rows)
    units = {row.case: Unit(row.case, row.label, row.group, row.split) for row in rows}
    splits = assign_splits(list(units.values()), findings)
    return [replace(row, split=splits[row.case]) for row in rows]


def _write(modality: str, rows: Sequence[Row], out: Path) -> pd.DataFrame | None:
    """Put rows into a table in place of those of the same source; the new rows without content, None if none."""
    if not rows:
        return None
    columns = _COLUMNS[modality]
    content = columns[0]
    frame = pd.DataFrame([_cells(row, columns) for row in rows], columns=list(columns))
    path = out / FILES[modality]
    merged = frame
    if path.is_file():
        held = pd.read_parquet(path)
        held = held[~held["source"].isin(frame["source"].unique())]
        merged = pd.concat([held.reindex(columns=list(columns)).fillna(""), frame], ignore_index=True)
    unfinished = path.with_suffix(".unfinished")
    merged.to_parquet(unfinished, compression="zstd", index=False)
    unfinished.replace(path)
    return frame.drop(columns=content)


def _cells(row: Row, columns: Sequence[str]) -> list[str | bytes]:
    values: dict[str, str | bytes] = {
        "label": row.label,
        "sentiment": row.sentiment,
        "source": row.source,
        "speaker": row.group,
        "subject": row.group,
        "text": row.spoken,
        "split": row.split,
        "raw_label": row.raw_label,
        "case": row.case,
    }
    return [row.content, *(values[name] for name in columns[1:])]


def _write_problems(findings: ImportReport, path: Path) -> None:
    if not findings.problems:
        path.unlink(missing_ok=True)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("where", "column", "problem"))
        writer.writerows(findings.problems)
