"""The pages of one case: class, method, test against chance, attention, what-if, links."""

from __future__ import annotations

import pytest

from dashboard.engine import own_service
from tests.dashboard.conftest import charts, healthy, said


def upload(test, key, name, content):
    uploader = next(part for part in test.get("file_uploader") if part.key == key)
    return uploader.upload(name, content, "application/octet-stream").run()


def test_an_example_is_answered(open_page):
    test = open_page("case")
    healthy(test)
    words = said(test)
    assert "sentence" in words
    assert "We did it!" in words
    labels = [button.proto.label for button in test.get("download_button")]
    assert "Evidence (.triad)" in labels
    assert "Report (HTML)" in labels


def test_another_example_by_its_link(open_page):
    test = open_page("case", case="example-5")
    healthy(test)
    assert "terrified" in said(test)


def test_a_link_to_nothing_opens_the_first(open_page):
    test = open_page("case", case="../../etc/passwd", task="nonsense", about="<script>")
    healthy(test)
    assert "We did it!" in said(test)


def test_another_class_and_method(open_page):
    test = open_page("case")
    test.selectbox(key="pick-about").set_value("fear").run()
    healthy(test)
    assert "Which words matter for fear" in said(test)
    test.selectbox(key="pick-method").set_value("occlusion").run()
    healthy(test)
    test.segmented_control(key="pick-task").set_value("sentiment").run()
    healthy(test)


def test_maps_are_tested_on_request_and_stay_tested(open_page):
    test = open_page("case", case="example-5")
    before = charts(test)
    button = next(b for b in test.button if b.label == "Test these maps against chance")
    button.click().run()
    healthy(test)
    assert charts(test) == before + 1  # the curves of the one modality
    assert "Does the map of the words beat chance?" in said(test)
    test.switch_page("views/overview.py").run()
    test.switch_page("views/case.py").run()
    assert "Does the map of the words beat chance?" in said(test)


def test_a_triad_file_opens_without_a_model(open_page, evidence):
    test = open_page("case", "reports")
    upload(test, "bring-triad", "mine.triad", evidence.to_bytes())
    healthy(test)
    assert "i am so happy today" in said(test)
    assert charts(test) > 5
    for page in ("attention", "what_if"):
        test.switch_page(f"views/{page}.py").run()
        healthy(test)
        assert charts(test) > 1


def test_a_file_without_its_inputs_opens_too(open_page, evidence):
    test = open_page("case", "reports")
    upload(test, "bring-triad", "bare.triad", evidence.without_inputs().to_bytes())
    healthy(test)
    assert "were not kept" in said(test)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 nonsense", b"\x80\x04\x95 pickle", b"<html>" * 100],
    ids=["empty", "broken zip", "pickle", "html"],
)
def test_a_hostile_triad_file_gets_a_sentence(open_page, content):
    test = open_page("case")
    upload(test, "bring-triad", "<img src=x onerror=alert(1)>.triad", content)
    assert not test.exception
    assert len(test.error) == 1
    assert "Traceback" not in test.error[0].value
    assert "We did it!" in said(test)  # the session lives, and the case before stays


def test_a_changed_byte_is_refused(open_page, evidence):
    content = bytearray(evidence.to_bytes())
    content[len(content) // 2] ^= 1
    test = open_page("case", "reports")
    upload(test, "bring-triad", "changed.triad", bytes(content))
    assert len(test.error) == 1
    assert "No case is open" in said(test)


def test_a_link_opens_the_record_that_is_held(open_page, evidence, model_folder):
    test = open_page("case")
    test.query_params["kept"] = own_service(str(model_folder)).keep(evidence)
    test.run()
    healthy(test)
    assert "i am so happy today" in said(test)
    assert test.selectbox(key="pick-case").value == "own"
    next(b for b in test.button if b.label == "Make a link").click().run()
    healthy(test)
    links = [part.proto for part in test.get("link_button")]
    assert [link.label for link in links] == ["This case by a link of its own"], "without an app there is no page"
    made = links[0].url.removeprefix("?kept=")
    assert own_service(str(model_folder)).kept(made).digests == evidence.digests
    test.selectbox(key="pick-case").set_value("example-1").run()
    assert "kept" not in test.query_params


def test_a_link_to_what_is_forgotten_says_so(open_page):
    test = open_page("case", kept="A" * 22)
    assert "no longer leads to a case" in test.error[0].value
    assert "We did it!" in said(test)


def test_own_words(open_page):
    test = open_page("case")
    test.text_area(key="bring-text").set_value("i hate this awful day and I love <img src=x>")
    test.checkbox(key="bring-force").check()
    next(b for b in test.button if b.label == "Explain").click().run()
    healthy(test)
    words = said(test)
    assert "and I love &lt;img" in words
    assert "<img src=x" not in words
    assert test.selectbox(key="pick-case").value == "own"


def test_nothing_given_gets_a_sentence(open_page):
    test = open_page("case")
    next(b for b in test.button if b.label == "Explain").click().run()
    assert "Nothing was given" in test.error[0].value


def test_attention_by_layer_head_rollout_and_pair(open_page):
    test = open_page("attention")
    healthy(test)
    for key, value in (("layer", "2"), ("head", "2"), ("layer", "rollout"), ("pair", "audio-image")):
        test.selectbox(key=f"pick-{key}").set_value(value).run()
        healthy(test)
    assert charts(test) == 6


def test_attention_of_a_chosen_part_by_link(open_page):
    test = open_page("attention", unit="audio-3", direction="to")
    healthy(test)
    assert "Who in the text looks at the moment" in said(test)


def test_a_part_that_another_case_does_not_have(open_page):
    test = open_page("attention", unit="text-15")
    healthy(test)
    test.selectbox(key="pick-case").set_value("example-3").run()
    healthy(test)


def test_one_input_alone_has_no_attention(open_page):
    test = open_page("attention", case="example-5")
    healthy(test)
    assert "no attention between inputs" in said(test)


def test_take_an_input_away(open_page):
    test = open_page("what_if")
    healthy(test)
    assert "Without the voice" in said(test)


def test_a_change_by_its_link(open_page):
    test = open_page("what_if", gone="text,smell")
    healthy(test)
    assert "Without the words" in said(test)
    test = open_page("what_if", change="mask", masked="2,3,999", gone="text")
    healthy(test)
    assert test.multiselect[0].value == [1, 2]
    assert test.query_params["masked"] == "2,3"
    assert "gone" not in test.query_params


def test_mask_edit_cover_mute_and_swap(open_page):
    test = open_page("what_if")
    change = test.segmented_control(key="pick-change")
    change.set_value("mask").run()
    next(m for m in test.multiselect if m.label == "Masked words").set_value([0, 1]).run()
    healthy(test)
    assert "With words masked" in said(test)
    for kind, words in (("cover", "With a part of the picture covered"), ("mute", "muted"), ("swap", "With another")):
        test.segmented_control(key="pick-change").set_value(kind).run()
        healthy(test)
        assert words in said(test)
    test.segmented_control(key="pick-change").set_value("edit").run()
    area = next(a for a in test.text_area if a.label == "Words" and a.key != "bring-text")
    area.set_value("i hate this awful day").run()
    healthy(test)
    assert "With another text" in said(test)


def test_go_on_with_a_changed_case(open_page):
    test = open_page("what_if")
    next(b for b in test.button if b.key == "keep-change").click().run()
    healthy(test)
    assert test.selectbox(key="pick-case").value == "own"


def test_another_model_explained_it(open_page, evidence):
    from dataclasses import replace

    other = replace(evidence, prediction=replace(evidence.prediction, model={"name": "other", "hash": "0" * 64}))
    test = open_page("what_if")
    upload(test, "bring-triad", "other.triad", other.to_bytes())
    healthy(test)
    test.segmented_control(key="pick-change").set_value("edit").run()
    assert "Another model explained this case" in said(test)
    test.segmented_control(key="pick-change").set_value("remove").run()
    healthy(test)
    assert "Without the voice" in said(test)
