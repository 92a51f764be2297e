"""Suites from plan to report: resuming, choosing, comparing, printing; and the report that ships."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mm_core.cli import main
from mm_core.evaluation.compare import paired
from mm_core.evaluation.lab_report import Reference, Run, read_lab
from mm_core.evaluation.records import Estimate, as_json
from mm_core.labels import MODALITIES
from mm_core.research.lab.composed import composed_material
from mm_core.research.lab.report import DEFAULT, LATE, comparisons, rows_path, table, write_report
from mm_core.research.lab.runs import choose, run_suite
from mm_core.research.lab.smoke import smoke_material
from mm_core.research.lab.suites import SUITES, RunContext
from mm_core.resources import REPORTS
from tests.data_factory import write_tables
from tests.research.lab.toys import QUICK, small_material
from tests.toys import toy_model

SHIPPED = Path(__file__).resolve().parents[2] / "assets" / "report" / "lab.json"
METRICS = {"accuracy", "macro_f1", "weighted_f1", "ece", "nll"}


def ground(folder: Path) -> RunContext:
    return RunContext(None, folder, lambda: pytest.fail("this suite needs no model"), True)


@pytest.fixture(scope="module")
def smoked(tmp_path_factory):
    """A short smoke suite: two seeds of three strategies, with its folder of runs."""
    folder = tmp_path_factory.mktemp("runs")
    names = (DEFAULT, "late_mean", "sum")
    files = run_suite("smoke", ground(folder), seeds=2, strategies=names, changes={"epochs": 1})
    return folder, files


def check_report(report: dict) -> None:
    """The shape that docs/lab.md promises."""
    read_lab(report)
    for run in report["runs"]:
        assert run["id"] == f"{run['data']}/{run['variant']}/{run['fusion']}/{run['seed']}"
        assert set(run["metrics"]) == set(run["validation"]) == METRICS
        assert len(run["missing"]) == 8
        for m in MODALITIES:
            assert sum(run["conflict"][m].values()) == pytest.approx(1.0)
            assert [step["level"] for step in run["noise"][m]] == [0.0, 0.5, 1.0, 2.0]
        assert run["missing"]["text+image+audio"]["accuracy"] == pytest.approx(run["metrics"]["accuracy"])
        assert sum(run["shares"].values()) == pytest.approx(1.0)
        assert run["parameters"] > 0
        assert run["seconds"] > 0
        assert run["settings"]["epochs"] >= 1


def check_rows(report: dict, rows: pd.DataFrame) -> None:
    """The lines give back each run's own accuracy."""
    right = (rows["truth"] == rows["answer"]).groupby(rows["run"]).agg(["mean", "size"])
    assert set(right.index) == {run["id"] for run in report["runs"]}
    for run in report["runs"]:
        assert right.loc[run["id"], "mean"] == pytest.approx(run["metrics"]["accuracy"])
        assert right.loc[run["id"], "size"] == run["n"]
    assert rows["confidence"].between(0, 1).all()
    assert (rows["p_truth"] <= rows["confidence"] + 1e-6).all()


def test_a_suite_writes_its_report(smoked, tmp_path):
    _, files = smoked
    assert len(files) == 6
    out = tmp_path / "lab.json"
    report = json.loads(as_json(write_report(files, out)))
    check_report(report)
    assert read_lab(report).unsaid() in (
        ["model", "data digest", "seed"],
        ["model", "commit", "data digest", "seed"],
    ), "several seeds, no towers, made-up data"
    assert json.loads(out.read_text()) == report
    rows = pd.read_parquet(rows_path(out))
    check_rows(report, rows)
    assert paired(rows, report["runs"][0]["id"], report["runs"][2]["id"]).n == 240
    assert report["references"] == [], "nothing published stands beside made-up cases"
    (only,) = report["comparisons"]
    assert (only["first"], only["second"]) == (DEFAULT, "late_mean")
    assert only["difference"]["low"] <= only["difference"]["high"]
    measured = [Reference(data="smoke", name="guessing", metric="accuracy", value=1 / 3, kind="measured")]
    assert write_report(files[:2], out, [r.model_dump() for r in measured]).references == measured
    again = write_report(files[:2], out)
    assert again.references == measured, "measured ones stay until they are measured again"
    assert {run.id for run in again.runs} == {run["id"] for run in report["runs"]}
    assert len(again.runs) == 6
    check_rows(json.loads(as_json(again)), pd.read_parquet(rows_path(out)))
    printed = table(again)
    assert all(name in printed for name in (DEFAULT, "late_mean", "sum", "smoke, utterance"))


def test_a_suite_goes_on_where_it_stopped(smoked):
    folder, files = smoked
    stamps = [path.stat().st_mtime_ns for path in files]
    files[3].unlink()
    options = {"seeds": 2, "strategies": (DEFAULT, "late_mean", "sum"), "changes": {"epochs": 1}}
    run_suite("smoke", ground(folder), **options)
    after = [path.stat().st_mtime_ns for path in files]
    assert [a == b for a, b in zip(after, stamps, strict=True)] == [True, True, True, False, True, True]
    before = json.loads(files[0].read_text())
    run_suite("smoke", ground(folder), seeds=1, strategies=(DEFAULT,), changes={"epochs": 2})
    assert json.loads(files[0].read_text())["digest"] != before["digest"], "other settings are other runs"


def test_seeds_differ_but_share_their_cases(smoked):
    _, files = smoked
    first, second = (pd.read_parquet(path.with_suffix(".parquet")) for path in files[2:4])
    assert first["case"].tolist() == second["case"].tolist()
    assert first["p_truth"].tolist() != second["p_truth"].tolist()


def test_the_likelier_recipe_is_chosen():
    import dataclasses

    material = small_material()
    good = dataclasses.replace(QUICK, epochs=15, width=16, average=0.9, learning_rate=1e-2)
    useless = dataclasses.replace(good, learning_rate=1e-9)
    choice = choose(material, "sum", (useless, good))
    assert choice.recipe == good
    assert choice.validation["accuracy"] > 0.6
    assert len(choice.temperatures) == 8


def test_comparisons_judge_by_the_lower_end():
    names = [f"case {n}" for n in range(200)]
    lines, runs = [], []
    for fusion, wrong in ((DEFAULT, 0), (LATE[0], 20), (LATE[1], 0)):
        identity = f"made/utterance/{fusion}/0"
        runs.append(
            Run(id=identity, data="made", variant="utterance", fusion=fusion, seed=0, n=200, parameters=1, seconds=1)
        )
        for number, name in enumerate(names):
            answer = "no" if number < wrong else "yes"
            lines.append((identity, name, name, "yes", answer, 0.9, 0.9))
    rows = pd.DataFrame(lines, columns=["run", "case", "group", "truth", "answer", "confidence", "p_truth"])
    first, second = comparisons(runs, rows)
    assert first.difference.value == pytest.approx(0.1)
    assert first.not_worse
    assert second.difference == Estimate(value=0.0, low=0.0, high=0.0, groups=200)
    assert second.not_worse
    swap = {DEFAULT: LATE[0], LATE[0]: DEFAULT}
    swapped = [run.model_copy(update={"fusion": swap.get(run.fusion, "x")}) for run in runs]
    assert comparisons(swapped, rows)[0].not_worse is False
    rows["group"] = ["one" if name < "case 5" else "two" for name in rows["case"]]
    assert comparisons(runs, rows)[0].not_worse is None, "two groups can't tell"


def test_smoke_cases_can_be_told_apart_and_are_always_the_same():
    one, two = smoke_material(), smoke_material()
    assert np.array_equal(one.train.truth, two.train.truth)
    assert set(one.train.names) & set(one.test.names) == set()


def test_composed_cases_share_a_label_and_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("mm_core.research.lab.composed.CASES", {"train": 14, "valid": 7, "test": 7})
    model = toy_model()
    data = write_tables(tmp_path)
    made = composed_material(model, data, tmp_path / "kept", quiet=True)
    assert len(made.train) == 21
    assert made.folds[0][1].tolist() == list(range(14, 21))
    assert sorted(made.test.truth.tolist()) == list(range(7))
    assert made.test.names[0].startswith("text ")
    assert all(len(group.split("|")) == 3 for group in made.test.groups)
    again = composed_material(model, data, tmp_path / "kept", quiet=True)
    assert again.test.names.tolist() == made.test.names.tolist()
    for m, width in made.widths.items():
        assert width == model.encoders[m].width
        assert made.train.tokens[m].mask.any(1).all()


def test_the_command_runs_and_prints(tmp_path, capsys):
    out, runs = tmp_path / "lab.json", tmp_path / "runs"
    options = ["--out", str(out), "--runs", str(runs), "--quiet", "--seeds", "1"]
    assert main(["lab", "run", "--suite", "smoke", "--fusion", "sum", *options]) == 0
    assert "sum" in capsys.readouterr().out
    assert main(["lab", "table", "--report", str(out)]) == 0
    assert "smoke, utterance" in capsys.readouterr().out
    objectives = ["--objectives", "cross_entropy,contrast", "--learned-weights", "--optimizer", "sgd", "--l2", "1e-4"]
    assert main(["lab", "run", "--suite", "smoke", "--fusion", "mean", *objectives, *options]) == 0
    settings = {run["fusion"]: run["settings"] for run in json.loads(out.read_text())["runs"]}
    assert settings["mean"]["objectives"] == ["cross_entropy", "contrast"]
    assert settings["mean"]["learned_weights"]
    assert settings["mean"]["optimizer"] == "sgd"
    assert settings["sum"]["objectives"] == ["cross_entropy"]


def test_a_run_without_out_leaves_the_shipped_report_alone(tmp_path, capsys):
    shipped = (REPORTS / "lab.json").read_bytes()
    runs = tmp_path / "runs"
    assert (
        main(["lab", "run", "--suite", "smoke", "--fusion", "sum", "--runs", str(runs), "--quiet", "--seeds", "1"])
        == 0
    )
    assert (REPORTS / "lab.json").read_bytes() == shipped
    assert (runs / "lab.json").is_file()


def test_the_command_says_what_is_missing(tmp_path, capsys):
    runs = ["--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "lab.json"), "--quiet"]
    assert main(["lab", "run", "--suite", "mosi-features", *runs]) == 2
    assert "--data" in capsys.readouterr().err
    assert main(["lab", "run", "--suite", "smoke", "--fusion", "nonsense", *runs]) == 2
    assert "cross_attention" in capsys.readouterr().err
    assert main(["lab", "table", "--report", str(tmp_path / "none.json")]) == 2
    assert "lab run" in capsys.readouterr().err


def test_the_shipped_report_has_every_strategy_five_times():
    if not SHIPPED.is_file():
        pytest.skip("the report has not been made yet")
    report = json.loads(SHIPPED.read_text(encoding="utf-8"))
    check_report(report)
    check_rows(report, pd.read_parquet(rows_path(SHIPPED)))
    seeds: dict[tuple[str, str, str], int] = {}
    for run in report["runs"]:
        assert run["data"] != "smoke"
        key = (run["data"], run["variant"], run["fusion"])
        seeds[key] = seeds.get(key, 0) + 1
    for data, variant, _ in list(seeds):
        for name in SUITES[data].strategies:
            assert seeds[data, variant, name] == SUITES[data].seeds
    assert {(d, v) for d, v, _ in seeds} <= {(n, v) for n, suite in SUITES.items() for v in suite.variants}
