"""Calibration, answers and the report, on the toy model and a made-up folder."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, softmax
from sklearn.metrics import f1_score

from mm_core.calibration import Calibration
from mm_core.evaluation.answers import Answers, answer_all, encode_rows
from mm_core.evaluation.calibrate import (
    DIFFERING,
    SAID_OF_SAME,
    SAID_WITH_PRECISION,
    agreement_bounds,
    calibrated,
    expected_f1_threshold,
    fit_calibration,
    fit_temperature,
    label_thresholds,
    unsure_below,
)
from mm_core.evaluation.evaluate import evaluate
from mm_core.evaluation.records import as_json
from mm_core.evaluation.scoring import score
from mm_core.labels import EMOTIONS
from mm_core.samples import InvalidInput, Sample
from tests.data_factory import write_tables
from tests.toys import toy_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_tables(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def judged(folder):
    model = toy_model()
    report, predictions = evaluate(model, folder, split="test", draws=70, quiet=True)
    return model, json.loads(as_json(report)), predictions


def made_up(logits, targets, name="text"):
    count = len(logits)
    return Answers(
        (name,), logits, targets, np.full(count, "s"), [np.arange(count).astype(str)], {name: np.arange(count)}
    )


def test_temperature_recovers_the_one_that_was_applied():
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (4000, 5))
    labels = np.array([random.choice(5, p=row) for row in softmax(logits, axis=1)])
    targets = np.eye(5, dtype=np.float32)[labels]
    assert fit_temperature("emotion", made_up(logits * 3.0, targets)) == pytest.approx(3.0, rel=0.1)


def test_temperature_of_agreement_ignores_masked_pairs():
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (3000, 3))
    targets = (random.random((3000, 3)) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    targets[:, 2] = -1
    logits[:, 2] = 1e3
    assert fit_temperature("agreement", made_up(logits * 2.0, targets)) == pytest.approx(2.0, rel=0.15)


@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=12, unique=True))
def test_expected_f1_threshold_is_the_best_one(chances):
    scores = np.array(chances)
    threshold = expected_f1_threshold(scores)

    def expected_f1(chosen):
        return 2 * scores[chosen].sum() / (chosen.sum() + scores.sum())

    best = max(expected_f1(scores >= value) for value in scores)
    assert expected_f1(scores >= threshold) == pytest.approx(best)
    # Who is chosen lies above half of the best F1, who is not below it.
    assert scores[scores >= threshold].min() >= best / 2 - 1e-9
    assert scores[scores < threshold].max(initial=0.0) <= best / 2 + 1e-9


def test_label_thresholds_see_through_overconfidence():
    random = np.random.default_rng(0)
    logits = random.normal((-3.0, 0.0), 2, (4000, 2))
    truth = random.random(logits.shape) < expit(logits)
    plain = label_thresholds(logits, truth, ("rare", "common"))
    overconfident = label_thresholds(3 * logits, truth, ("rare", "common"))
    assert plain["rare"] < plain["common"] < 0.5, "half of the best F1, which rare labels have a lower one of"
    for column, label in enumerate(plain):
        same = (expit(logits) >= plain[label]) == (expit(3 * logits) >= overconfident[label])
        assert same[:, column].mean() > 0.98, "the same texts are chosen"
    scores = expit(logits)
    for column, label in enumerate(plain):
        f1 = {
            t: f1_score(truth[:, column], scores[:, column] >= t) for t in (plain[label], *np.linspace(0.1, 0.9, 9))
        }
        assert f1[plain[label]] >= max(f1.values()) - 0.02


def test_unsure_below_is_where_answers_are_mostly_wrong():
    confidence = np.linspace(0.2, 1.0, 1000)
    right = (np.random.default_rng(0).random(1000) < confidence).astype(float)
    threshold = unsure_below(confidence, right, 0.5)
    assert right[confidence <= threshold].mean() < 0.5
    assert 0.6 < threshold < 0.95
    assert unsure_below(confidence, np.ones(1000), 0.5) == 0.0


def test_bounds_of_agreement_keep_their_precision_and_their_alarms():
    random = np.random.default_rng(0)
    same = random.random(4000) < 0.6
    chances = expit(random.normal(np.where(same, 1.5, -1.5), 1.2))
    source = np.where(random.random(4000) < 0.2, "clips", "composed")
    together = same & (random.random(4000) < 0.8)
    low, high = agreement_bounds(chances, same, together, source)
    weight = np.where(together, (1 - DIFFERING) / together.sum(), DIFFERING / (~together).sum())

    def precision(chosen, right):
        return (weight * (chosen & right)).sum() / (weight * chosen).sum()

    assert 0 < low <= high < 1
    assert precision(chances <= low, ~same) >= SAID_WITH_PRECISION
    assert precision(chances >= high, same) >= SAID_WITH_PRECISION
    for name in ("clips", "composed"):
        assert (chances <= low)[same & (source == name)].mean() <= SAID_OF_SAME
    assert (chances <= low)[~same].mean() > 0.5, "most that differ are found"


def test_nothing_is_said_of_pairs_that_cannot_be_told_apart():
    random = np.random.default_rng(0)
    same = random.random(2000) < 0.5
    low, high = agreement_bounds(random.random(2000), same, same, np.full(2000, "composed"))
    assert low < 0.1
    assert high > 0.9


def test_fitted_calibration_is_no_worse_on_its_rows(folder):
    model = toy_model()
    answers = answer_all(model, encode_rows(model, folder, "valid", quiet=True), draws=70)
    fitted = fit_calibration(answers, EMOTIONS)

    def loss(calibration: Calibration) -> float:
        given = answers["emotion"]["text+image"]
        return float(-np.log((calibrated("emotion", given, calibration) * given.targets).sum(1)).mean())

    assert loss(fitted) <= loss(Calibration()) + 1e-6
    assert set(fitted.multilabel) == set(EMOTIONS)
    assert fitted.said_outside.keys() == Calibration().said_outside.keys()


def test_report_has_the_documented_shape(judged):
    model, report, _ = judged
    assert report["model"]["hash"] == model.hash
    assert report["data"]["left_out"]["audio"] == {"boredom": 1}
    figure = report["emotion"]["text"]["goemotions"]["multilabel_macro_f1"]
    assert 0 <= figure["low"] <= figure["high"] <= 1
    assert figure["groups"] == 15
    assert 0 <= figure["value"] <= 1
    assert set(report["emotion"]) == {
        "text", "image", "audio", "text+image", "text+audio", "image+audio", "text+image+audio",
    }  # fmt: skip
    triple = report["emotion"]["text+image+audio"]["all"]
    assert triple["n"] == 70
    assert {"accuracy", "macro_f1", "weighted_f1", "uar", "ece", "per_class", "confusion"} <= set(triple)
    assert sum(map(sum, triple["confusion"]["matrix"])) == 70
    assert report["agreement"]["text+image"]["all"]["n"] == 140
    assert report["agreement"]["text+image+audio"]["all"]["n"] == 420
    for name in ("late_product", "product_of_singles"):
        assert report["baselines"][name]["text+image+audio"]["all"]["n"] == 70


def test_report_figures_equal_predict(judged, folder):
    """Accuracy by the report's fast path against single predictions of the same rows."""
    model, report, _ = judged
    rows = encode_rows(model, folder, "test", quiet=True).tables["text"]
    hits = []
    for text, target in zip(rows.content, rows.targets, strict=True):
        label = model.predict(Sample(text=text)).emotion.label
        hits.append(target[EMOTIONS.index(label)])
    assert report["emotion"]["text"]["all"]["accuracy"]["value"] == pytest.approx(np.mean(hits))


def test_rows_hold_probabilities_and_no_media(judged):
    _, report, lines = judged
    text = lines[(lines.task == "emotion") & (lines.modalities == "text")]
    assert len(text) == report["emotion"]["text"]["all"]["n"]
    np.testing.assert_allclose(text[[f"p_{e}" for e in EMOTIONS]].sum(axis=1), 1.0, atol=1e-5)
    assert not any(lines[c].map(lambda v: isinstance(v, bytes)).any() for c in lines.columns)
    right = [a in t.split(",") for a, t in zip(text.answer, text.truth, strict=True)]
    assert np.mean(right) == pytest.approx(report["emotion"]["text"]["all"]["accuracy"]["value"])


def test_same_seed_same_report(judged, folder):
    model, report, _ = judged
    again, _ = evaluate(model, folder, split="test", draws=70, quiet=True)
    assert json.loads(as_json(again))["emotion"] == report["emotion"]


def test_a_folder_without_tables_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"text\.parquet"):
        encode_rows(toy_model(), tmp_path, "test")


def test_one_table_is_enough(folder, tmp_path):
    (tmp_path / "text.parquet").write_bytes((folder / "text.parquet").read_bytes())
    report, _ = evaluate(toy_model(), tmp_path, split="all", quiet=True)
    assert set(report.emotion) == {"text"}
    assert report.baselines == {}


def test_sources_that_were_never_seen_stand_first(folder):
    report, _ = evaluate(toy_model(), folder, draws=14, never_seen=("ravdess",), quiet=True)
    assert {(s.task, s.source) for s in report.strangers()} == {("emotion", "ravdess"), ("sentiment", "ravdess")}
    assert report.emotion["text"]["goemotions"].met is None
    with pytest.raises(InvalidInput, match="no source 'tess'; it has fer2013, goemotions, ravdess"):
        evaluate(toy_model(), folder, draws=14, never_seen=("tess",), quiet=True)


def test_the_late_product_frees_each_answer_from_its_prior(judged, folder):
    """By hand from the predictions: sum of log p(label | one) - log mean p(label), per composed case."""
    _, report, rows = judged
    rows = rows[rows.task == "emotion"]
    columns = [f"p_{label}" for label in EMOTIONS]
    composed = rows[rows.modalities == "text+image+audio"]
    total = np.zeros((len(composed), len(EMOTIONS)))
    for modality in ("text", "image", "audio"):
        alone = rows[rows.modalities == modality].set_index(f"{modality}_row")[columns]
        total += np.log(alone.loc[composed[f"{modality}_row"]].to_numpy()) - np.log(alone.to_numpy().mean(0))
    right = np.array(EMOTIONS)[total.argmax(1)] == composed.truth.to_numpy()
    found = report["baselines"]["late_product"]["text+image+audio"]["all"]["accuracy"]["value"]
    assert found == pytest.approx(right.mean())


def test_neutral_is_the_lack_of_emotions_where_several_may_be_told():
    """Joy is found in one of two texts that have it; anger, which stands in one, in a neutral one as well."""
    joy, anger, neutral = (EMOTIONS.index(name) for name in ("joy", "anger", "neutral"))
    targets, several = np.zeros((4, 7), np.float32), np.full((4, 7), -5.0, np.float32)
    for row, labels in enumerate(([joy], [joy, anger], [neutral], [neutral])):
        targets[row, labels] = 1
    for row, label in ((0, joy), (1, anger), (2, anger)):
        several[row, label] = 5.0
    answers = Answers(
        ("text",),
        np.zeros((4, 7), np.float32),
        targets,
        np.array(["here"] * 4),
        [np.array(list("abcd"))],
        {"text": np.arange(4)},
        several,
    )
    every = np.ones(4, bool)
    own = score("emotion", answers, every, toy_model(), own_labels=True).multilabel_macro_f1
    # Joy: one hit, none too many, one missed. Anger: one hit, one too many.
    assert own.value == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert score("emotion", answers, every, toy_model()).multilabel_macro_f1.value < own.value
