"""The walks of CONTRIBUTING.md, each done on a scratch copy of the checkout and checked by the test it names."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("mm_core", "dashboard", "webapp", "tests", "app.py", "pyproject.toml")
LINKED = ("assets", "docs")
SECONDS = 600

WALKS = ["A tower", "A fusion strategy", "A relevance method", "A page of the dashboard", "A data set"]

_HEADING = re.compile(r"^## (.+)$", re.M)
_BLOCK = re.compile(r"^```(python|diff|sh)\n(.*?)^```$", re.M | re.S)


def walks() -> dict[str, list[tuple[str, str]]]:
    """The blocks of each section, as kind and content."""
    _, *parts = _HEADING.split((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    return {title: _BLOCK.findall(body) for title, body in zip(parts[::2], parts[1::2], strict=True)}


def apply(blocks: list[tuple[str, str]], folder: Path) -> set[str]:
    """Write new files and put added lines below the line they follow; returns the files touched."""
    touched = set()
    for kind, content in blocks:
        if kind == "sh":
            continue
        first, body = content.split("\n", 1)
        name = first.removeprefix("# ")
        path = folder / name
        touched.add(name)
        if kind == "python":
            assert not path.exists(), f"{name} is there already"
            path.write_text(body, encoding="utf-8")
            continue
        context, *added = body.splitlines()
        assert context.startswith(" ")
        assert added
        assert all(line.startswith("+") for line in added)
        before = path.read_text(encoding="utf-8")
        assert before.count(f"\n{context[1:]}\n") == 1, f"{name} has no such line: {context[1:]}"
        new = "\n".join([context[1:], *(line[1:] for line in added)])
        path.write_text(before.replace(f"\n{context[1:]}\n", f"\n{new}\n"), encoding="utf-8")
    return touched


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A copy of what the checks need; what they only read is linked."""
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=unwanted)
        else:
            shutil.copy2(ROOT / name, tmp_path / name)
    for name in LINKED:
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def test_these_are_the_walks() -> None:
    assert list(walks()) == WALKS


@pytest.mark.slow
@pytest.mark.parametrize("title", WALKS)
def test_a_walk_is_two_files_long_and_its_check_passes(scratch: Path, title: str) -> None:
    blocks = walks()[title]
    (check,) = (content for kind, content in blocks if kind == "sh")
    program, *arguments = shlex.split(check)
    assert program == "python"
    assert run(scratch, arguments).returncode == pytest.ExitCode.NO_TESTS_COLLECTED, (
        "the check passes without the walk"
    )
    touched = apply(blocks, scratch)
    assert len(touched) == 2
    lint = run(scratch, ["-m", "ruff", "check", *touched])
    assert lint.returncode == 0, lint.stdout
    done = run(scratch, arguments)
    assert done.returncode == 0, done.stdout[-3000:]


def run(folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=SECONDS)
