"""What once broke something, sent again: bodies of forms in ``corpus/``, and recipes of those too large to keep."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import files
from tests.faults.conftest import LEAKS, App

CORPUS = Path(__file__).parent / "corpus"
BOUNDARY = "triad-fuzz"
MOST_BYTES = 4096
"""Of one file that is kept."""

MOST_SECONDS = 60.0
"""Wall-clock seconds on a busy machine; some of these took minutes."""

RECIPES: dict[str, Callable[[], bytes]] = {
    "12,000 scans": lambda: files.jpeg_of_many_scans(12_000),
    "EXIF segments": lambda: files.jpeg_of_many_segments(200_000),
    "text chunks that unpack to a gigabyte": files.png_text_bomb,
    "a header of 20,000 x 20,000": lambda: files.png_that_declares(20_000, 20_000),
}


def answered(app: App, body: bytes) -> None:
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    started = time.perf_counter()
    answer = app.post(content=body, headers=headers)
    assert time.perf_counter() - started < MOST_SECONDS
    assert answer.status_code in (200, 400, 413, 415, 422), answer.text
    json.loads(answer.content, parse_constant=lambda name: pytest.fail(f"{name} in an answer"))
    assert not [leak for leak in LEAKS if leak in answer.text]


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.form")), ids=lambda path: path.stem)
def test_what_once_broke_something_is_answered_or_refused(app: App, path: Path) -> None:
    assert path.stat().st_size <= MOST_BYTES
    answered(app, path.read_bytes())


@pytest.mark.parametrize("name", RECIPES)
def test_so_is_what_is_too_large_to_keep(app: App, name: str) -> None:
    app.refuses(files={"image": ("a", RECIPES[name]())})


def test_the_corpus_is_read() -> None:
    assert len(list(CORPUS.glob("*.form"))) >= 8
