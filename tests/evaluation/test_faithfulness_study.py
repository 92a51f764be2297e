"""The faithfulness study: parts by hand, the whole on the toy model."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mm_core.evaluation.faithfulness_study import (
    best,
    faithfulness_study,
    method_scores,
    random_area,
    randomised,
    rank_correlation,
    rank_correlations,
)
from mm_core.evaluation.records import Estimate, as_json
from mm_core.explain.defaults import FALLBACK, default_methods
from mm_core.explain.methods import METHODS
from mm_core.explain.trace import Trace
from mm_core.labels import MODALITIES
from tests.data_factory import write_tables
from tests.toys import toy_model, toy_sample


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = write_tables(tmp_path_factory.mktemp("data"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mm_core.explain.deletion_test.RANDOM_ORDERS", 3)  # the image tower is the real one
        return faithfulness_study(toy_model(), folder, validation_cases=1, test_cases=2, quiet=True)


def test_the_report_is_json_and_names_a_default_for_each_modality(report):
    again = json.loads(as_json(report))
    assert set(again["defaults"]) == set(MODALITIES)
    for modality in MODALITIES:
        assert set(again["test"][modality]) == set(METHODS)
        assert again["defaults"][modality] == best(report.valid[modality])
        assert again["best_other"][modality] not in again["by_construction"]
        for found in again["test"][modality].values():
            assert 1 <= found["n"] <= 2
            for name in ("beats_chance", "deletion_auc", "insertion_auc", "randomised_correlation"):
                assert "low" not in found[name], "one or two cases have no interval"
        assert "randomised_correlation" not in again["valid"][modality]["rollout"]


def test_defaults_are_read_from_the_report(report, tmp_path):
    path = tmp_path / "faithfulness.json"
    path.write_text(json.dumps({"defaults": {"text": "integrated_gradients"}}))
    assert default_methods(path) == {"text": "integrated_gradients", "image": FALLBACK, "audio": FALLBACK}
    assert default_methods(tmp_path / "none.json") == dict.fromkeys(MODALITIES, FALLBACK)


def case_tested(p, auc, group="a"):
    test = SimpleNamespace(
        deletion_p=p, insertion_p=1.0, deletion_auc=auc, insertion_auc=0.5, comprehensiveness=0.1, sufficiency=0.1,
        random_deletion=np.array([[1.0, 0.5, 0.0], [1.0, 0.0, 0.0]]), steps=np.array([0, 5, 10]), units=10,
    )  # fmt: skip
    return SimpleNamespace(tests={"occlusion": test}, randomised={"occlusion": float("nan")}, group=group)


def test_scores_by_hand():
    found = method_scores(
        [case_tested(0.01, 0.2, "a"), case_tested(0.04, 0.4, "b"), case_tested(0.05, 0.6, "c")], "occlusion"
    )
    assert found.n == 3
    assert found.beats_chance.value == pytest.approx(2 / 3)  # 0.05 is not below 0.05
    assert found.beats_chance_inserting.value == 0
    assert found.deletion_auc.value == pytest.approx(0.4)
    assert found.by_construction is True


def test_the_random_area_is_that_of_the_mean_curve():
    assert random_area(case_tested(0.01, 0.2).tests["occlusion"]) == pytest.approx((1 + 0.25) / 4 + 0.25 / 4)


def test_the_best_beats_chance_most_often_and_then_falls_lowest():
    def of(share, auc):
        return SimpleNamespace(beats_chance=Estimate(value=share), deletion_auc=Estimate(value=auc))

    assert best({"a": of(0.5, 0.1), "b": of(0.8, 0.9)}) == "b"
    assert best({"a": of(0.8, 0.3), "b": of(0.8, 0.2)}) == "b"


def test_randomised_weights_are_shuffled_and_the_model_is_not_touched():
    model = toy_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    mixed = randomised(model)
    for name, parameter in mixed.named_parameters():
        own = dict(model.named_parameters())[name]
        assert torch.equal(parameter.flatten().sort().values, own.flatten().sort().values)
    assert not torch.equal(mixed.heads.emotion.weight, model.heads.emotion.weight)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_map_correlates_fully_with_itself(monkeypatch):
    model = toy_model()
    trace = Trace(model, toy_sample(modalities=("image",)))
    found = rank_correlations(trace, "image", trace.target("emotion", "joy"), model)
    assert set(found) == set(METHODS)
    assert all(value == pytest.approx(1.0, abs=1e-3) for value in found.values())


def test_rank_correlation_by_hand():
    first = np.array([1, 2, 3, 4], np.float32)
    assert rank_correlation(first, 10 * first) == pytest.approx(1)
    assert rank_correlation(first, -first) == pytest.approx(-1)
    assert np.isnan(rank_correlation(first, np.ones(4, np.float32)))
