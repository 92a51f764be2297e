"""The sentence of reasons: who is named, which part, and that it is safe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mm_core.evidence import Evidence
from mm_core.explain.records import Coalitions
from mm_core.figures import reasons
from tests.figures import cases


def told(**options: object) -> Evidence:
    """A case in which words and face speak for joy and the voice for sadness; see ``cases.evidence``."""
    evidence = cases.evidence(**options)  # type: ignore[arg-type]
    game = evidence.coalitions
    emotion = game.logits["emotion"].copy()
    emotion[4:, game.labels["emotion"].index("joy")] -= 2.0  # the coalitions with the voice
    return replace(evidence, coalitions=replace(game, logits={**game.logits, "emotion": emotion}))


def test_untested_maps_name_no_part() -> None:
    sentence = reasons(told(tested=None)).text()
    assert sentence == "Mostly the words and the face; the voice pulls towards sadness."


def test_a_map_no_better_than_chance_names_no_part() -> None:
    sentence = reasons(told(tested="no better than chance")).text()
    assert sentence == "Mostly the words and the face; the voice pulls towards sadness."


def test_tested_maps_name_words_and_the_part_of_the_face() -> None:
    evidence = told()
    words = np.zeros(len(evidence.units["text"]))
    words[[3, 4]] = 0.5, 0.4  # neighbours: happy today
    patches = np.zeros(len(evidence.units["image"]))
    patches[4 * 6 + 2] = 0.3  # the fifth of six rows
    maps = {"text": words, "image": patches}
    changed = evidence.with_relevance(
        *(
            replace(found, values=maps[found.modality].astype(np.float32))
            for found in evidence.relevance
            if found.modality in maps and found.method == "occlusion"
        )
    )
    assert reasons(changed).text() == "Mostly “happy today” and the mouth; the voice pulls towards sadness."


def test_each_reason_links_to_its_map_and_holds_no_markup_of_a_person() -> None:
    evidence = told(text="<b>happy</b> <script>")
    html = reasons(evidence).html(lambda modality: f"#map-{modality}")
    assert html.count('<a href="#map-') == 3
    assert '<a href="#map-audio">the voice</a> pulls towards sadness' in html
    assert "<b>" not in html
    assert "<script" not in html


def test_a_case_that_nothing_moves_says_so() -> None:
    evidence = told(tested=None)
    game: Coalitions = evidence.coalitions
    flat = replace(game, logits={task: np.zeros_like(v) for task, v in game.logits.items()})
    assert reasons(replace(evidence, coalitions=flat)).text() == "Nothing that was given moves joy by much."
