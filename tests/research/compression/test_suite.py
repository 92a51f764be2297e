"""The suite on a toy model and a made-up folder: every model, the report, resuming, the table."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from mm_core import storage
from mm_core.cli import main
from mm_core.evaluation.compression_report import read_compression
from mm_core.evaluation.records import as_json
from mm_core.labels import MODALITIES
from mm_core.research.compression.distilling import DistillationConfig, FusionLesson, TextLesson, fresh_fusion
from mm_core.research.compression.measuring import size_of, time_beside, weights_counted
from mm_core.research.compression.suite import add_fronts, run_suite, table
from mm_core.research.compression.variants import variants
from mm_core.research.compression.workshop import CompressionContext, Sizes, text_loss
from mm_core.samples import InvalidInput
from tests.data_factory import write_tables
from tests.toys import toy_model, toy_sample

SMALL = Sizes(
    text_rows=12,
    image_rows=12,
    audio_rows=12,
    triples=20,
    timed_cases=2,
    rounds=2,
    importance_rows=8,
    train_rows=12,
    fusion_rows=12,
    text_steps=2,
    fusion_steps=2,
    vocabularies=(100, 92),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_tables(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def workshop(data, tmp_path_factory):
    model = toy_model()
    storage.save(model, tmp_path_factory.mktemp("shipped"), half=False)
    return CompressionContext(model, data, SMALL, quiet=True)


@pytest.mark.slow
def test_every_model_is_made_measured_kept_and_not_made_again(workshop, data, tmp_path, monkeypatch):
    before = {name: value.clone() for name, value in workshop.model.state_dict().items()}
    made = run_suite(workshop, data, tmp_path)
    report = json.loads(as_json(made))
    assert all(torch.equal(value, workshop.model.state_dict()[name]) for name, value in before.items())
    assert [run["name"] for run in report["runs"]] == [v.name for v in variants(workshop)]
    assert {run["method"] for run in report["runs"]} == {
        "none", "int8", "magnitude", "vocabulary", "structured", "distillation"
    }  # fmt: skip
    runs = {run["name"]: run for run in report["runs"]}
    shipped = runs["shipped"]
    assert shipped["latency"]["text"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert shipped["difference"]["text"]["value"] == 0.0
    assert shipped["parameters"] == sum(p.numel() for p in workshop.model.parameters())
    zero = runs["magnitude-50"]
    assert zero["parameters"] == shipped["parameters"]
    assert zero["nonzero"] < shipped["nonzero"]
    assert zero["size_mb"] == pytest.approx(shipped["size_mb"], rel=0.01)
    assert zero["packed_mb"] < shipped["packed_mb"]
    assert runs["vocabulary-92"]["size_mb"] < runs["vocabulary-100"]["size_mb"] < shipped["size_mb"]
    for run in report["runs"]:
        assert run["metrics"]["text"]["n"] == 12
        assert run["metrics"]["text+image+audio"]["n"] == 20
        gap = run["metrics"]["text"]["accuracy"]["value"] - shipped["metrics"]["text"]["accuracy"]["value"]
        assert run["difference"]["text"]["value"] == pytest.approx(gap)
        assert "hits" not in run
    assert read_compression(report) == made
    assert main_table(made)

    monkeypatch.setattr("mm_core.research.compression.suite._run", None)
    again = run_suite(workshop, data, tmp_path)
    assert again.runs == made.runs
    folder = next(tmp_path.iterdir())
    kept = {run["name"] for run in report["runs"] if run["loadable"]}
    assert {path.name for path in folder.iterdir() if path.is_dir()} == kept
    for name in kept:
        assert storage.load(folder / name, "cpu").predict(toy_sample()).emotion.label


def main_table(report):
    lines = table(report).splitlines()
    return len(lines) == len(report.runs) + 1 and lines[1].startswith("shipped")


def test_unknown_names_are_said(workshop, data, tmp_path):
    with pytest.raises(InvalidInput, match="no model called smaller; known are shipped, int8-text"):
        run_suite(workshop, data, tmp_path, only=["smaller"])


def test_fronts_are_marked_for_each_cost_and_input():
    def run(size, ratio, accuracy):
        score = {"accuracy": {"value": accuracy}}
        return {
            "size_mb": size,
            "latency": {"text": {"value": ratio}, "text+image+audio": {"value": 1.0}},
            "metrics": {"text": score, "text+image+audio": score},
        }

    runs = [run(40, 1.0, 0.7), run(20, 1.2, 0.6), run(30, 0.5, 0.5)]
    add_fronts(runs)
    assert [r["front"]["size_mb"]["text"] for r in runs] == [True, True, False]
    assert [r["front"]["latency"]["text"] for r in runs] == [True, False, True]
    assert [r["front"]["latency"]["text+image+audio"] for r in runs] == [True, False, False]


def test_a_text_tower_learns_what_its_teacher_says(workshop):
    student = toy_model(seed=0)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in student.encoders["text"].parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    rest = {k: v.clone() for k, v in student.fusion.state_dict().items()}
    texts = [str(text) for text in workshop.train["text"].content]
    lesson = DistillationConfig(40, 2e-3, batch_size=8)
    task = TextLesson(workshop.model, student, texts, lesson)
    with torch.no_grad():
        before = float(task.loss(task.module.eval(), texts[:12]))
    lesson.run(task)
    with torch.no_grad():
        after = float(task.loss(task.module.eval(), texts[:12]))
        least = float(task.loss(task.teacher, texts[:12]))
    assert after - least < 0.5 * (before - least)
    assert all(torch.equal(v, student.fusion.state_dict()[k]) for k, v in rest.items()), "only the tower learns"


def test_a_small_fusion_learns_what_its_teacher_says(workshop):
    student = fresh_fusion(workshop.fresh(), 8, layers=1)
    assert student.config.fusion.width == 8
    tables = {m: workshop.few(m, 12) for m in MODALITIES}
    banks = {m: workshop.encode(m, table) for m, table in tables.items()}
    lesson = DistillationConfig(40, 1e-2, batch_size=8)
    task = FusionLesson(workshop.model, student, tables, (banks, banks), lesson)
    batch = next(task.batches(7))
    with torch.no_grad():
        before = float(task.loss(task.module.eval(), batch))
    lesson.run(task)
    with torch.no_grad():
        least = float(task.loss(task.teacher, batch))
        assert float(task.loss(task.module.eval(), batch)) - least < 0.7 * (before - least)


def test_time_is_the_ratio_of_both_and_one_for_the_same(workshop, monkeypatch):
    clock = iter(np.cumsum([0.0, 1.0, 0.0, 3.0] * 8).tolist())
    monkeypatch.setattr("mm_core.research.compression.measuring.time.thread_time", lambda: next(clock))
    found = time_beside(workshop.model, workshop.model, [toy_sample(), toy_sample(1)], rounds=2)
    assert found["latency"]["text"] == {"value": 3.0, "low": 3.0, "high": 3.0}
    assert found["milliseconds"] == {"text": 3000.0, "text+image+audio": 3000.0}


def test_sizes_count_what_is_on_disk(workshop, tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 1_000_000)
    found = size_of(workshop.model, tmp_path)
    assert found["size_mb"] == 1.0
    assert found["packed_mb"] < 0.01
    counted = weights_counted(workshop.model)
    assert counted["parameters"] == sum(p.numel() for p in workshop.model.parameters())
    assert counted["nonzero"] == sum(int(p.count_nonzero()) for p in workshop.fresh().half().parameters())


def test_the_loss_that_judges_importance_is_the_labels(workshop):
    loss = text_loss(workshop.model)
    items = workshop.labelled()[:3]
    by_hand = [float(loss([item]).detach()) for item in items]
    assert float(loss(items).detach()) == pytest.approx(np.mean(by_hand), rel=1e-4)
    assert loss(items).requires_grad


def test_the_table_of_a_missing_report_is_said(tmp_path, capsys):
    assert main(["compress", "table", "--report", str(tmp_path / "none.json")]) == 2
    assert "compress run" in capsys.readouterr().err
    accuracy = {"value": 0.5, "low": 0.4, "high": 0.6}
    score = {"n": 10, "accuracy": accuracy, "macro_f1": accuracy}
    run = {
        "name": "tiny", "title": "Tiny", "method": "none", "parameters": 5,
        "size_mb": 1.0, "packed_mb": 0.9, "latency": {"text": {"value": 0.25}},
        "metrics": {"text": score, "text+image+audio": score},
        "front": {"size_mb": {"text": True}, "latency": {"text": False}},
    }  # fmt: skip
    (tmp_path / "c.json").write_text(json.dumps({"runs": [run]}))
    assert main(["compress", "table", "--report", str(tmp_path / "c.json")]) == 0
    assert "1.0*" in capsys.readouterr().out
