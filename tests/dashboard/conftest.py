"""A saved toy model and reports made from it, and the dashboard in its three modes."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mm_core.evaluation.contributions_study import contributions_study
from mm_core.evaluation.evaluate import evaluate
from mm_core.evaluation.records import write_report
from mm_core.evaluation.robustness_study import robustness_study
from mm_core.evidence import Evidence, explain
from mm_core.serving import service
from mm_core.serving.limits import Limits
from mm_core.storage import load_folder, save
from tests.data_factory import write_tables
from tests.figures import lab_reports
from tests.toys import toy_model, toy_sample

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 600
"""Until a page must have run; a busy machine takes its time."""

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    save(toy_model(), folder)
    return folder


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory) -> Path:
    """The made-up rows that the toy model's reports were made from."""
    return write_tables(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def report_folder(tmp_path_factory, model_folder, data_folder) -> Path:
    """The reports of the toy model on a made-up folder, and made-up ones of the lab and of compression."""
    folder = tmp_path_factory.mktemp("report")
    data = data_folder
    model = load_folder(model_folder).eval()
    report, predictions = evaluate(model, data, draws=30, quiet=True)
    write_report(report, folder / "evaluation.json")
    predictions.to_parquet(folder / "cases.parquet")
    predictions.to_csv(folder / "cases.csv", index=False)
    contributions, rows = contributions_study(model, data, cases=21, permutations=1, draws=2, projected=7, quiet=True)
    write_report(contributions, folder / "contributions.json")
    rows.to_parquet(folder / "contributions.parquet")
    rows.to_csv(folder / "contributions.csv", index=False)
    write_report(robustness_study(model, data, cases=7, conflicts=7, quiet=True), folder / "robustness.json")
    (folder / "lab.json").write_text(json.dumps(lab_reports.lab()))
    lab_reports.lab_rows().to_parquet(folder / "lab_rows.parquet")
    lab_reports.lab_rows().to_csv(folder / "lab_rows.csv", index=False)
    (folder / "compression.json").write_text(json.dumps(lab_reports.compression()))
    return folder


@pytest.fixture(scope="session")
def evidence(model_folder) -> Evidence:
    """A case of three modalities with its inputs, by the saved toy model."""
    return explain(load_folder(model_folder).eval(), toy_sample(), methods=("gradient_x_input", "rollout"))


@pytest.fixture(params=["model", "reports", "nothing"])
def mode(request) -> str:
    """What there is: a model with reports, reports alone, or nothing at all."""
    return request.param


@pytest.fixture
def open_page(monkeypatch, tmp_path, model_folder, report_folder) -> Open:
    """Run one page: ``open_page("case", "model", case="example-2")``."""

    def run(page: str, mode: str = "model", **query: str) -> AppTest:
        monkeypatch.chdir(ROOT)
        monkeypatch.delenv("MM_CORE_URL", raising=False)
        if not query.pop("with_data", ""):
            monkeypatch.delenv("MM_CORE_DATA", raising=False)
        # A busy machine takes its time; what happens when an answer is late has tests of its own.
        monkeypatch.setattr(service, "Limits", partial(Limits, patience=600.0, deadline=600.0, stuck_after=600.0))
        monkeypatch.setenv("MM_CORE_MODEL", str(model_folder) if mode == "model" else "none")
        monkeypatch.setenv("MM_CORE_REPORTS", str(tmp_path / "empty" if mode == "nothing" else report_folder))
        test = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=SECONDS)
        for name, value in query.items():
            test.query_params[name] = value
        if page != "overview":
            test.switch_page(f"views/{page}.py")
        return test.run()

    return run


@pytest.fixture(autouse=True, scope="package")
def _close_models():
    yield
    from dashboard.engine import own_service

    own_service.clear()
    st.cache_resource.clear()


def said(test: AppTest) -> str:
    """All words of a page that are no charts."""
    kinds = (test.title, test.subheader, test.markdown, test.caption, test.info, test.warning, test.error, test.code)
    return "\n".join(str(part.value) for kind in kinds for part in kind) + "\n".join(
        str(part.proto.body) for part in test.get("html")
    )


def charts(test: AppTest) -> int:
    return len(test.get("plotly_chart"))


def healthy(test: AppTest) -> None:
    """Nothing failed on the page."""
    assert not test.exception, test.exception[0].value
    assert not test.error, test.error[0].value
