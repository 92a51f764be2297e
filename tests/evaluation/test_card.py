"""The table of a report in Markdown: what stands first, and what stands in the place of an interval."""

from __future__ import annotations

from mm_core.evaluation.card import NEVER_MET, OWN, figures_table
from mm_core.evaluation.evaluation_report import read_evaluation
from tests.figures import reports


def test_what_the_model_has_never_met_stands_first():
    text = figures_table(reports.met_strangers())
    assert 0 < text.index(NEVER_MET) < text.index("| voice, tess |") < text.index(OWN)
    assert text.index(OWN) < text.index("| composed text + face + voice |")
    tess = next(line for line in text.splitlines() if "voice, tess" in line)
    assert "UAR 0.480 (0.460 to 0.500)" in tess
    assert "the weights that ship never saw this corpus" in tess
    savee = next(line for line in text.splitlines() if "voice, savee" in line)
    assert "UAR 0.380 (0.400 ± 0.030 over 5 folds)" in savee
    assert "not by the weights that ship" in savee


def test_without_strangers_there_is_one_table():
    text = figures_table(reports.evaluation())
    assert NEVER_MET not in text
    assert OWN not in text
    assert text.count("| what |") == 1
    assert "accuracy 0.900 (0.880 to 0.920)" in text


def test_a_source_that_was_never_seen_does_not_stand_among_the_own_ones():
    content = reports.evaluation().model_dump(by_alias=True)
    content["emotion"]["audio"]["ravdess"] = reports.classes(0.5) | {"met": "never seen"}
    lines = figures_table(read_evaluation(content)).splitlines()
    assert sum("ravdess" in line.lower() for line in lines) == 1
