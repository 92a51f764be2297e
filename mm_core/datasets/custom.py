"""A CSV of one's own: ``text,image,audio,label``, any of the first three empty or missing.

Optional columns: ``sentiment`` (negative, neutral, positive), ``split`` (train, valid, test) and ``speaker`` or
``group`` (who it is; nobody is then both learned from and tested on). Files are relative to the CSV.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mm_core.datasets import PUBLIC
from mm_core.datasets.files import inside, table_rows
from mm_core.datasets.media import face_crop, voice
from mm_core.datasets.rows import ImportReport, Row
from mm_core.labels import EMOTIONS, MODALITIES, SENTIMENT_OF_EMOTION, SENTIMENTS
from mm_core.samples import InvalidInput
from mm_core.samples.scope import check_text
from mm_core.samples.text import read_text

SPLIT_NAMES: Final = {
    "": "",
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
}
"""What the column ``split`` may say; empty rows are dealt out."""

MAX_LABEL_CHARACTERS: Final = 40
MAX_LABELS: Final = 50
"""More labels than this are taken for a column that holds something else."""

_KNOWN: Final = (*MODALITIES, "label", "sentiment", "split", "speaker", "group")


@dataclass
class _Labels:
    """The labels met so far, each in its first spelling; the seven emotions in the house's."""

    spelling: dict[str, str] = field(default_factory=lambda: {name: name for name in EMOTIONS})
    counts: Counter[str] = field(default_factory=Counter)

    def read(self, cell: str) -> str:
        """One label, or several with commas between, cleaned; InvalidInput says what is wrong."""
        names = [" ".join(part.split()) for part in cell.split(",") if part.strip()]
        if not names:
            raise InvalidInput("The label is empty. Every row needs one.")
        for name in names:
            if len(name) > MAX_LABEL_CHARACTERS or not name.isprintable():
                raise InvalidInput(f"A label has at most {MAX_LABEL_CHARACTERS} printable characters.")
        chosen = sorted({self.spelling.setdefault(name.casefold(), name) for name in names})
        self.counts.update(chosen)
        return ",".join(chosen)


def custom_csv(path: Path, findings: ImportReport, *, whole_pictures: bool = False) -> Iterator[Row]:
    """Rows of a CSV; a bad cell is named and the rest goes on. Rows of one line share a case.

    ``whole_pictures``: pictures are face crops already; else the face is searched as in the apps.
    """
    if not path.is_file():
        raise InvalidInput("There is no such CSV file. Name a file with the columns text, image, audio and label.")
    source = f"own-{path.stem}" if path.stem in PUBLIC else path.stem
    labels = _Labels()
    columns: set[str] | None = None
    for number, cells in table_rows(path, ("label",)):
        if columns is None:
            columns = set(cells)
            _check_columns(columns, findings)
        if not any(cells.values()):
            continue  # spreadsheets leave empty lines behind
        yield from _line(
            path.parent, f"row {number}", cells, labels, f"{source}:{number}", source, findings, whole_pictures
        )
        if len(labels.counts) > MAX_LABELS:
            raise InvalidInput(
                f"The column label holds more than {MAX_LABELS} different labels. Is it the right column? Put rare "
                "ones together."
            )
    if len(labels.counts) < 2:
        raise InvalidInput("The rows that can be used carry fewer than two labels; at least two are needed.")


def _check_columns(columns: set[str], findings: ImportReport) -> None:
    if not columns & set(MODALITIES):
        raise InvalidInput("The table has none of the columns text, image and audio. Its first line must name them.")
    for name in sorted(columns - set(_KNOWN) - {""}):
        findings.remark(f"column {name!r} is not used; known are {', '.join(_KNOWN)}")


def _line(
    folder: Path,
    where: str,
    cells: Mapping[str, str],
    labels: _Labels,
    case: str,
    source: str,
    findings: ImportReport,
    whole_pictures: bool,
) -> Iterator[Row]:
    """The rows of one line of the CSV, one a modality that can be used."""
    contents: dict[str, str | bytes] = {}
    for modality in MODALITIES:
        cell = cells.get(modality, "")
        if not cell:
            continue
        try:
            contents[modality] = _content(folder, modality, cell, where, findings, whole_pictures)
        except InvalidInput as error:
            findings.problem(where, modality, str(error))
    if not any(cells.get(m) for m in MODALITIES):
        findings.problem(where, "", "The row has no text, no image and no audio.")
    if not contents:
        return
    try:
        label = labels.read(cells.get("label", ""))
    except InvalidInput as error:
        findings.problem(where, "label", str(error))
        return
    split = SPLIT_NAMES.get(cells.get("split", "").lower())
    if split is None:
        findings.problem(where, "split", "The split must be train, valid, test or empty; the row is dealt out.")
    sentiment = cells.get("sentiment", "").lower()
    if sentiment and sentiment not in SENTIMENTS:
        findings.problem(
            where, "sentiment", f"The sentiment must be {', '.join(SENTIMENTS)} or empty; it is left out."
        )
        sentiment = ""
    group = cells.get("speaker", "") or cells.get("group", "")
    for modality, content in contents.items():
        yield Row(
            modality,
            content,
            label,
            source,
            sentiment=sentiment or SENTIMENT_OF_EMOTION.get(label) or "",
            split=split or "",
            group=group,
            case=case,
        )


def _content(
    folder: Path, modality: str, cell: str, where: str, findings: ImportReport, whole_pictures: bool
) -> str | bytes:
    if modality == "image":
        return face_crop(inside(folder, cell), whole=whole_pictures)
    if modality == "audio":
        return voice(inside(folder, cell))
    text, cut = read_text(cell)
    if text is None:
        raise InvalidInput("The text holds no readable character.")
    notices = [notice.message for notice in (*cut, check_text(text)) if notice is not None]
    for message in notices:
        findings.remark(f"{message} It is kept.")
    return text
