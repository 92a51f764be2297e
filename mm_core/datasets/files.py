"""Files that data sets name: only those in the folder that was given, never one outside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from mm_core.samples.errors import InvalidInput

MAX_TABLE_BYTES: Final = 1024**3
"""Bytes of a table of text: FER2013's, the largest one here, has 300 MB."""

_SEPARATORS: Final = (",", ";", "\t")


def inside(folder: Path, name: str) -> Path:
    """The file ``name``, relative to ``folder``; InvalidInput where it lies outside or is not there.

    Links are followed before it is judged, so none can lead out of the folder.
    """
    outside = InvalidInput(
        "The file lies outside the CSV's folder. Only files in that folder or below it are read; copy it there and "
        "give its name relative to the CSV."
    )
    if "\0" in name or Path(name).is_absolute() or Path(name.replace("\\", "/")).is_absolute():
        raise outside
    try:
        path = (folder / name.replace("\\", "/")).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise outside
        if not path.is_file():
            raise InvalidInput(
                "There is no such file in the CSV's folder. Check the name, its ending and capital letters."
            )
    except (OSError, RuntimeError):  # a name that is too long, or links in a circle
        raise InvalidInput("This is not the name of a file. Give a path relative to the CSV.") from None
    return path


def first_there(folder: Path, *names: str) -> Path | None:
    """The first of these files that is in ``folder``; the folder may be that file itself."""
    if folder.is_file():
        return folder if folder.name in {Path(name).name for name in names} else None
    return next((folder / name for name in names if (folder / name).is_file()), None)


def required(folder: Path, *names: str) -> Path:
    """As ``first_there``; InvalidInput names what was looked for."""
    path = first_there(folder, *names)
    if path is None:
        raise InvalidInput(
            f"In the folder that was given there is no {' or '.join(names)}. Name the unpacked folder."
        )
    return path


def files_below(folder: Path, suffix: str) -> list[Path]:
    """All files of that ending in a folder and below it, in order; InvalidInput where there is none."""
    root = folder.resolve()
    found = [path for path in folder.rglob(f"*{suffix}") if path.is_file() and path.resolve().is_relative_to(root)]
    if not found:
        raise InvalidInput(f"There is no {suffix} file in the folder that was given. Name the unpacked folder.")
    return sorted(found)


def table_rows(
    path: Path, needed: Sequence[str], separator: str | None = None
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with a header: the row's number as a spreadsheet counts (the header is row 1), and its cells
    by column name, in lower case and stripped.

    ``separator`` is taken from the header if not given. InvalidInput where the file is not such a table, or lacks
    one of the columns ``needed``.
    """
    if path.stat().st_size > MAX_TABLE_BYTES:
        raise InvalidInput("The table is larger than 1 GB. Split it into several.")
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            header = file.readline()
            chosen = separator or max(_SEPARATORS, key=header.count)
            names = [name.strip().lower() for name in next(csv.reader(io.StringIO(header), delimiter=chosen), [])]
            missing = [name for name in needed if name not in names]
            if missing:
                raise InvalidInput(
                    f"The table has no column {' and no column '.join(missing)}. Its first line must name the "
                    f"columns; it names {', '.join(repr(name) for name in names[:12]) or 'none'}."
                )
            repeated = sorted({name for name in names if name and names.count(name) > 1})
            if repeated:
                raise InvalidInput(f"The table names the column {repeated[0]} twice. Each may stand once.")
            for number, cells in enumerate(csv.reader(file, delimiter=chosen), start=2):
                yield number, dict(zip(names, [cell.strip() for cell in cells], strict=False))
        except UnicodeDecodeError:
            raise InvalidInput("The table is not UTF-8 text. Save it as CSV UTF-8.") from None
        except csv.Error:
            raise InvalidInput(
                "The table can't be read as CSV: a cell is too long or a quote is never closed."
            ) from None
