"""Where a report comes from."""

from __future__ import annotations

import subprocess

from mm_core.resources import HOME


def commit() -> str | None:
    """The commit of the checkout that this code runs from; None outside a git checkout."""
    if not (HOME / ".git").exists():  # installed, perhaps inside somebody else's checkout
        return None
    try:
        found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=HOME, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip()
