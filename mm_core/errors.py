"""The one root of every error whose text may reach people; whatever else goes wrong becomes a plain sentence and a
line in the log."""

from __future__ import annotations

from typing import ClassVar


class TriadError(Exception):
    """Something that whoever asked may be told: what was wrong, what is allowed, what to do next.

    Its text never holds a path, an address, what a person gave, or another library's words. code: for programs, the
    same for every error of a kind.
    """

    code: ClassVar[str] = "failed"
