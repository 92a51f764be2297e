"""Fine-tuning on one's own rows: cases as they were given, labels of one's own, what stays as it was."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from dataclasses import asdict

import numpy as np
import pytest
import torch

from mm_core import storage
from mm_core.cli import main
from mm_core.datasets.preparation import prepare
from mm_core.datasets.tables import read_table
from mm_core.evidence import explain
from mm_core.labels import EMOTIONS, MODALITIES
from mm_core.samples import InvalidInput, Sample
from mm_core.serving.health import Health
from mm_core.serving.service import Service
from mm_core.training.custom_cases import ABSENT, CaseDrawer, cases_of, given_sets
from mm_core.training.finetune import TuningRecipe, custom_tables, finetune, with_labels
from tests.toys import toy_model, toy_picture, toy_sample

WORDS = {"urgent": ("angry", "hate"), "fine": ("happy", "love"), "dull": ("never", "always")}


def write_csv(folder, lines, columns=("text", "image", "label")):
    path = folder / "mine.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(lines)
    return path


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """60 rows of three labels: the words tell them; a third also has a picture, whose brightness tells them too."""
    import cv2

    folder = tmp_path_factory.mktemp("mine")
    lines = []
    for number in range(60):
        place = number % 3
        label = tuple(WORDS)[place]
        picture = ""
        if number % 5 < 2:
            picture = f"{number}.png"
            cv2.imwrite(str(folder / picture), toy_picture(number).pixels // 8 + 90 * place)
        lines.append((f"i am {WORDS[label][number % 2]} {WORDS[label][number % 2]} today", picture, label))
    prepare(write_csv(folder, lines), folder / "tables", quiet=True, whole_pictures=True)
    return folder / "tables"


@pytest.fixture(scope="module")
def tables(mine):
    return {m: read_table(mine, m, sorted(WORDS)) for m in ("text", "image")}


def test_lines_are_cases_and_keep_their_parts_together(tables):
    cases = cases_of(tables)
    assert len(cases) == 60
    assert dict(given_sets(cases)) == {("text",): 36, ("text", "image"): 24}
    both = np.flatnonzero(cases.rows["image"] != ABSENT)
    for case in both:
        text, image = cases.rows["text"][case], cases.rows["image"][case]
        assert tables["text"].case[text] == tables["image"].case[image]
        assert (tables["text"].targets[text] == tables["image"].targets[image]).all()


def test_batches_are_whole_or_a_part_and_never_mixed_up(tables):
    cases = cases_of(tables).only("train")
    drawer = CaseDrawer(cases, tables, {m: table.split == "train" for m, table in tables.items()}, nothing=2)
    assert drawer.missing == [], "text and image were given together"
    chosen = np.flatnonzero(cases.presence.sum(1) == 2)
    seen = set()
    for seed in range(20):
        batch = drawer.batch(chosen, np.random.default_rng(seed))
        assert len(batch) == len(chosen) + 2
        assert not batch.presence[-2:].any()
        assert batch.targets[-1].tolist() == pytest.approx(cases.targets.mean(0).tolist())
        for row, case in enumerate(chosen):
            assert batch.presence[row].any()
            for m in MODALITIES:
                assert batch.rows[m][row] in (cases.rows[m][case], ABSENT)
            seen.add(tuple(batch.presence[row].tolist()))
    assert seen == {(True, True, False), (True, False, False), (False, True, False)}


def test_sets_that_nobody_gave_together_are_composed_of_train_rows(tables):
    apart = {m: table.where(np.ones(len(table), bool)) for m, table in tables.items()}
    for m, table in apart.items():
        table.case[:] = [f"{m}{i}" for i in range(len(table))]
    cases = cases_of(apart)
    assert len(cases) == 84
    train = {m: table.split == "train" for m, table in apart.items()}
    drawer = CaseDrawer(cases.only("train"), apart, train, composed=30, nothing=0)
    assert drawer.missing == [("text", "image")]
    batch = drawer.batch(np.array([0]), np.random.default_rng(0))
    assert (batch.presence[1:] == [True, True, False]).all()
    for m in ("text", "image"):
        rows = batch.rows[m][1:]
        assert (apart[m].split[rows] == "train").all()
        assert torch.equal(batch.targets[1:], torch.from_numpy(apart[m].targets[rows]))


def test_other_labels_leave_sentiment_agreement_and_known_labels_as_they_were():
    base, sample = toy_model(), toy_sample()
    model = with_labels(base, ("bored", "joy"), "mine")
    before, after = base.predict(sample), model.predict(sample)
    assert list(after.emotion.probabilities) == ["bored", "joy"]
    assert after.sentiment == before.sentiment
    assert after.agreement == before.agreement
    joy = EMOTIONS.index("joy")
    assert torch.equal(model.heads.emotion.weight[1], base.heads.emotion.weight[joy])
    again = with_labels(model, EMOTIONS, "back")
    assert again.config.agreement_labels == EMOTIONS
    assert again.predict(sample).agreement == before.agreement


def test_rare_labels_are_named_and_one_label_is_not_enough(tmp_path):
    lines = [(f"row {i}", "", "a" if i % 2 else "b", "train") for i in range(8)] + [("x", "", "once", "train")]
    lines += [("y", "", "only tested", "test")]
    prepare(write_csv(tmp_path, lines, ("text", "image", "label", "split")), tmp_path / "t", quiet=True)
    tables, labels, rare = custom_tables(tmp_path / "t")
    assert labels == ("a", "b")
    assert len(tables["text"]) == 8
    assert rare.keys() == {"once", "only tested"}
    prepare(write_csv(tmp_path, [("x", "", "a"), ("y", "", "b")]), tmp_path / "few", quiet=True)
    with pytest.raises(InvalidInput, match="At least two labels need 2 train rows"):
        custom_tables(tmp_path / "few")
    with pytest.raises(InvalidInput, match="data prepare"):
        custom_tables(tmp_path)


def test_heads_alone_learn_the_rows_and_nothing_else_changes(mine, tmp_path):
    base = toy_model()
    shown = toy_sample(0, ("text", "image"))
    sentiment = base.predict(shown).sentiment
    fusion = {k: v.clone() for k, v in base.fusion.state_dict().items()}
    model, report = finetune(base, mine, tmp_path / "m", tune="heads", quiet=True)
    assert report["sentiment"].startswith("as it was")
    assert model.predict(shown).sentiment == sentiment
    assert all(torch.equal(fusion[k], v) for k, v in model.fusion.state_dict().items())
    assert report["given"].keys() == {"text", "text+image"}
    assert set(report["test"]) == {"majority", "majority_label", "as given", "text alone", "image alone"}
    assert base.config.labels == EMOTIONS, "the model that it came from is left alone"


def test_what_never_taught_it_the_labels_counts_as_absent_and_says_so(mine, tmp_path):
    model, report = finetune(toy_model(), mine, tmp_path / "m", tune="heads", quiet=True)
    assert report["learned_modalities"] == ["text", "image"]
    loaded = storage.load(tmp_path / "m", "cpu")
    assert loaded.config.learned_modalities == ("text", "image")
    assert loaded.tested == report["test"] == model.tested
    answer, without = loaded.predict(toy_sample()), loaded.predict(toy_sample(0, ("text", "image")))
    assert answer.present == ("text", "image")
    assert answer.emotion == without.emotion
    said = "The voice is left out: no voice taught this model its labels (dull, fine and urgent)."
    assert answer.warnings == (said,)
    assert without.warnings == ()
    record = explain(loaded, toy_sample())
    assert record.present == ("text", "image")
    assert record.prediction.warnings == (said,)
    assert record.inputs is not None
    assert record.inputs.waveform is None
    with pytest.raises(InvalidInput) as refused:
        loaded.predict(toy_sample(0, ("audio",)))
    assert said in str(refused.value)
    assert "anyway" not in str(refused.value), "no choice of a person's changes it"


def test_labels_known_before_leave_all_modalities_as_they_were():
    base = toy_model()
    assert with_labels(base, ("joy", "fear"), "fewer", ("text",)).config.learned_modalities == MODALITIES
    own = with_labels(base, ("calm", "joy"), "own", ("text",))
    assert own.config.learned_modalities == ("text",)
    assert with_labels(own, ("calm", "joy"), "again", ("audio",)).config.learned_modalities == ("text", "audio")


def test_the_service_says_which_labels_it_answers_and_what_it_leaves_out():
    own = with_labels(toy_model(), ("calm", "urgent"), "own", ("text",))
    with closing(Service(own)) as service:
        health = service.health()
        assert health.has_own_labels
        assert (health.labels, health.learned_modalities) == (("calm", "urgent"), ("text",))
        assert Health(**json.loads(json.dumps(asdict(health)))) == health, "the same over HTTP"
        assert service.predict(toy_sample()).present == ("text",)
        with pytest.raises(InvalidInput, match="no face taught this model its labels"):
            service.explain(toy_sample(0, ("image",)))


@pytest.mark.slow
def test_from_a_csv_to_a_model_that_answers_one_s_own_labels(mine, tmp_path, capsys):
    storage.save(toy_model(), tmp_path / "base", half=False)
    out = tmp_path / "model"
    command = ["train", "--init", str(tmp_path / "base"), "--data", str(mine), "--out", str(out), "--tune", "all"]
    assert main([*command, "--epochs", "15", "--quiet"]) == 0
    printed = capsys.readouterr().out
    model = storage.load(out, "cpu")
    assert model.config.labels == ("dull", "fine", "urgent")
    assert model.name == "toy-tables"
    tuned = storage.notes(out)["tuned"]
    assert [stage["stage"] for stage in tuned["stages"]] == ["heads", "fusion", "all"]
    assert tuned["test"]["as given"]["accuracy"]["value"] >= tuned["test"]["majority"] + 0.3
    assert "always answering" in printed
    asked = [(label, Sample(text=f"i am {word} {word} today")) for label, words in WORDS.items() for word in words]
    answers = [model.predict(sample) for _, sample in asked]
    right = sum(answer.emotion.label == label for (label, _), answer in zip(asked, answers, strict=True))
    assert right >= 4, "six sentences, of which luck gets two"
    answer = answers[0]
    assert set(answer.sentiment.probabilities) == {"negative", "neutral", "positive"}


def test_a_stage_that_makes_it_worse_is_undone(mine, tmp_path):
    recipe = TuningRecipe(learning_rates={"heads": 5e-3, "fusion": 30.0, "all": 1.0}, patience=1)
    model, report = finetune(toy_model(), mine, tmp_path / "m", tune="fusion", recipe=recipe, quiet=True)
    assert [stage["kept"] for stage in report["stages"]] == [True, False]
    base = toy_model().fusion.state_dict()
    assert all(torch.equal(base[k], v) for k, v in model.fusion.state_dict().items())


def test_sentiment_is_learned_where_rows_have_one(tmp_path):
    lines = [("i am happy", "", "a", "negative"), ("i am sad", "", "b", "positive")] * 20
    prepare(write_csv(tmp_path, lines, ("text", "image", "label", "sentiment")), tmp_path / "t", quiet=True)
    recipe = TuningRecipe(passes={"heads": 30, "fusion": 20, "all": 1}, patience=30)
    model, report = finetune(toy_model(), tmp_path / "t", tmp_path / "m", recipe=recipe, quiet=True)
    assert report["sentiment"].startswith("learned from")
    assert model.predict(Sample(text="i am happy")).sentiment.label == "negative"
    assert model.predict(Sample(text="i am sad")).sentiment.label == "positive"
