"""The public API: what stands at the top level, and that the examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import mm_core
from mm_core.evidence import Evidence
from tests.data_factory import write_tables
from tests.toys import toy_model, toy_sample

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "mm_core").rglob("*.py")
    if "\n    >>> " in (text := path.read_text(encoding="utf-8")) or "\n>>> " in text or "\n        >>> " in text
)


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_are_true(name):
    tried = doctest.testmod(importlib.import_module(name))
    assert tried.attempted > 0
    assert tried.failed == 0


def test_the_package_itself_has_an_example():
    assert "mm_core" in MODULES


@pytest.mark.parametrize("name", mm_core.__all__)
def test_every_public_name_is_there(name):
    assert getattr(mm_core, name) is not None


def test_a_name_that_there_is_not_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mm_core.nothing  # noqa: B018


def test_explain_is_a_function_and_a_package():
    from mm_core.explain.methods import METHODS

    model, sample = toy_model(), toy_sample()
    record = mm_core.explain(model, sample, task="sentiment", methods=("occlusion",), keep_inputs=False)
    assert isinstance(record, Evidence)
    assert (record.task, record.inputs) == ("sentiment", None)
    assert {found.method for found in record.relevance} == {"occlusion"} <= set(METHODS)


def test_what_if_and_evaluate_from_the_top(tmp_path):
    model = toy_model()
    record = mm_core.explain(model, toy_sample())
    changed = mm_core.what_if(model, record, mm_core.Change(remove="audio"))
    assert changed.after.present == ("text", "image")
    report, rows = mm_core.evaluate(model, str(write_tables(tmp_path)), draws=7, quiet=True)
    assert report.scores("emotion", "text").n == len(
        rows[(rows["task"] == "emotion") & (rows["modalities"] == "text")]
    )


def test_importing_the_package_loads_no_torch():
    code = "import sys, mm_core; mm_core.Sample, mm_core.Evidence, mm_core.explain; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
