"""The threat model names tests that exist, one at least for each promise."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from mm_core.locale import say

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "threat_model.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|")
][2:]
NAMED = re.compile(r"`(tests/[\w/]+\.py)((?:::\w+)+)`")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_a_promise_is_held_by_tests_that_exist(row: list[str]) -> None:
    somebody, promise, held = row
    assert somebody
    assert promise
    tests = NAMED.findall(held)
    assert tests
    assert NAMED.sub("", held).strip(" ,") == ""
    for file, names in tests:
        body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
        *classes, function = names.removeprefix("::").split("::")
        for name in classes:
            (found,) = (node for node in body if isinstance(node, ast.ClassDef) and node.name == name)
            body = found.body
        assert [node for node in body if isinstance(node, ast.FunctionDef) and node.name == function], names


def test_there_is_a_way_to_report_a_hole() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert "## Report a hole" in text
    assert "docs/threat_model.md" in text


def test_the_cookie_that_is_set_is_the_one_that_is_told() -> None:
    from mm_core.serving.guards.uploads import _COOKIE, VISIT_SECONDS

    told = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert f"`{_COOKIE}`" in told
    assert f"last {round(VISIT_SECONDS / 60)} minutes" in told
    assert f"cookie, {_COOKIE}," in say("about-cookie")
