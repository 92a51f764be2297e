"""Forms: multipart uploads read within limits, before anything in them is decoded."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from mm_core.errors import TriadError
from mm_core.samples import InvalidInput
from mm_core.serving.errors import BadForm, ClientLeft, NoRoom, NotAForm, ServingError, TooLarge, TooSlow
from mm_core.serving.limits import (
    LINGER_SECONDS,
    MAX_FORM_FIELDS,
    MAX_READING_SECONDS,
    MAX_TEXT_BYTES,
    max_form_bytes,
)

_DIGITS = re.compile("[0-9]{1,15}")
_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


@dataclass(frozen=True)
class Form:
    """The parts by name; files are still as they came (in memory, or from 1 MB on in an unnamed temporary file)."""

    data: FormData

    def text(self, name: str) -> str | None:
        """A field's text, None if it is not there."""
        value = self.data.get(name)
        return value if isinstance(value, str) else None

    def file(self, name: str) -> bytes | None:
        """A file's bytes, None if it is not there or if no file was chosen in the form. Its name is never used."""
        upload = self._upload(name)
        if upload is None:
            return None
        upload.file.seek(0)
        return upload.file.read()

    def descriptor(self, name: str) -> int | None:
        """An open file of what was sent, which the caller closes: for what is too large to be held in memory."""
        upload = self._upload(name)
        if upload is None:
            return None
        upload.file.seek(0)
        upload.file.fileno()  # what is small lies in memory until it is asked for its file
        return os.dup(upload.file.fileno())

    def number(self, name: str, otherwise: float) -> float:
        """A field's number."""
        said = (self.text(name) or "").strip()
        if not said:
            return otherwise
        if not _NUMBER.fullmatch(said):
            raise InvalidInput(f"The field {name} is a number: give one such as 2 or 0.5.")
        return float(said)

    def flag(self, name: str) -> bool:
        """Whether a field says yes."""
        value = (self.text(name) or "").strip().lower()
        if value not in ("", "0", "1", "false", "true", "no", "yes"):
            raise InvalidInput(f"The field {name} is a yes or a no: give true or false.")
        return value in ("1", "true", "yes")

    def words(self, name: str) -> tuple[str, ...]:
        """A field's words, separated by commas."""
        return tuple(word.strip() for word in (self.text(name) or "").split(",") if word.strip())

    def has(self, *names: str) -> bool:
        """Whether any of these fields was given."""
        return any(bool(self.text(name)) or self._upload(name) is not None for name in names)

    @property
    def has_files(self) -> bool:
        """Whether any file was sent."""
        return any(isinstance(value, UploadFile) for value in self.data.values())

    async def close(self) -> None:
        """Drop the files."""
        await self.data.close()

    def _upload(self, name: str) -> UploadFile | None:
        value = self.data.get(name)
        return value if isinstance(value, UploadFile) and (value.size or value.filename) else None


async def read_form(request: Request, texts: Collection[str], files: Mapping[str, int]) -> Form:
    """Read a form that has at most these fields, each at most once; ``files`` says how many bytes each may have.

    Raises TooLarge, BadForm, NotAForm, TooSlow or ClientLeft with nothing decoded and no temporary file left.
    """
    try:
        headers = _form_headers(request)
        if int(request.headers.get("content-length", "0")) > max_form_bytes(files.values()):
            raise _too_large(files)
        async with asyncio.timeout(MAX_READING_SECONDS):
            data = await _parse(request, headers, files)
    except TimeoutError:
        raise TooSlow from None
    except ClientDisconnect:
        raise ClientLeft from None
    except ServingError:
        await drop_rest(request)
        raise
    try:
        _check_parts(data, texts, files)
    except TriadError:
        await data.close()
        raise
    return Form(data)


async def _parse(request: Request, headers: Headers, files: Mapping[str, int]) -> FormData:
    async with aclosing(_bounded(request, files)) as stream:
        parser = MultiPartParser(
            headers, stream, max_files=len(files), max_fields=MAX_FORM_FIELDS, max_part_size=MAX_TEXT_BYTES
        )
        try:
            return await parser.parse()
        except (ClientDisconnect, ServingError, TimeoutError):
            raise
        except MultiPartException:
            allowed = f"at most {len(files)} files, {MAX_FORM_FIELDS} fields, {MAX_TEXT_BYTES // 1024**2} MB of text"
            raise BadForm(f"The form can't be read or has too many parts: {allowed}. Send it again.") from None
        except OSError:  # larger files are spooled to the disk
            raise NoRoom(retry_after=60) from None
        except Exception:  # the parser of forms leaks ValueError and others from damaged ones
            raise BadForm("The form can't be read. Send it again as multipart/form-data.") from None


async def _bounded(request: Request, files: Mapping[str, int]) -> AsyncGenerator[bytes, None]:
    left = max_form_bytes(files.values())
    async for chunk in request.stream():
        left -= len(chunk)
        if left < 0:
            raise _too_large(files)
        yield chunk


def _form_headers(request: Request) -> Headers:
    kind = request.headers.get("content-type", "")
    # Python knows codecs that are no alphabets; a form in another one than UTF-8 is not worth the risk.
    plain = "charset" not in kind.lower() or "utf-8" in kind.lower()
    length = request.headers.get("content-length", "0")
    if not kind.lower().startswith("multipart/form-data") or not plain or not _DIGITS.fullmatch(length):
        raise NotAForm
    return Headers({"content-type": kind})


def _check_parts(data: FormData, texts: Collection[str], files: Mapping[str, int]) -> None:
    names = [name for name, _ in data.multi_items()]
    known = ", ".join((*texts, *files))
    if set(names) - {*texts, *files}:
        raise BadForm(f"The form has a field that is not known. Known fields: {known}.")
    if len(set(names)) < len(names):
        raise BadForm(f"The form has a field twice. Give each field once: {known}.")
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            if name in texts:
                raise InvalidInput(f"The field {name} is text, not a file. Send it as a plain field.")
            if (value.size or 0) > files[name]:
                raise _too_large(files)
        elif name in files and value:
            raise InvalidInput(f"The field {name} is a file. Send its content, for instance curl -F {name}=@FILE.")


def _too_large(files: Mapping[str, int]) -> TooLarge:
    allowed = ", ".join(f"{size // 1024**2} MB of {name}" for name, size in files.items())
    return TooLarge(f"The upload is too large: at most {allowed} are read. Give a smaller file.")


async def drop_rest(request: Request) -> None:
    """Read on for a moment: a connection closed on a sender takes the answer with it. Nothing is waited for where all
    of the body has come."""
    with suppress(TimeoutError, ClientDisconnect, RuntimeError):  # RuntimeError: all of it has come
        async with asyncio.timeout(LINGER_SECONDS):
            async for _ in request.stream():
                pass
