"""Fixtures that several rooms' tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of the three parquet tables: TRIAD_DATA, or ../shared/data beside the checkout."""
    folder = Path(os.environ.get("TRIAD_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "text.parquet").is_file():
        pytest.skip("the data set is not here; set TRIAD_DATA to the folder that holds text.parquet")
    return folder


@pytest.fixture(scope="session")
def voice_files(data_dir: Path) -> list[bytes]:
    """Eight FLAC files of emotional speech (mono, 16 kHz), from both sources."""
    from pyarrow import parquet

    table = parquet.ParquetFile(data_dir / "speech.parquet")
    first, last = table.read_row_group(0, ["audio"]), table.read_row_group(table.num_row_groups - 1, ["audio"])
    return [*first["audio"][:4].to_pylist(), *last["audio"][:4].to_pylist()]


@pytest.fixture(scope="session")
def face_files(data_dir: Path) -> list[bytes]:
    """Forty JPEG files of tight faces (grey, 112 px), from muxspace."""
    from pyarrow import parquet

    batches = parquet.ParquetFile(data_dir / "faces.parquet").iter_batches(512, columns=["image", "source"])
    rows = (row for batch in batches for row in batch.to_pylist() if row["source"] == "muxspace")
    return [next(rows)["image"] for _ in range(40)]
