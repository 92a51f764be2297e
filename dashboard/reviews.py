"""A review: cases that a person collected, commented and ticked off, as one file that opens again.

The file is a zip of ``review.json`` and one ``.triad`` file a case. Whatever a file says, sizes are bounded before
anything is unpacked, and every case passes the checks of its own format.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import streamlit as st
from pydantic import BaseModel, ConfigDict

from mm_core import strict_json
from mm_core.evidence import Evidence
from mm_core.evidence.file import MAX_FILE_BYTES
from mm_core.locale import say
from mm_core.samples import InvalidInput

FORMAT: Final = "triad-review"
VERSION: Final = 1
SUFFIX: Final = ".zip"

MOST_CASES: Final = 40
MAX_REVIEW_BYTES: Final = 60 * 2**20
"""Of a review's file, packed; its cases are packed already, so unpacked it is hardly larger."""

MAX_TEXT: Final = 4000
"""Characters of a title or a comment."""

CHECKS: Final = ("answer", "confidence", "contributions", "maps", "warnings")
"""What a reviewer ticks off for every case, by name."""

_LIST: Final = "review.json"
_MAX_LIST_BYTES: Final = 2**20
_STATE: Final = "review"


@dataclass(eq=False)
class Item:
    """One case of a review with what the reviewer says about it."""

    title: str
    evidence: Evidence
    comment: str = ""
    checks: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(CHECKS, False))


@dataclass(eq=False)
class Review:
    """title and summary: the reviewer's words. items: in the order they were added."""

    title: str = field(default_factory=lambda: say("review-default-title"))
    summary: str = ""
    items: list[Item] = field(default_factory=list)


class _Strict(BaseModel):
    """What a file says, its types as they stand, with nothing left over."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class _Entry(_Strict):
    file: str
    title: str
    comment: str
    checks: dict[str, bool]


class _Listing(_Strict):
    format: str
    version: int
    title: str
    summary: str
    saved: str
    cases: list[_Entry]


def current() -> Review:
    """The review of this session."""
    return st.session_state.setdefault(_STATE, Review())


def replace_current(review: Review) -> None:
    """Work on another review."""
    st.session_state[_STATE] = review


def add(title: str, evidence: Evidence) -> None:
    """Put a case into the session's review; the same record only once."""
    review = current()
    if len(review.items) >= MOST_CASES:
        raise InvalidInput(say("review-full", most=MOST_CASES))
    same = (item for item in review.items if _identity(item.evidence) == _identity(evidence))
    known = next(same, None)
    if known is None:
        review.items.append(Item(title, evidence))
    else:
        known.evidence = evidence  # it may have been tested since


def to_bytes(review: Review) -> bytes:
    """The review as the content of its file."""
    entries = [
        {"file": _name(number), "title": item.title, "comment": item.comment, "checks": item.checks}
        for number, item in enumerate(review.items, start=1)
    ]
    document = {
        "format": FORMAT,
        "version": VERSION,
        "title": review.title,
        "summary": review.summary,
        "saved": datetime.now(UTC).isoformat(timespec="seconds"),
        "cases": entries,
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_LIST, json.dumps(document, ensure_ascii=False, indent=1))
        for number, item in enumerate(review.items, start=1):
            archive.writestr(_name(number), item.evidence.to_bytes())
    content = out.getvalue()
    if len(content) > MAX_REVIEW_BYTES:
        raise InvalidInput(say("review-too-large", megabytes=MAX_REVIEW_BYTES // 2**20))
    return content


def from_bytes(content: bytes) -> Review:
    """Open what ``to_bytes`` made; InvalidInput for anything else."""
    if len(content) > MAX_REVIEW_BYTES:
        raise InvalidInput(say("review-file-too-large", megabytes=MAX_REVIEW_BYTES // 2**20))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive)
    except InvalidInput:
        raise
    except Exception:  # zipfile leaks many kinds of errors from damaged files
        raise InvalidInput(say("review-broken")) from None


def _read(archive: zipfile.ZipFile) -> Review:
    known = {info.filename: info for info in archive.infolist()}
    if len(known) > MOST_CASES + 1 or len(known) != len(archive.infolist()):
        raise InvalidInput(say("review-broken"))
    document = strict_json.loads(_entry(archive, known, _LIST, _MAX_LIST_BYTES))
    if document["format"] != FORMAT:
        raise InvalidInput(say("review-broken"))
    if document["version"] != VERSION:
        raise InvalidInput(say("review-other-version"))
    listing = _Listing.model_validate(document)
    if [row.file for row in listing.cases] != [_name(n) for n in range(1, len(listing.cases) + 1)]:
        raise InvalidInput(say("review-broken"))
    items = [_item(row, _entry(archive, known, row.file, MAX_FILE_BYTES)) for row in listing.cases]
    return Review(_text(listing.title), _text(listing.summary), items)


def _entry(archive: zipfile.ZipFile, known: Mapping[str, zipfile.ZipInfo], name: str, most: int) -> bytes:
    info = known[name]
    if info.compress_type != zipfile.ZIP_STORED or info.file_size > most or info.flag_bits & 1:
        raise InvalidInput(say("review-broken"))
    with archive.open(info) as file:
        return file.read(most)


def _item(row: _Entry, content: bytes) -> Item:
    checks = {name: row.checks.get(name, False) for name in CHECKS}
    return Item(_text(row.title), Evidence.from_bytes(content), _text(row.comment), checks)


def _text(value: str) -> str:
    return "".join(c for c in value[:MAX_TEXT] if c.isprintable() or c == "\n")


def _name(number: int) -> str:
    return f"cases/{number:02d}.triad"


def _identity(evidence: Evidence) -> tuple[object, ...]:
    model = evidence.prediction.model.get("hash", "")
    return (sorted(evidence.digests.items()), model, evidence.task, evidence.label)
