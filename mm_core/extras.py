"""The optional parts of an installation, and what to say where one is missing."""

from __future__ import annotations

import importlib.util
from typing import ClassVar, Final

from mm_core.errors import TriadError

EXTRA_OF: Final = {
    "gradio": "app",
    "fastapi": "app",
    "multipart": "app",
    "python_multipart": "app",
    "streamlit": "dashboard",
    "prometheus_client": "app",
    "accelerate": "train",
    "pandas": "train",
    "pyarrow": "train",
    "mcp": "mcp",
}
"""Imported module to the extra of the distribution that brings it; several may, the first that lacks it is named."""


class MissingExtra(TriadError):
    """A command needs a library that this installation does not have."""

    code: ClassVar[str] = "missing_extra"

    def __init__(self, module: str) -> None:
        super().__init__(
            f"This needs {module}, which is not installed. "
            f"Get it with: pip install 'triad-emotion[{EXTRA_OF[module]}]' "
            "(in a checkout: pip install -r requirements.txt)."
        )


def require(module: str) -> None:
    """Raise MissingExtra unless the module, one of EXTRA_OF, can be imported."""
    try:
        found = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        found = None
    if found is None:
        raise MissingExtra(module)


def explained(error: ModuleNotFoundError) -> MissingExtra | None:
    """What to tell people about a failed import; None where no extra brings that module, which is a bug of ours."""
    module = (error.name or "").partition(".")[0]
    return MissingExtra(module) if module in EXTRA_OF else None
