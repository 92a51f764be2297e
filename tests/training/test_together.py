"""Faces and voices that one person gave at once train the fusion as they are."""

from __future__ import annotations

import numpy as np

from mm_core.datasets.bank import contents, fill_bank
from mm_core.datasets.compose import rows_given_together
from mm_core.datasets.corpora import learned_from, read_corpora
from mm_core.labels import EMOTIONS, MODALITIES
from mm_core.training.fusing import CaseMaker, FusingRecipe, FusingTask
from tests.data_factory import write_tables
from tests.datasets.corpora_factory import write_aligned
from tests.toys import toy_model

CLIPS = [("one", "joy", "train"), ("two", "anger", "train"), ("three", "anger", "train"), ("four", "sadness", "test")]


def tables_of(folder):
    return {m: learned_from(read_corpora(folder, m, EMOTIONS)) for m in MODALITIES}


def test_every_face_of_a_clip_is_paired_with_its_voice(tmp_path):
    write_aligned(write_tables(tmp_path), CLIPS)
    tables = tables_of(tmp_path)
    rows = rows_given_together(tables, ("image", "audio"))
    cases = [tables[m].case[rows[m]].tolist() for m in ("image", "audio")]
    assert cases[0] == cases[1]
    assert sorted(cases[0]) == sorted(["one", "two", "three"] * 3), "three faces a clip, none of the test split"


def test_rows_that_stand_alone_are_paired_with_nothing(tmp_path):
    rows = rows_given_together(tables_of(write_tables(tmp_path)), ("image", "audio"))
    assert {m: r.shape for m, r in rows.items()} == {"image": (0,), "audio": (0,)}


def test_steps_hold_pairs_of_one_person_where_there_are_any(tmp_path):
    makers = {}
    for name, clips in (("with", CLIPS), ("without", [])):
        folder = tmp_path / name
        folder.mkdir()
        write_tables(folder)
        if clips:
            write_aligned(folder, clips)
        tables, model = tables_of(folder), toy_model()
        banks = {m: [fill_bank(model.encoders[m], contents(t), quiet=True)] for m, t in tables.items()}
        makers[name] = CaseMaker(tables, banks)
    case = makers["with"].together(20, np.random.default_rng(0))
    assert case.presence.tolist() == [[False, True, True]] * 20
    assert set(case.emotion.argmax(1).tolist()) == {EMOTIONS.index("joy"), EMOTIONS.index("anger")}
    assert (case.agreement[:, 2] == 1).all()

    recipe = FusingRecipe(steps=1, validation_cases=10, together=5)
    steps = {name: next(FusingTask(None, maker, maker, recipe, 1).batches(0)) for name, maker in makers.items()}
    assert len(steps["with"]) == len(steps["without"]) + 1 == len(recipe.cases) + 1
