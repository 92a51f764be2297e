"""Where what travels with the code lies: ``assets/`` and the two pages, ``webapp/`` and ``dashboard/``.

In a checkout they are folders beside ``mm_core``; the wheel maps them into it (``mm_core/bundled``), so that only
``mm_core`` lands in site-packages.
"""

from __future__ import annotations

import importlib
import sys
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Final

_PACKAGE: Final = Path(str(files("mm_core")))
_BUNDLED: Final = _PACKAGE / "bundled"

HOME: Final = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent
"""The folder that holds ``assets``, ``webapp`` and ``dashboard``."""

MODEL: Final = HOME / "assets" / "model"
FACES: Final = HOME / "assets" / "faces"
"""The networks that find faces."""

REPORTS: Final = HOME / "assets" / "report"
EXAMPLES: Final = HOME / "assets" / "examples"
"""Cases to start from: pictures, voices and ``examples.json``."""


def page(name: str) -> ModuleType:
    """Import a module of ``webapp``, the one part of the pages that runs in this process, by its full name."""
    if str(HOME) not in sys.path:
        sys.path.insert(0, str(HOME))
    return importlib.import_module(name)
