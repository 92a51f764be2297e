"""Versions: what reports and records say they were made with."""

from __future__ import annotations

import platform
from importlib.metadata import version

import pytest

import mm_core
from mm_core.cli import main
from mm_core.versions import versions


def test_python_this_software_and_the_named_libraries():
    found = versions(("torch", "numpy"))
    assert found == {
        "python": platform.python_version(),
        "triad": mm_core.__version__,
        "torch": version("torch"),
        "numpy": version("numpy"),
    }


def test_a_library_that_is_not_installed_is_left_out():
    assert set(versions(("no-such-distribution",))) == {"python", "triad"}


def test_the_command_tells_its_version(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--version"])
    assert left.value.code == 0
    assert capsys.readouterr().out == f"triad {mm_core.__version__}\n"
