"""The rows of a batch, read from a CSV file or a zip archive.

An archive is read in memory and never unpacked, so no name in it can reach a file of the server; what is read of it
is counted as it comes out, whatever its directory claims.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from mm_core.labels import MODALITIES
from mm_core.locale import modality_word, say
from mm_core.samples import InvalidInput, RawInputs, limits
from mm_core.samples.raw_inputs import face_from_words

MOST_ROWS: Final = 500
"""Rows of one batch."""

MAX_UPLOAD_BYTES: Final = 50 * 1024**2
"""Bytes of the CSV file or the archive."""

MAX_CSV_BYTES: Final = 10 * 1024**2
"""Bytes of a table, also of one in an archive."""

MAX_UNPACKED_BYTES: Final = 500 * 1024**2
"""Bytes that are read out of one archive, all rows together."""

MOST_MEMBERS: Final = 2_000
"""Files in one archive."""

MAX_DIRECTORY_BYTES: Final = MOST_MEMBERS * 512
"""Bytes of an archive's list of its files."""

_END_SIGNATURE: Final = b"PK\x05\x06"
_TAIL_BYTES: Final = 22 + 2**16
"""The zip format's end record and its longest comment."""

PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp")
SOUNDS: Final = (".wav", ".flac", ".ogg", ".mp3")
_KIND: Final = {".txt": "text", **dict.fromkeys(PICTURES, "image"), **dict.fromkeys(SOUNDS, "audio")}

EXTRA_COLUMNS: Final = ("face", "reference", "label", "force")
"""Columns that a table may have beside those of MODALITIES."""


@dataclass(frozen=True)
class Row:
    """One row as the table has it. number: from 1, as people count. text: the words; image, audio: names of files in
    the archive; face: which face of the picture, by its number; reference: the file of the speaker's normal voice;
    label: what the row's author says that it expresses; force: inputs to use even where the checks say that they
    can't be judged. Each is empty where there is none."""

    number: int
    text: str = ""
    image: str = ""
    audio: str = ""
    face: str = ""
    reference: str = ""
    label: str = ""
    force: str = ""


class Batch:
    """The rows of an uploaded file, and their files on demand."""

    def __init__(self, rows: list[Row], archive: _Archive | None = None) -> None:
        self.rows = rows
        self._archive = archive

    def given(self, row: Row) -> RawInputs:
        """A row as a case; InvalidInput where a file that it names can't be had."""
        files = self._file(row.image), self._file(row.audio)
        face, reference = face_from_words(row.face), self._file(row.reference)
        return RawInputs(row.text or None, *files, _forced(row.force), face=face, reference=reference)

    def _file(self, name: str) -> bytes | None:
        if not name:
            return None
        if self._archive is None:
            raise InvalidInput(say("batch-no-archive"))
        return self._archive.read(name, limits.MAX_FILE_BYTES)

    def close(self) -> None:
        """Let go of the archive."""
        if self._archive is not None:
            self._archive.close()


def read_batch(path: Path) -> Batch:
    """Read the rows of an upload; the content decides what it is, not the name. InvalidInput says what is wrong."""
    if path.stat().st_size > MAX_UPLOAD_BYTES:
        raise InvalidInput(say("batch-too-large", what="upload", megabytes=MAX_UPLOAD_BYTES // 1024**2))
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"PK"):
        return _from_archive(path)
    if path.stat().st_size > MAX_CSV_BYTES:
        raise InvalidInput(say("batch-too-large", what="table", megabytes=MAX_CSV_BYTES // 1024**2))
    return Batch(_bounded(_table(path.read_bytes())))


class _Archive:
    """A zip archive whose members are read within limits."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes()
        _check_directory(content)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):  # the last: a later zip version
            raise InvalidInput(say("batch-archive-fault", fault="damaged")) from None
        names = [info for info in self._zip.infolist() if not info.is_dir() and not _hidden(info.filename)]
        if len(names) > MOST_MEMBERS:
            raise InvalidInput(say("batch-too-many", what="files", most=MOST_MEMBERS))
        self.members = {info.filename: info for info in names}
        self.folder = PurePosixPath()
        self._left = MAX_UNPACKED_BYTES

    def read(self, name: str, most: int) -> bytes:
        """The content of a member, named from the table's folder or from the top."""
        info = self.members.get(str(self.folder / name)) or self.members.get(name)
        if info is None:
            raise InvalidInput(say("batch-archive-fault", fault="no-such-file"))
        try:
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise zipfile.BadZipFile  # other decompressors take as much memory as a file tells them to
            with self._zip.open(info) as member:
                content = member.read(min(most, self._left) + 1)
        except Exception:  # zipfile and its decompressors raise many kinds; none of their texts is for people
            raise InvalidInput(say("batch-archive-fault", fault="damaged-file")) from None
        self._left -= len(content)
        if self._left < 0:
            raise InvalidInput(say("batch-too-large", what="unpacked", megabytes=MAX_UNPACKED_BYTES // 1024**2))
        if len(content) > most:
            raise InvalidInput(say("batch-too-large", what="member", megabytes=most // 1024**2))
        return content

    def close(self) -> None:
        self._zip.close()


def _check_directory(content: bytes) -> None:
    """Refuse an archive whose directory would not fit into a reasonable memory, before zipfile reads it."""
    tail = content[-_TAIL_BYTES:]
    place = tail.find(_END_SIGNATURE)
    # zipfile would choose among several end records, or believe a 64-bit one before.
    if place < 0 or tail.count(_END_SIGNATURE) > 1 or tail[max(0, place - 20) : place].startswith(b"PK\x06\x07"):
        raise InvalidInput(say("batch-archive-fault", fault="damaged"))
    size = int.from_bytes(tail[place + 12 : place + 16], "little")
    if size > MAX_DIRECTORY_BYTES:
        raise InvalidInput(say("batch-too-many", what="files", most=MOST_MEMBERS))


def _from_archive(path: Path) -> Batch:
    archive = _Archive(path)
    tables = [name for name in archive.members if name.lower().endswith(".csv")]
    if len(tables) > 1:
        raise InvalidInput(say("batch-archive-fault", fault="two-tables"))
    if tables:
        rows = _table(archive.read(tables[0], MAX_CSV_BYTES))
        archive.folder = PurePosixPath(tables[0]).parent
    else:
        rows = _by_name(archive)
    return Batch(_bounded(rows), archive)


def _table(content: bytes) -> Iterator[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput(say("batch-table-fault", fault="encoding", columns=", ".join(MODALITIES))) from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        if not set(columns) & set(MODALITIES):
            raise InvalidInput(say("batch-table-fault", fault="columns", columns=", ".join(MODALITIES)))
        number = 0
        for cells in reader:
            if any(cell.strip() for cell in cells):
                number += 1
                named = dict(zip(columns, cells, strict=False))
                yield Row(number, **{name: named.get(name, "").strip() for name in (*MODALITIES, *EXTRA_COLUMNS)})
    except csv.Error:
        raise InvalidInput(say("batch-table-fault", fault="csv", columns=", ".join(MODALITIES))) from None


def _forced(cell: str) -> tuple[str, ...]:
    """The modalities that a cell of the column ``force`` names, as columns or in words."""
    known = {name: m for m in MODALITIES for name in (m, modality_word(m))}
    names = re.findall(r"\w+", cell.lower())
    if any(name not in known for name in names):
        raise InvalidInput(say("batch-wrong-force", allowed=", ".join(MODALITIES)))
    return tuple(m for m in MODALITIES if m in {known[name] for name in names})


def _by_name(archive: _Archive) -> Iterator[Row]:
    """Without a table, files of the same name but for its ending make one case."""
    cases: dict[str, dict[str, str]] = {}
    for name in sorted(archive.members):
        path = PurePosixPath(name)
        kind = _KIND.get(path.suffix.lower())
        if kind is not None:
            cases.setdefault(str(path.with_suffix("")), {})[kind] = name
    if not cases:
        raise InvalidInput(say("batch-archive-fault", fault="empty"))
    for number, files in enumerate(cases.values(), start=1):
        words = archive.read(files["text"], MAX_CSV_BYTES).decode("utf-8", "replace") if "text" in files else ""
        yield Row(number, words.strip(), files.get("image", ""), files.get("audio", ""))


def _bounded(rows: Iterator[Row]) -> list[Row]:
    kept: list[Row] = []
    for row in rows:
        if len(kept) == MOST_ROWS:
            raise InvalidInput(say("batch-too-many", what="rows", most=MOST_ROWS))
        kept.append(row)
    if not kept:
        raise InvalidInput(say("batch-table-fault", fault="rows", columns=", ".join(MODALITIES)))
    return kept


def _hidden(name: str) -> bool:
    """What computers add to archives on their own: macOS resource forks, dot files."""
    return any(part == "__MACOSX" or part.startswith(".") for part in PurePosixPath(name).parts)
