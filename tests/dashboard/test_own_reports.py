"""Reports that a visitor brings: their own, and hostile ones."""

from __future__ import annotations

import json

import pytest

from dashboard.report_files import CONTRIBUTIONS, EVALUATION, LAB, MOST_ROWS, read_predictions, read_report
from mm_core.samples import InvalidInput
from tests.dashboard.conftest import charts, healthy, said
from tests.dashboard.test_case_pages import upload


def test_own_report_with_lines(open_page, report_folder):
    test = open_page("evaluation", "nothing")
    upload(test, "report-file-evaluation", "mine.json", (report_folder / "evaluation.json").read_bytes())
    upload(test, "rows-file-evaluation", "mine.csv", (report_folder / "cases.csv").read_bytes())
    next(b for b in test.button if b.key == "report-open-evaluation").click().run()
    healthy(test)
    assert "Your report" in said(test)
    for view in ("curves", "slices", "confusion"):
        test.segmented_control(key="pick-view").set_value(view).run()
        healthy(test)
        assert charts(test) >= 1


def test_own_report_without_lines(open_page, report_folder):
    test = open_page("evaluation", "nothing")
    upload(test, "report-file-evaluation", "mine.json", (report_folder / "evaluation.json").read_bytes())
    next(b for b in test.button if b.key == "report-open-evaluation").click().run()
    test.segmented_control(key="pick-view").set_value("curves").run()
    healthy(test)
    assert "came without its rows" in said(test)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1, 2]",
        b"{",
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"model": {}, "emotion": NaN}',
        b'{"model": {}, "emotion": []}',
        b'{"model": {}}',
    ],
)
def test_what_is_no_report_is_refused(content):
    with pytest.raises(InvalidInput):
        read_report(EVALUATION, content)


@pytest.mark.parametrize(
    "emotion",
    [{"text": 5}, {"text": {"all": {"n": "<b>"}}}, {"text": {"all": {"accuracy": "high", "n": 3}}}, {}],
)
def test_a_strange_report_does_not_end_the_session(open_page, emotion):
    content = json.dumps({"model": {"name": "<script>alert(1)</script>"}, "emotion": emotion}).encode()
    test = open_page("evaluation", "nothing")
    upload(test, "report-file-evaluation", "bad.json", content)
    next(b for b in test.button if b.key == "report-open-evaluation").click().run()
    assert not test.exception
    assert "<script>" not in said(test)
    test.switch_page("views/overview.py").run()
    assert not test.exception


def test_lines_come_back_as_they_were(report_folder):
    predictions = read_predictions(EVALUATION, (report_folder / "cases.csv").read_bytes())
    assert {"task", "truth", "answer", "p_joy"} <= set(predictions.columns)
    assert predictions["p_joy"].dtype == "float64"
    assert predictions["truth"].map(type).eq(str).all()


HEAD = b"task,modalities,source,truth,answer"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 200,
        HEAD + b"\n",
        HEAD + b",truth\nt,m,s,a,b,c\n",
        HEAD + b",p_joy\nt,m,s,joy,joy,=1+1\n",
        HEAD + b",p_joy\nt,m,s,joy,joy,inf\n",
        HEAD + b",p_joy\nt,m,s,joy,joy,0.1,0.2,0.3\n",
        HEAD + ("," + ",".join(f"c{n}" for n in range(100)) + "\n").encode(),
        b"PAR1 no csv",
        HEAD + b"\nt,m,s,\xff\xff,b\n",
    ],
)
def test_what_is_no_table_of_lines_is_refused(content):
    with pytest.raises(InvalidInput, match="can't be read"):
        read_predictions(EVALUATION, content)


@pytest.mark.parametrize(("kind", "column"), [(EVALUATION, "task"), (CONTRIBUTIONS, "kind"), (LAB, "run")])
def test_a_column_that_is_missing_is_named(kind, column):
    with pytest.raises(InvalidInput, match=f"The column “{column}” is missing"):
        read_predictions(kind, b"truth,answer\njoy,joy\n")


def test_too_many_lines_are_refused():
    with pytest.raises(InvalidInput, match="too many rows"):
        read_predictions(EVALUATION, HEAD + b"\n" + b"t,m,s,a,b\n" * (MOST_ROWS + 1))


def test_own_contributions_with_lines(open_page, report_folder):
    test = open_page("contributions", "nothing")
    upload(test, "report-file-contributions", "mine.json", (report_folder / "contributions.json").read_bytes())
    upload(test, "rows-file-contributions", "mine.csv", (report_folder / "contributions.csv").read_bytes())
    next(b for b in test.button if b.key == "report-open-contributions").click().run()
    healthy(test)
    assert len(test.dataframe) == 1


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("overview", "evaluation"),
        ("evaluation", "evaluation"),
        ("contributions", "contributions"),
        ("robustness", "robustness"),
        ("lab", "lab"),
    ],
)
def test_figures_of_another_model_say_so(open_page, report_folder, monkeypatch, tmp_path, page, kind):
    test = open_page(page)
    if kind != "lab":  # that one is made up
        assert "not of" not in said(test), "the toy model's own report"
    report = json.loads((report_folder / f"{kind}.json").read_text())
    report["model"] = {"name": "someone-elses", "hash": "0" * 64}
    test = open_page(page, "reports")
    (tmp_path / f"{kind}.json").write_text(json.dumps(report))
    monkeypatch.setenv("MM_CORE_REPORTS", str(tmp_path))
    test.run()
    assert "someone" not in " ".join(w.value for w in test.warning), "no model runs that it could differ from"
    test = open_page(page)
    monkeypatch.setenv("MM_CORE_REPORTS", str(tmp_path))
    test.run()
    healthy(test)
    (warning,) = [w.value for w in test.warning if "someone" in w.value]
    assert "which answers here now" in warning
