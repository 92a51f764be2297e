"""The ``.triad`` file: a zip of JSON and safetensors, with a digest over every byte. See docs/evidence_format.md.

The digest proves that nothing has changed since the file was written, not who wrote it; so behind a right digest
everything is still bounded and checked.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as load_safetensors
from safetensors.numpy import save as save_safetensors

from mm_core import strict_json
from mm_core.evidence.codec import Arrays, Malformed, decode, encode
from mm_core.samples.errors import InvalidInput

Record = TypeVar("Record")
"""A dataclass that ``codec`` can write; the record of a case is ``mm_core.evidence.Evidence``."""


@dataclass(frozen=True)
class Format:
    """One kind of record. name, member: how the file and the JSON in it call it. version: what is written. read:
    versions that are opened."""

    name: str
    member: str
    version: int
    read: tuple[int, ...]


FORMAT: Final = Format("triad-evidence", "evidence", 2, (1, 2))
"""Of a case. Version 1 lacks what has a default in the record."""

SUFFIX: Final = ".triad"

MAX_FILE_BYTES: Final = 32 * 2**20
"""A case of three modalities with its inputs takes 1 to 8 MB."""

_ARRAYS: Final = "arrays.safetensors"
_MAX_RECORD_BYTES: Final = 4 * 2**20
_MAX_ARRAY_BYTES: Final = 64 * 2**20
"""Unpacked bytes of each entry at most."""

_MEMBERS: Final = 2

_MAX_RATIO: Final = 200
"""Unpacked by packed bytes at most; JSON with many zeros comes to about 20."""

_END: Final = struct.Struct("<4s4H2LH")
"""The zip format's end record: signature, two disk numbers, two counts, size and place of the directory, comment."""

_LABEL: Final = b"sha256:"
_COMMENT_BYTES: Final = len(_LABEL) + 64
_MAX_DIRECTORY_BYTES: Final = 512
_MAX_HEADER_BYTES: Final = 2**20
"""Of the safetensors header: a hundred arrays take about ten thousand."""

_MEMBER_TIME: Final = (1980, 1, 1, 0, 0, 0)


def to_bytes(record: object, form: Format = FORMAT) -> bytes:
    """A record as the content of a ``.triad`` file; the same record gives the same bytes.

    InvalidInput where it is larger than what would be opened again.
    """
    arrays: Arrays = {}
    document = {"format": form.name, "version": form.version, form.member: encode(record, arrays)}
    most = _most_bytes(form)
    parts = {
        _record_of(form): json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8"),
        _ARRAYS: save_safetensors(arrays),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            if len(content) > most[name]:
                raise InvalidInput("This case is too large to be saved. Shorten the text or the clip.")
            member = zipfile.ZipInfo(name, _MEMBER_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content, compresslevel=6)
        archive.comment = _LABEL + b"0" * 64
    body = buffer.getvalue()[:-64]
    return body + hashlib.sha256(body).hexdigest().encode("ascii")


def from_bytes(kind: type[Record], content: bytes, form: Format = FORMAT) -> Record:
    """Read what ``to_bytes`` made of a record of this kind, with bit-equal arrays.

    InvalidInput for anything else and for any changed byte.
    """
    if len(content) > MAX_FILE_BYTES:
        raise InvalidInput(f"The file is too large to be a case: at most {MAX_FILE_BYTES // 2**20} MB are read.")
    _check_digest(content)
    try:
        document = strict_json.loads(_unpacked(content, _record_of(form), form).decode("utf-8"))
    except ValueError:
        raise _damaged() from None
    if not isinstance(document, dict) or document.get("format") != form.name:
        raise _damaged()
    if document.get("version") not in form.read:
        read = " and ".join(map(str, form.read))
        raise InvalidInput(f"This case is of another version of the format; this program reads versions {read}.")
    try:
        return decode(kind, document.get(form.member), _arrays(_unpacked(content, _ARRAYS, form)))
    except (Malformed, RecursionError):
        raise _damaged() from None


def save(record: object, path: str | Path, form: Format = FORMAT) -> Path:
    """Write a ``.triad`` file; the suffix is added where it is missing. Returns where it lies."""
    chosen = Path(path)
    if chosen.suffix != SUFFIX:
        chosen = chosen.with_name(chosen.name + SUFFIX)
    chosen.write_bytes(to_bytes(record, form))
    return chosen


def load(kind: type[Record], path: str | Path, form: Format = FORMAT) -> Record:
    """Open a ``.triad`` file; InvalidInput where it can't be read or is not one."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError):
        raise InvalidInput("There is no readable file of that name. Choose a .triad file.") from None
    return from_bytes(kind, content, form)


def _check_digest(content: bytes) -> None:
    """The file must be a zip of two members, without tricks, whose comment is the digest of all bytes before it."""
    end = len(content) - _COMMENT_BYTES - _END.size
    if end < 0:
        raise _damaged()
    signature, disk, first_disk, here, count, size, place, comment = _END.unpack_from(content, end)
    digest = hashlib.sha256(content[:-64]).hexdigest().encode("ascii")
    sound = (
        signature == b"PK\x05\x06"
        and disk == first_disk == 0
        and here == count == _MEMBERS
        and comment == _COMMENT_BYTES
        and size <= _MAX_DIRECTORY_BYTES
        and place + size == end
        and content[end + _END.size : -64] == _LABEL
        and content[-64:] == digest
        and b"PK\x06\x07" not in content[place:end]  # no 64-bit end record, which would be believed instead
    )
    if not sound:
        raise _damaged()


def _record_of(form: Format) -> str:
    return f"{form.member}.json"


def _most_bytes(form: Format) -> dict[str, int]:
    """The members of a file, in order, and the bytes of each at most."""
    return {_record_of(form): _MAX_RECORD_BYTES, _ARRAYS: _MAX_ARRAY_BYTES}


def _unpacked(content: bytes, name: str, form: Format) -> bytes:
    """One member of the zip, never more than its limit."""
    most = _most_bytes(form)
    limit = most[name]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if [member.filename for member in members] != list(most):
                raise _damaged()
            member = members[list(most).index(name)]
            plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) and not member.flag_bits & 1
            if not plain or member.file_size > min(limit, _MAX_RATIO * max(1, member.compress_size)):
                raise _damaged()
            with archive.open(member) as file:
                unpacked = file.read(limit + 1)
    except InvalidInput:
        raise
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError):
        raise _damaged() from None
    if len(unpacked) != member.file_size:
        raise _damaged()
    return unpacked


def _arrays(content: bytes) -> dict[str, NDArray[Any]]:
    if len(content) < 8 or struct.unpack_from("<Q", content)[0] > _MAX_HEADER_BYTES:
        raise _damaged()
    try:
        found = load_safetensors(content)
    except (SafetensorError, ValueError, KeyError, TypeError, OverflowError, MemoryError):
        raise _damaged() from None
    return {name: np.asarray(array) for name, array in found.items()}


def _damaged() -> InvalidInput:
    return InvalidInput(
        "This is not a case as it was saved: the file is damaged, changed or of another kind. Get the .triad file "
        "again from where it was made."
    )
