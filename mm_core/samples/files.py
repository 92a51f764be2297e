"""The bytes of a file that a person gives: a real, local, regular file within the size limit."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .errors import InvalidInput
from .limits import MAX_FILE_BYTES


def read_bytes(given: str | os.PathLike[str] | bytes | bytearray | memoryview, kind: str) -> bytes:
    """Return the bytes of a path, or the bytes themselves, never more than ``MAX_FILE_BYTES``.

    A name is only ever a local file: nothing is expanded and no address is opened. Raises InvalidInput, whose text
    does not repeat the name, if there is no such regular file, if it is empty or if it is too large. ``kind`` is the
    word for messages, e.g. ``picture``.
    """
    if isinstance(given, (bytes, bytearray, memoryview)):
        content = bytes(given[: MAX_FILE_BYTES + 1])
    else:
        content = _read_file(given, kind)
    if len(content) > MAX_FILE_BYTES:
        allowed = MAX_FILE_BYTES // 1024**2
        raise InvalidInput(f"The {kind} file is too large: at most {allowed} MB are read. Give a smaller file.")
    if not content:
        raise InvalidInput(f"The {kind} file is empty. Give a file with content, or leave it out.")
    return content


def _read_file(name: str | os.PathLike[str], kind: str) -> bytes:
    missing = InvalidInput(f"There is no readable {kind} file of that name. Choose a file that is on this computer.")
    try:
        path = Path(name)
        # Opening a pipe would wait for its writer, so what is no regular file is refused before it is opened.
        if not stat.S_ISREG(path.stat().st_mode):
            raise missing
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError, TypeError):
        raise missing from None
