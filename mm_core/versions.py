"""The versions that a report or a record was made with."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from mm_core import __version__


def versions(libraries: Iterable[str]) -> dict[str, str]:
    """Name to version: Python, this software, and those of the named distributions that are installed."""
    found = {"python": platform.python_version(), "triad": __version__}
    for name in libraries:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
