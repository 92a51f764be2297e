"""Where the shipped files are found, and which commit a report names."""

from __future__ import annotations

from pathlib import Path

from mm_core import resources
from mm_core.evaluation import heading

ROOT = Path(__file__).resolve().parent.parent


def test_in_a_checkout_they_are_the_top_level_folders():
    assert resources.HOME == ROOT
    assert resources.MODEL == ROOT / "assets" / "model"
    assert (resources.REPORTS / "evaluation.json").is_file()
    assert (resources.EXAMPLES / "examples.json").is_file()
    assert (resources.HOME / "webapp" / "page.py").is_file()


def test_an_installed_package_names_no_commit_of_a_checkout_around_it(monkeypatch):
    monkeypatch.setattr(heading, "HOME", ROOT / "mm_core")
    assert heading.commit() is None
