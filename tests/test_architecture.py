"""Rules of the house that no single room can check: who may import whom, and who may ask which modality it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mm_core.labels import MODALITIES

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = [path for folder in ("mm_core", "webapp", "dashboard") for path in sorted((ROOT / folder).rglob("*.py"))]

MAY_RESEARCH = {"mm_core/commands/compress.py", "mm_core/commands/lab.py"}
"""The commands that run the studies; they import them when they are asked for."""

MAY_BRANCH = ("mm_core/encoders/", "mm_core/samples/", "mm_core/figures/", "mm_core/research/")
"""Rooms that are about modalities: towers, what people give, how it is drawn, and the study of the text tower."""

BRANCHES = {
    "mm_core/commands/explain.py": 1,
    "mm_core/datasets/human.py": 4,
    "mm_core/datasets/custom.py": 2,
    "mm_core/datasets/preparation.py": 1,
    "mm_core/datasets/tables.py": 4,
    "mm_core/evaluation/scoring.py": 1,
    "mm_core/evaluation/traits.py": 2,
    "mm_core/evidence/inputs.py": 4,
    "mm_core/explain/records.py": 2,
    "mm_core/notebook/__init__.py": 1,
    "webapp/answer.py": 1,
    "webapp/batch_rows.py": 1,
    "dashboard/case_parts.py": 1,
    "dashboard/views/case.py": 1,
    "dashboard/views/what_if.py": 4,
}
"""Places that still ask which modality it is; the numbers may only fall."""


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def branches(source: str) -> list[int]:
    """Lines that compare something with a modality's name, or ask whether one is among some."""

    def names_modality(node: ast.expr) -> bool:
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return any(names_modality(element) for element in node.elts)
        return isinstance(node, ast.Constant) and node.value in MODALITIES

    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(map(names_modality, (node.left, *node.comparators))):
            lines.append(node.lineno)
        if isinstance(node, ast.MatchValue) and names_modality(node.value):
            lines.append(node.value.lineno)
    return sorted(lines)


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_in_the_product_imports_research(path):
    name = path.relative_to(ROOT).as_posix()
    if name.startswith("mm_core/research/") or name in MAY_RESEARCH:
        return
    assert not [module for module in imports(path) if module.startswith("mm_core.research")]


def test_only_rooms_about_modalities_ask_which_it_is():
    found = {}
    for path in PRODUCT:
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(MAY_BRANCH) and (lines := branches(path.read_text(encoding="utf-8"))):
            found[name] = lines
    more = {name: lines for name, lines in found.items() if len(lines) > BRANCHES.get(name, 0)}
    assert not more, f"ask the encoder, the sample or the table instead: {more}"
    fewer = {name for name, count in BRANCHES.items() if len(found.get(name, ())) < count}
    assert not fewer, f"lower the numbers of {sorted(fewer)}"


@pytest.mark.parametrize(
    "source",
    [
        'if m == "text": pass',
        'x = 1 if "audio" != m else 2',
        'm in ("image", "audio")',
        'match m:\n case "text": pass',
    ],
)
def test_a_branch_is_found(source):
    assert branches(source) == [source.count("\n") + 1]


def test_a_name_that_is_only_passed_on_is_no_branch():
    assert branches('load("text"); table = {"text": 1}; "text+audio" == pattern') == []


def test_what_the_type_checker_is_told_to_ignore_is_rare_and_says_why():
    ignored = [
        line for path in PRODUCT for line in path.read_text(encoding="utf-8").splitlines() if "# type: ignore" in line
    ]
    assert len(ignored) < 10
    assert not [line for line in ignored if not re.search(r"# type: ignore\[[a-z-]+\]  # \w+", line)]
