"""The dashboard on a case whose voice was judged against the speaker's normal voice."""

from __future__ import annotations

import pytest

from dashboard.case_bar import NEXT
from dashboard.cases import OWN, OpenCase
from mm_core.evidence import explain
from mm_core.storage import load_folder, save
from tests.dashboard.conftest import healthy, said
from tests.tiny_hub import toy_model_with_reference
from tests.toys import toy_clip, toy_sample

WORDS = r"normal voice\: the voice"
"""As Markdown escapes it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    base = tmp_path_factory.mktemp("base")
    save(toy_model_with_reference(base), base / "model")
    return base / "model"


@pytest.fixture(scope="module")
def record(folder):
    sample = toy_sample(1).replace(reference=toy_clip(5, 2.0))
    return explain(load_folder(folder).eval(), sample)


@pytest.fixture
def open_with(open_page, monkeypatch, folder, record):
    """Open a page on the model that reads references, with the record as the visitor's own case."""

    def run(page, **query):
        test = open_page("overview")
        monkeypatch.setenv("MM_CORE_MODEL", str(folder))
        test.session_state["case-open"] = OpenCase(OWN, "a case", record)
        test.session_state[NEXT] = OWN
        for name, value in query.items():
            test.query_params[name] = value
        return test.switch_page(f"views/{page}.py").run()

    return run


def test_a_case_says_it_and_plays_the_normal_voice(open_with):
    test = open_with("case")
    healthy(test)
    assert WORDS in said(test)
    assert len(test.get("audio")) == 2
    assert "bring-reference" in {each.key for each in test.file_uploader}


def test_what_if_there_had_been_none(open_with):
    test = open_with("what_if", change="unreferred")
    healthy(test)
    assert "Not judged against the normal voice" in said(test)


def test_a_model_that_compares_with_none_offers_neither(open_page):
    test = open_page("what_if")
    healthy(test)
    assert "bring-reference" not in {each.key for each in test.file_uploader}
    (change,) = [each for each in test.segmented_control if each.label == "Change"]
    assert "Forget the normal voice" not in change.options
