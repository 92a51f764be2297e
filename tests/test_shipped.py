"""What ships: the weights, the report made from them, and the figures that README and model card quote."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mm_core import Evidence, Sample, load
from mm_core.datasets.corpora import TEST_ONLY
from mm_core.datasets.tables import read_table
from mm_core.evaluation.card import BEGIN, END, figures_table
from mm_core.evaluation.contributions_report import read_contributions
from mm_core.evaluation.evaluation_report import read_evaluation
from mm_core.evaluation.faithfulness_report import read_faithfulness
from mm_core.evaluation.robustness_report import read_robustness
from mm_core.labels import EMOTIONS, MODALITIES, coalition_name

ROOT = Path(__file__).resolve().parent.parent
READERS = {
    "evaluation": read_evaluation,
    "contributions": read_contributions,
    "robustness": read_robustness,
    "faithfulness": read_faithfulness,
}


@cache
def shipped(kind):
    """A report that ships, read once."""
    return READERS[kind](json.loads((ROOT / "assets" / "report" / f"{kind}.json").read_text(encoding="utf-8")))


REPORT = shipped("evaluation")


@pytest.fixture(scope="module")
def model():
    return load(device="cpu")


def test_the_model_is_small_enough_to_ship():
    size = sum(path.stat().st_size for path in (ROOT / "assets" / "model").rglob("*") if path.is_file())
    assert size <= 85e6


@pytest.mark.parametrize("kind", READERS)
def test_every_report_was_made_from_these_weights(model, kind):
    report = shipped(kind)
    assert (report.model.name, report.model.hash) == (model.name, model.hash)
    assert report.split == "test"


def test_dividends_of_a_thousand_test_triples_add_up():
    sums = shipped("contributions").adds_up
    assert sums.n == 1000
    assert sums.dividends < 1e-5
    assert sums.shapley < 1e-5


@pytest.mark.parametrize(("modality", "least"), [("text", 0.8), ("image", 0.7), ("audio", 0.7)])
def test_default_maps_beat_chance_and_depend_on_what_was_learned(modality, least):
    report = shipped("faithfulness")
    found = report.test[modality][report.defaults[modality]]
    assert found.n >= 30
    assert found.beats_chance.value >= least
    assert abs(found.randomised_correlation.value) < 0.3


@pytest.mark.parametrize("name", ["README.md", "docs/model_card.md"])
def test_quoted_figures_are_the_reports(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.split(BEGIN)[1].split(END)[0].strip() == figures_table(REPORT).strip()


def test_rows_and_report_agree():
    rows = pd.read_parquet(ROOT / "assets" / "report" / "cases.parquet")
    for members in (("text",), ("image",), MODALITIES):
        name = coalition_name(members)
        known = ~rows.source.isin(TEST_ONLY)  # the scores of all rows leave out what was never met
        chosen = rows[(rows.task == "emotion") & (rows.modalities == name) & known]
        right = np.mean([a in t.split(",") for a, t in zip(chosen.answer, chosen.truth, strict=True)])
        assert right == pytest.approx(REPORT.scores("emotion", name).accuracy.value, abs=1e-6)


def test_all_three_are_near_the_product_of_the_single_answers():
    fused = REPORT.scores("emotion", coalition_name(MODALITIES)).accuracy.value
    assert fused >= max(0.82, REPORT.late_product().accuracy.value - 0.02)


def test_measured_again_on_the_voices_the_report_holds(model, data_dir):
    table = read_table(data_dir, "audio", EMOTIONS).only("test")
    hits = []
    for content, target in zip(table.content, table.targets, strict=True):
        label = model.predict(Sample.from_row(audio=content)).emotion.label
        hits.append(target[EMOTIONS.index(label)])
    for source in sorted(set(table.source.tolist())):
        reported = REPORT.scores("emotion", "audio", source).accuracy.value
        assert np.mean(np.array(hits)[table.source == source]) == pytest.approx(reported, abs=0.02)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I am so happy for you, this is wonderful news!", "joy"),
        ("This makes me furious, how dare they treat us like that", "anger"),
        ("I miss her so much, I cried all night", "sadness"),
        ("I am terrified of what will happen tomorrow", "fear"),
        ("The meeting starts at ten in room four", "neutral"),
        ("Wow, I did not expect that at all!", "surprise"),
    ],
)
def test_plain_sentences_get_their_emotion(model, text, label):
    assert model.predict(Sample.read(text=text)).emotion.label == label


def test_readme_code_runs(monkeypatch, tmp_path, capsys):
    (tmp_path / "assets").symlink_to(ROOT / "assets")  # what a snippet writes does not land in the checkout
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert "Without the voice" in said
    assert Evidence.load("case.triad").present == MODALITIES
