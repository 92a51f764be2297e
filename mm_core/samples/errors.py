"""What a person may be told: input that can't be used (InvalidInput) and plain warnings (Notice)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mm_core.errors import TriadError


class InvalidInput(TriadError, ValueError):
    """Input that can't be used."""

    code: ClassVar[str] = "invalid_input"


@dataclass(frozen=True)
class Notice:
    """A plain warning about one modality, for people (``message``) and for programs (``code``).

    ``code`` is one of ``cut``, ``no-face``, ``several-faces``, ``silence``, ``no-voice``, ``other-language``,
    ``no-known-word``, ``code``, ``reference-short`` and others of a reference, or a word that a later room adds.
    """

    modality: str
    code: str
    message: str
