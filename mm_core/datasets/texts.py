"""GoEmotions and MELD, as people download them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from mm_core.datasets.files import first_there, required, table_rows
from mm_core.datasets.rows import ImportReport, Row
from mm_core.labels import EMOTIONS, SENTIMENTS
from mm_core.samples import InvalidInput
from mm_core.samples.text import read_text

_SPLITS: Final = {"train": "train", "dev": "valid", "test": "test"}
"""The sources' names of a split to the house's."""

_TYPESETTING: Final = str.maketrans(
    {"\x85": "...", "\x91": "'", "\x92": "'", "\x93": '"', "\x94": '"', "\x96": "-", "\x97": "-", "\xa0": " "}
)
"""MELD's tables hold Windows-1252 punctuation as control characters."""


def goemotions(source: Path, findings: ImportReport) -> Iterator[Row]:
    """``train.tsv``, ``dev.tsv``, ``test.tsv`` (text, numbers of emotions, comment's id) with ``emotions.txt``,
    ``ekman_mapping.json`` and ``sentiment_mapping.json`` beside them (Demszky et al., 2020).

    The label is every emotion of the authors' Ekman grouping; the sentiment is the one polarity that is present,
    ``neutral`` where there is nothing but neutral, else unknown.
    """
    folder = required(source, "data/train.tsv", "train.tsv").parent
    names = [
        line.strip() for line in required(folder, "emotions.txt").read_text("utf-8").splitlines() if line.strip()
    ]
    ekman = _inverted(required(folder, "ekman_mapping.json")) | {"neutral": "neutral"}
    polarity = _inverted(required(folder, "sentiment_mapping.json"))
    unknown = [name for name in names if name not in ekman or ekman[name] not in EMOTIONS]
    if unknown:
        raise InvalidInput(
            f"ekman_mapping.json gives no emotion for {', '.join(unknown)}. Get the source's own file."
        )
    for part, split in _SPLITS.items():
        path = first_there(folder, f"{part}.tsv")
        if path is None:
            findings.remark(f"{part}.tsv is not there")
            continue
        with path.open(encoding="utf-8", newline="") as file:
            for number, cells in enumerate(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
                where = f"{path.name} row {number}"
                chosen = _chosen(cells, names)
                if chosen is None:
                    findings.problem(where, "2", f"There must be numbers from 0 to {len(names) - 1} with commas.")
                    continue
                text, _ = read_text(cells[0])
                if text is None:
                    findings.problem(where, "1", "The text is empty.")
                    continue
                label = ",".join(sorted({ekman[name] for name in chosen}))
                yield Row("text", text, label, "goemotions", _sentiment(chosen, polarity), split)


def _inverted(path: Path) -> dict[str, str]:
    try:
        groups = json.loads(path.read_text("utf-8"))
        return {str(name): str(group) for group, members in groups.items() for name in members}
    except (ValueError, AttributeError, TypeError):
        raise InvalidInput(f"{path.name} is not the source's own file. Get it again.") from None


def _chosen(cells: Sequence[str], names: Sequence[str]) -> list[str] | None:
    try:
        numbers = [int(number) for number in cells[1].split(",")]
    except (IndexError, ValueError):
        return None
    return [names[n] for n in numbers] if all(0 <= n < len(names) for n in numbers) else None


def _sentiment(chosen: Sequence[str], polarity: Mapping[str, str]) -> str:
    if set(chosen) == {"neutral"}:
        return "neutral"
    found = {polarity.get(name, "") for name in chosen} & {"negative", "positive"}
    return found.pop() if len(found) == 1 else ""


def meld(source: Path, findings: ImportReport) -> Iterator[Row]:
    """``train_sent_emo.csv``, ``dev_sent_emo.csv``, ``test_sent_emo.csv`` (Poria et al., 2019): utterances only."""
    found = {
        part: first_there(
            source, f"{part}_sent_emo.csv", f"MELD/{part}_sent_emo.csv", f"data/MELD/{part}_sent_emo.csv"
        )
        for part in _SPLITS
    }
    if not any(found.values()):
        required(source, *(f"{part}_sent_emo.csv" for part in _SPLITS))
    for part, path in found.items():
        if path is None:
            findings.remark(f"{part}_sent_emo.csv is not there")
            continue
        for number, cells in table_rows(path, ("utterance", "emotion", "sentiment")):
            where = f"{path.name} row {number}"
            label, sentiment = cells.get("emotion", "").lower(), cells.get("sentiment", "").lower()
            text, _ = read_text(cells.get("utterance", "").translate(_TYPESETTING))
            if text is None:
                findings.problem(where, "Utterance", "The text is empty.")
            elif label not in EMOTIONS:
                findings.problem(where, "Emotion", f"The emotion must be one of {', '.join(EMOTIONS)}.")
            elif sentiment not in SENTIMENTS:
                findings.problem(where, "Sentiment", f"The sentiment must be one of {', '.join(SENTIMENTS)}.")
            else:
                yield Row("text", text, label, "meld", sentiment, _SPLITS[part])
