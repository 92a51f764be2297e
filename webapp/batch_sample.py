"""The sample file of the Batch tab: a table with every column, and the pictures and sounds that it names."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import Final

from webapp.examples import FOLDER

TABLE: Final = FOLDER / "batch.csv"


def write_sample(path: Path) -> None:
    """Write the zip archive."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        names = {row[column] for row in csv.DictReader(file) for column in ("image", "audio")}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(TABLE, "cases.csv")
        for name in sorted(names - {""}):
            archive.write(FOLDER / name, name)
