"""The folder of one running app: its own, alone in it, and nothing left of those that are gone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mm_core.serving import own_folder
from mm_core.serving.own_folder import NoFolder, claim, release


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where folders of apps lie."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / f"triad-{os.getuid()}"


def gone_process() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_a_claimed_folder_is_empty_and_for_nobody_else(root: Path) -> None:
    folder = claim()
    assert folder == root / str(os.getpid())
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o077 == root.stat().st_mode & 0o077 == 0


def test_a_released_folder_leaves_nothing(root: Path) -> None:
    folder = claim()
    (folder / "face.png").write_bytes(b"a face")
    release(folder)
    assert not root.exists()


def test_what_killed_apps_left_goes_at_the_next_start(root: Path) -> None:
    left = root / str(gone_process()) / "deep" / "face.png"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"a face")
    (root / "not-a-process").mkdir()
    own = root / str(os.getpid())  # of an earlier process that had the same number
    own.mkdir()
    (own / "voice.wav").write_bytes(b"a voice")
    folder = claim()
    assert [entry.name for entry in root.iterdir()] == [folder.name]
    assert list(folder.iterdir()) == []


def test_another_app_that_runs_keeps_its_files(root: Path) -> None:
    running = root / str(os.getppid())
    running.mkdir(parents=True)
    (running / "face.png").write_bytes(b"a face")
    release(claim())
    assert (running / "face.png").read_bytes() == b"a face"


def test_a_link_that_somebody_else_has_laid_there_is_not_followed(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "1234567890").mkdir(parents=True)
    root.symlink_to(elsewhere)
    with pytest.raises(NoFolder, match="belongs to somebody else"):
        claim()
    assert (elsewhere / "1234567890").is_dir()


def test_a_folder_of_another_user_is_not_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root.with_name("triad-4000000").mkdir()
    monkeypatch.setattr(own_folder.os, "getuid", lambda: 4_000_000)
    with pytest.raises(NoFolder, match="Set TMPDIR") as refused:
        claim()
    assert str(root.parent) not in str(refused.value)


def test_a_full_disk_is_said_in_words(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NoFolder, match="full or can't be written to"):
        claim()
