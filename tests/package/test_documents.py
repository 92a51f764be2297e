"""Documents: every link leads somewhere, every page is in the index, and what runs elsewhere is what runs here."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import mm_core
from mm_core.cli import parser

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("assets/*/*.md")})
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SHELL = re.compile(r"^```(?:sh)?\n(.*?)^```$", re.M | re.S)
_HEADING = re.compile(r"^#+ (.+)$", re.M)


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = _HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(path: Path) -> None:
    for target in _LINK.findall(path.read_text(encoding="utf-8")):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name) if name else path
        assert found.exists(), f"{path.name} links to {target}"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(found), f"{path.name} links to {target}"


def commands() -> Iterator[tuple[str, str]]:
    """Every line of the documents' shell blocks that begins with our command, without what follows a #."""
    for path in DOCUMENTS:
        for block in _SHELL.findall(path.read_text(encoding="utf-8")):
            for line in block.splitlines():
                for name in ("triad ", "python -m mm_core "):
                    if line.startswith(name):
                        yield path.name, line.removeprefix(name)


@pytest.mark.parametrize(("document", "line"), commands())
def test_commands_in_documents_are_understood(document: str, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        parser().parse_args(shlex.split(line, comments=True))
    except SystemExit as left:  # --help and --version leave so too
        if left.code != 0:
            pytest.fail(capsys.readouterr().err)


def test_the_index_names_every_document() -> None:
    listed = set(_LINK.findall((ROOT / "docs" / "README.md").read_text(encoding="utf-8")))
    assert {path.name for path in ROOT.glob("docs/*.md")} - {"README.md"} <= listed


def test_the_workflow_runs_the_test_command_of_the_readme() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]
    assert ".ci/run" in [step.get("run") for step in jobs["test"]["steps"]]
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]
    assert last == "exec make test"
    assert "\nmake test " in (ROOT / "README.md").read_text(encoding="utf-8")
    assert any("pip-audit" in step.get("run", "") for step in jobs["audit"]["steps"])


@pytest.mark.parametrize("command", ["demo", "test"])
def test_make_takes_the_two_commands(command: str) -> None:
    told = subprocess.run(["make", "-n", command], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"demo": "-m mm_core demo", "test": "-m pytest"}[command] in told


def test_the_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## (\S+?),? ", text, re.M)
    assert first
    assert first[1] == mm_core.__version__


def test_the_linter_before_a_commit_is_the_tested_one() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    (ruff,) = (hook["rev"] for hook in hooks if "ruff" in hook["repo"])
    assert f"ruff=={ruff.removeprefix('v')}" in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
