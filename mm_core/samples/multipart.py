"""A case as the parts of a multipart form, as ``/predict`` and its sisters read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from .files import read_bytes
from .raw_inputs import RawInputs, face_in_words

Parts: TypeAlias = dict[str, tuple[str | None, bytes | str]]
"""Parts of a multipart form: (file name, content), without a name for plain fields."""


def case_parts(case: RawInputs) -> Parts:
    """The fields and files of a case."""
    fields = {
        "text": case.text or "",
        "force": ",".join(case.force),
        "noise_reduction": str(case.noise_reduction).lower(),
    }
    if case.face is not None:
        fields["face"] = face_in_words(case.face)
    parts = plain_parts(fields)
    if case.image is not None:
        parts["image"] = ("file", read_bytes(case.image, "picture"))
    for name, sound in (("audio", case.audio), ("reference", case.reference)):
        if sound is not None:
            parts[name] = ("file", read_bytes(sound, "sound"))
    return parts


def plain_parts(fields: Mapping[str, str]) -> Parts:
    """Fields without a file."""
    return {name: (None, value) for name, value in fields.items()}
