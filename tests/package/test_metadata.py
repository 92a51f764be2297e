"""Names, versions and requirements of the distribution, each told once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mm_core.cli import main
from mm_core.extras import EXTRA_OF, MissingExtra, explained, require

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = {
    extra: {Requirement(line).name for line in lines} for extra, lines in PROJECT["optional-dependencies"].items()
}
DISTRIBUTION_OF = {"multipart": "python-multipart", "python_multipart": "python-multipart"}


def listed(name: str) -> dict[str, Requirement]:
    """The requirements of a file, by name; comments and included files are left out."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def test_a_space_installs_core_and_all_extras():
    extras = [line for lines in PROJECT["optional-dependencies"].values() for line in lines]
    declared = {str(Requirement(line)) for line in [*PROJECT["dependencies"], *extras]}
    assert {str(requirement) for requirement in listed("requirements.txt").values()} == declared


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_the_tested_versions_are_allowed_ones_and_cover_every_requirement(file):
    tested = listed("constraints.txt")
    for name, requirement in listed(file).items():
        assert name in tested, f"constraints.txt has no version of {name}"
        (pin,) = tested[name].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), f"{name} {pin.version} is not allowed by {requirement}"


def reasons() -> Iterator[tuple[str, Requirement]]:
    """Requirements under a comment that begins with a version, and that version."""
    version = None
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            found = re.match(r"# ([\d.]*\d): ", line)
            version = found[1] if found else version
        else:
            if version:
                yield version, Requirement(line)
            version = None


def test_a_lower_bound_is_the_one_that_its_reason_names():
    named = list(reasons())
    assert {"gradio", "starlette", "python-multipart", "pillow"} <= {requirement.name for _, requirement in named}
    for version, requirement in named:
        assert str(requirement.specifier) == f">={version}"
    assert not listed("requirements.txt")["starlette"].specifier.contains("0.49.0")


def test_no_document_installs_the_package_of_somebody_else():
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*")]
    for path in documents:
        if path.is_file():
            assert "pip install triad " not in path.read_text(encoding="utf-8").replace("\n", " "), path


@pytest.mark.parametrize("module", sorted(EXTRA_OF))
def test_the_extra_that_is_named_brings_the_module(module):
    assert DISTRIBUTION_OF.get(module, module.replace("_", "-")) in EXTRAS[EXTRA_OF[module]]


def test_a_missing_extra_is_one_clear_line(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"triad-emotion\[dashboard\]"):
        require("streamlit")
    assert main(["demo"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: This needs gradio")
    assert told.count("\n") == 1


def test_a_module_that_no_extra_brings_is_a_bug_and_stays_one():
    assert explained(ModuleNotFoundError("x", name="mm_core.nowhere")) is None
    assert str(explained(ModuleNotFoundError("x", name="pandas.core"))).startswith("This needs pandas")


def test_the_core_needs_no_page_framework():
    waiting, seen = [Requirement(line).name for line in PROJECT["dependencies"]], set()
    while waiting:
        name = waiting.pop()
        if canonicalize_name(name) in seen:
            continue
        seen.add(canonicalize_name(name))
        for line in requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement.name)
    assert seen.isdisjoint({"gradio", "streamlit", "fastapi", "starlette"})
