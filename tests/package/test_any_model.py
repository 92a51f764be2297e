"""The worked example of docs/any_model.md, done as it stands there."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from pathlib import Path

import pytest
import yaml

from mm_core.cli import main
from mm_core.evidence import Evidence
from mm_core.predictors.classifiers import ClassifiersDescription
from mm_core.predictors.endpoint import EndpointDescription
from mm_core.predictors.zero_shot import ZeroShotDescription
from tests.data_factory import write_tables

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(python|yaml|sh)\n(.*?)^```$", re.M | re.S)
BLOCKS = _BLOCK.findall((ROOT / "docs" / "any_model.md").read_text(encoding="utf-8"))
FILES = {body.split("\n", 1)[0].removeprefix("# "): body for kind, body in BLOCKS if kind != "sh"}
COMMANDS = [line for kind, body in BLOCKS if kind == "sh" for line in body.splitlines()]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A folder with the example's files, the shipped examples and rows to evaluate on."""
    for name, body in FILES.items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    (tmp_path / "data").mkdir()
    write_tables(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str, *more: str) -> None:
    line = next(line for line in COMMANDS if line.startswith(f"python -m mm_core {command} "))
    assert main([*shlex.split(line)[3:], *more]) == 0


def test_the_black_box_is_explained_into_a_record_and_a_page(folder, capsys):
    run("explain")
    said = capsys.readouterr().out
    assert said.startswith(("Mostly anger", "Not sure: anger"))
    record = Evidence.load(folder / "case.triad")
    assert record.present == ("text", "audio")
    words = record.units["text"].labels
    assert words[int(record.relevance_of("text").values.argmax())] in ("hate", "awful")
    assert record.contributions().shapley["audio"] > 0
    assert {test.modality for test in record.faithfulness} == {"text", "audio"}
    assert "hate" in (folder / "case.html").read_text(encoding="utf-8")


def test_the_black_box_is_evaluated_and_stressed(folder):
    run("evaluate", "--quiet")
    report = json.loads((folder / "evaluation.json").read_text())
    assert report["model"]["name"] == "answer"
    assert set(report["emotion"]) == {"text", "audio", "text+audio"}
    run("robustness", "--quiet", "--cases", "8", "--conflicts", "8")
    assert set(json.loads((folder / "robustness.json").read_text())["noise"]) == {"text", "audio"}


def test_the_lines_of_python_run(folder, monkeypatch, capsys):
    monkeypatch.syspath_prepend(str(folder))
    runpy.run_path(str(folder / "in_python.py"))
    said = capsys.readouterr().out
    assert "anger" in said.splitlines()[0]
    assert said.splitlines()[2].startswith("With words masked: anger goes from")


def test_the_other_descriptions_are_understood():
    parts = yaml.safe_load(FILES["classifiers.yaml"])
    assert ClassifiersDescription.checked(parts).labels == ["joy", "sadness", "anger"]
    assert EndpointDescription.checked(yaml.safe_load(FILES["triad.yaml"])).request is None
    assert ZeroShotDescription.checked(yaml.safe_load(FILES["zero_shot.yaml"])).labels[0] == "proud"
    described = EndpointDescription.checked(yaml.safe_load(FILES["endpoint.yaml"]))
    assert described.request is not None
    assert described.request.text == "inputs.text"


def test_both_pages_are_started_with_it():
    assert "python app.py --model predictor.yaml" in COMMANDS
    assert any(line.startswith("MM_CORE_MODEL=predictor.yaml python -m streamlit") for line in COMMANDS)
