"""The folder of one running app for what its visitors upload and download; nothing of it outlives the app.

It lies in the system's folder of temporary files, one for each process, so that several apps share a machine. What an
earlier process left, because it was killed, goes when the next one starts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from mm_core.errors import TriadError


class NoFolder(TriadError):
    """There is nowhere to keep what visitors upload."""

    code: ClassVar[str] = "no_folder"


def claim() -> Path:
    """Make this process' folder, empty, and delete those of processes that are gone. Raises NoFolder."""
    root = _root()
    try:
        root.mkdir(mode=0o700, exist_ok=True)
        if root.is_symlink() or root.stat().st_uid != os.getuid():
            raise NoFolder(f"The folder {root.name} for temporary files belongs to somebody else. Set TMPDIR.")
        for left in root.iterdir():
            if left.name == str(os.getpid()) or not _is_running(left.name):
                shutil.rmtree(left, ignore_errors=True)
        own = root / str(os.getpid())
        own.mkdir(mode=0o700)
        (own / "probe").write_bytes(b"0" * 4096)
        (own / "probe").unlink()
    except OSError:
        raise NoFolder(
            "The folder for temporary files is full or can't be written to. Free some space, or set TMPDIR."
        ) from None
    return own


def release(folder: Path) -> None:
    """Delete this process' folder."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # others use it
        _root().rmdir()


def _root() -> Path:
    return Path(tempfile.gettempdir()) / f"triad-{os.getuid()}"


def _is_running(name: str) -> bool:
    if not name.isdecimal():
        return False
    try:
        os.kill(int(name), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
