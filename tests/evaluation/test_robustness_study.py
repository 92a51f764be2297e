"""The robustness report on the toy model: its parts must agree with each other."""

from __future__ import annotations

import json

import pytest

from mm_core.evaluation.corruptions import CORRUPTIONS
from mm_core.evaluation.records import as_json
from mm_core.evaluation.robustness_study import robustness_study
from mm_core.samples import InvalidInput
from tests.data_factory import write_tables
from tests.toys import toy_model


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = write_tables(tmp_path_factory.mktemp("data"))
    return json.loads(as_json(robustness_study(toy_model(), folder, cases=14, conflicts=14, quiet=True)))


def test_every_kind_at_every_level(report):
    assert {m: set(kinds) for m, kinds in report["noise"].items()} == {m: set(k) for m, k in CORRUPTIONS.items()}
    for modality, kinds in report["noise"].items():
        for name, found in kinds.items():
            assert [step.get("level") for step in found["levels"]] == [None, *CORRUPTIONS[modality][name].levels]


def test_the_clean_level_is_what_missing_says(report):
    for modality, kinds in report["noise"].items():
        for found in kinds.values():
            clean = found["levels"][0]
            assert clean["alone"]["accuracy"] == report["missing"][modality]["accuracy"]
            assert clean["together"]["accuracy"] == report["missing"]["text+image+audio"]["accuracy"]
            assert 1 / 7 <= clean["alone"]["confidence"] <= 1


def test_noise_reaches_the_model(report):
    confidences = {
        step["alone"]["confidence"] for kind in report["noise"]["audio"].values() for step in kind["levels"]
    }
    assert len(confidences) > 4


def test_all_coalitions_are_there(report):
    assert len(report["missing"]) == 8
    assert report["missing"]["none"]["accuracy"]["value"] == pytest.approx(1 / 7)  # one answer, balanced classes


def test_an_answer_follows_one_side_or_neither(report):
    assert set(report["conflict"]) == {"text", "image", "audio"}
    for found in report["conflict"].values():
        parts = [found[name]["value"] for name in ("follows_rest", "follows_odd", "neither")]
        assert sum(parts) == pytest.approx(1.0)
        assert 0 <= found["noticed"]["value"] <= 1
    assert 0 <= report["false_alarms"]["value"] <= 1


def test_one_modality_has_noise_and_no_conflict(tmp_path):
    folder = write_tables(tmp_path)
    (folder / "speech.parquet").unlink()
    (folder / "faces.parquet").unlink()
    report = robustness_study(toy_model(), folder, cases=7, quiet=True)
    assert set(report.noise) == {"text"}
    assert report.conflict == {}
    assert report.false_alarms is None
    assert set(report.missing) == {"none", "text"}


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="at least 1 are needed"):
        robustness_study(toy_model(), tmp_path, quiet=True)
