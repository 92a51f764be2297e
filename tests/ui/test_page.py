"""A real browser's pass through the page."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from mm_core import Evidence
from tests.samples.pictures import two_faces
from tests.ui.conftest import Visit
from webapp import examples

pytestmark = pytest.mark.browser

GROUND = """() => {
  let at = document.querySelector('.masthead');
  const bare = () => getComputedStyle(at).backgroundColor === 'rgba(0, 0, 0, 0)';
  while (at.parentElement && bare()) at = at.parentElement;
  return getComputedStyle(at).backgroundColor;
}"""
"""Runs in the browser: the colour behind the page's title."""

ANSWER_ON_TOP = """() => {
  const top = document.querySelector('#answer .bars')?.getBoundingClientRect().top;
  return top !== undefined && top < window.innerHeight;
}"""
"""Runs in the browser: the answer is there and in view."""

IN_VIEW = """where => {
  const top = document.querySelector(where).getBoundingClientRect().top;
  return top >= 0 && top < window.innerHeight;
}"""
"""Runs in the browser: what a selector names is in view."""

A_PICTURE_FAILS = "() => new Promise(done => Object.assign(new Image(), {onerror: done, src: 'data:,none'}))"
"""Runs in the browser: ends once a broken picture has run its handler, as those before it have then too."""

FITS = "() => document.documentElement.scrollWidth <= window.innerWidth"
"""Runs in the browser: nothing sticks out to the right."""

FACE, VOICE = examples.FOLDER / "astronaut.jpg", examples.FOLDER / "voice-joyful.flac"


@pytest.fixture
def no_face(tmp_path: Path) -> Path:
    path = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)).save(path)
    return path


def give_all(visit: Visit) -> None:
    visit.page.get_by_label("Words", exact=True).first.fill("i am so happy today")
    visit.give("#ask-image", FACE)
    visit.page.wait_for_selector("#ask-image img")
    visit.give("#ask-audio", VOICE)
    visit.page.locator("#ask-audio").get_by_role("button", name="Play", exact=True).wait_for()


def test_all_three_are_answered_and_explained(visit: Visit) -> None:
    give_all(visit)
    said = visit.find_out()
    assert "Judged from the words, the face and the voice" in said
    assert "words and face" in said
    assert "face and voice" in said
    visit.explained()
    visit.for_experts()
    for part in ("#shapley-plot", "#lattice-plot", "#map-image-plot", "#map-audio-plot", "#attention-plot"):
        visit.page.wait_for_selector(f"{part} .js-plotly-plot")
    assert "happy" in visit.page.locator("#map-text-foot").inner_text()


def test_words_alone(visit: Visit) -> None:
    visit.page.get_by_label("Words", exact=True).first.fill("what a great day")
    said = visit.find_out()
    assert "Judged from the words." in said
    assert "Give a second input" in said
    visit.explained()
    assert "comes from the words" in visit.page.locator("#shapley-foot").inner_text()
    for part in ("#shapley-plot", "#map-image-title", "#map-audio-title"):
        assert not visit.page.locator(part).is_visible(), "no chart of one bar, no empty column"
    assert visit.page.locator("#reasons").inner_text().startswith("Why?")
    assert visit.page.locator("#parts").count() == 0


def test_switching_one_off_shows_what_changes_and_back(visit: Visit) -> None:
    visit.page.click("#example-0")
    visit.explained()
    whole = visit.page.locator("#answer .sentence").inner_text()
    visit.page.locator("#parts").get_by_label("voice").uncheck()
    visit.page.wait_for_selector("#answer .change")
    assert "Without the voice" in visit.page.locator("#answer .change").inner_text()
    assert visit.page.locator("#answer .mark").count() == 10
    assert visit.page.locator("#reasons .reasons").count() == 0, "these are reasons of the whole answer"
    visit.page.locator("#parts").get_by_label("voice").check()
    visit.page.wait_for_selector("#answer .change", state="detached")
    visit.page.wait_for_selector("#reasons .reasons")
    assert visit.page.locator("#answer .sentence").inner_text() == whole
    for modality in ("words", "face", "voice"):
        visit.page.locator("#parts").get_by_label(modality).uncheck()
    visit.page.get_by_text("Nothing is switched on").wait_for()
    assert visit.page.locator("#answer .bars").count() == 0, "without inputs there is no answer"


def test_the_page_opens_on_an_example_that_is_answered(visits: Any, app_url: str) -> None:
    visit = visits(app_url, opening="example=0")
    visit.explained()
    assert "sure" in visit.page.locator("#answer .sentence").inner_text()
    assert visit.page.get_by_label("Words", exact=True).first.input_value().startswith("We did it!")
    visit.page.wait_for_selector("#ask-image img")
    reasons = visit.page.locator("#reasons")
    assert reasons.inner_text().startswith("Why?")
    visit.page.wait_for_selector("#map-audio-plot .js-plotly-plot")
    link = reasons.locator("a").first
    link.click()
    visit.page.wait_for_function(IN_VIEW, arg=link.get_attribute("href"))


def test_an_answer_to_other_inputs_is_marked_until_asked_again_or_undone(visit: Visit) -> None:
    words = visit.page.get_by_label("Words", exact=True).first
    words.fill("i am so happy today")
    visit.find_out()
    visit.explained()
    note = visit.page.get_by_text("The inputs have changed since this answer")
    assert not note.is_visible()
    words.fill("i am so sad today")
    note.wait_for()
    words.fill("i am so happy today")
    note.wait_for(state="hidden")
    words.fill("i am so sad today")
    note.wait_for()
    visit.choose("#target", "sadness")  # what is dimmed can still be used, and its lists open beside their fields
    visit.heading("What each input adds to sadness")
    words.press("Control+Enter")
    note.wait_for(state="hidden")
    visit.explained()
    assert "sad" in visit.page.locator("#map-text-foot").inner_text()
    visit.page.click("#example-0")
    visit.explained()
    assert not note.is_visible()


def test_webcam(visit: Visit) -> None:
    visit.page.locator("#ask-image").get_by_label("Capture from camera").click()
    visit.page.locator("#ask-image").get_by_text("Click to Access Webcam").click()
    visit.page.wait_for_function("document.querySelector('#ask-image video')?.videoWidth > 0")
    visit.page.locator("#ask-image").get_by_label("capture photo").click()
    visit.page.wait_for_selector("#ask-image img")
    said = visit.find_out()  # Chromium's fake camera shows a green picture with a pie
    assert "face was set aside" in said
    visit.page.click("#force-image")
    visit.page.wait_for_selector("#answer .bars")
    assert "Judged from the face." in visit.page.locator("#answer").inner_text()


def test_microphone(visit: Visit) -> None:
    visit.page.locator("#ask-audio").get_by_label("Record audio").click()
    visit.page.locator("#ask-audio").get_by_role("button", name="Record", exact=True).click()
    visit.page.locator("#ask-audio time", has_text=re.compile("0:0[2-9]|0:[1-5]")).wait_for()  # seconds recorded
    visit.page.locator("#ask-audio").get_by_role("button", name="Stop", exact=True).click()
    visit.page.locator("#ask-audio").get_by_role("button", name="Play", exact=True).wait_for()
    said = visit.find_out()
    assert "voice" in said
    if "set aside" in said:  # the fake microphone beeps, which is no voice
        visit.page.click("#force-audio")
        visit.page.wait_for_selector("#answer .bars")
        assert "Judged from the voice." in visit.page.locator("#answer").inner_text()


def test_a_picture_is_pasted(visit: Visit) -> None:
    visit.page.evaluate(
        """async () => {
          const canvas = Object.assign(document.createElement('canvas'), {width: 80, height: 60});
          canvas.getContext('2d').fillRect(10, 10, 30, 30);
          const blob = await new Promise(done => canvas.toBlob(done, 'image/png'));
          await navigator.clipboard.write([new ClipboardItem({'image/png': blob})]);
        }"""
    )
    visit.page.locator("#ask-image").get_by_label("Paste from clipboard").click()
    visit.page.wait_for_selector("#ask-image img")
    assert "face was set aside" in visit.find_out()


def test_what_is_set_aside_can_be_used_anyway(visit: Visit, no_face: Path) -> None:
    visit.page.get_by_label("Words", exact=True).first.fill("i am so happy today")
    visit.give("#ask-image", no_face)
    visit.page.wait_for_selector("#ask-image img")
    assert "Judged from the words." in visit.find_out()
    assert "face was left out" in visit.page.locator("#warnings").inner_text()
    visit.page.click("#force-image")
    visit.page.get_by_text("Judged from the words and the face.").wait_for()
    visit.page.locator("#force-image").wait_for(state="hidden")


def test_of_several_faces_another_can_be_chosen(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "two.png"
    two_faces().save(path)
    visit.give("#ask-image", path)
    visit.page.wait_for_selector("#ask-image img")
    visit.find_out()
    assert "the largest, face 1, is judged" in visit.page.locator("#warnings").inner_text()
    visit.page.wait_for_selector("#ask-faces img")
    assert visit.page.locator("#ask-faces .face").count() == 2
    visit.page.get_by_label("Face 2").check()
    visit.page.get_by_text("face 2 is judged, as asked").wait_for()
    visit.page.wait_for_selector("#ask-faces .judged b:text('2')")
    assert visit.page.evaluate(FITS)


def test_nothing_given_and_a_file_that_is_no_picture(visit: Visit, tmp_path: Path) -> None:
    assert "Nothing was given" in visit.find_out()
    false = tmp_path / "face.png"
    false.write_text("<html><script>window.hacked = 1</script></html>")
    visit.give("#ask-image", false)
    visit.page.wait_for_selector("#ask-image img")
    visit.find_out()
    # Not all that stands in the answer's place: Gradio's clock ("0.1/0.1s") may still run beside it.
    said = visit.page.get_by_role("alert").inner_text()
    assert "not a picture that can be read" in said
    assert "/" not in said
    assert visit.page.get_by_role("alert").count() == 1
    visit.page.click("#example-4")  # the page lives
    visit.page.wait_for_selector("#answer .bars")
    assert visit.page.evaluate("window.hacked") is None
    visit.errors.clear()  # the browser could not show the false picture, and says so


def test_text_is_never_markup(visit: Visit) -> None:
    nasty = "happy <img src=x onerror=window.hacked=1> ${window.hacked=1} {{window.hacked=1}} <b>day</b>"
    visit.page.get_by_label("Words", exact=True).first.fill(nasty)
    visit.find_out()
    visit.page.locator("#force-text").or_(visit.page.locator("#answer .bars")).first.wait_for()
    if visit.page.locator("#force-text").is_visible():
        visit.page.click("#force-text")
    visit.explained()
    visit.page.evaluate(A_PICTURE_FAILS)
    assert visit.page.evaluate("window.hacked") is None
    assert "onerror" in visit.page.locator("#map-text-foot").inner_text()
    assert visit.page.locator("#explanation img[src=x]").count() == 0


def test_another_class_method_and_measure(visit: Visit) -> None:
    visit.page.click("#example-0")
    visit.explained()
    visit.choose("#target", "anger")
    visit.heading("What each input adds to anger")
    visit.for_experts()
    visit.choose("#measure", "probability")
    visit.page.locator("#waterfall-foot").get_by_text("probability of anger").wait_for()
    visit.choose("#method", "occlusion")
    visit.page.wait_for_selector("#map-image-plot .js-plotly-plot")
    assert visit.page.locator("#explanation .notice").count() == 0


def test_attention_explorer(visit: Visit) -> None:
    visit.page.click("#example-0")
    visit.explained()
    visit.for_experts()
    visit.heading("What each part of text looks at in image more than the others")
    visit.page.get_by_text("of what chance would make").wait_for()
    visit.choose("#attention-from", "the voice")
    visit.choose("#attention-unit", "all, as they are")
    visit.heading("Attention from audio to image")
    visit.choose("#attention-to", "the words")
    visit.heading("Attention from audio to text")
    visit.choose("#attention-layer", "2")
    visit.heading("Attention from audio to text (layer 2)")
    visit.choose("#attention-head", "1")
    visit.heading("Attention from audio to text (layer 2, head 1)")
    visit.choose("#attention-from", "the words")
    visit.heading("Attention from text to image (layer 2, head 1)")
    visit.choose("#attention-unit", "happy")
    visit.heading("What “happy” looks at in the image (layer 2, head 1)")


def test_maps_are_tested_on_request_and_may_be_stopped(visit: Visit) -> None:
    visit.page.click("#example-0")
    visit.explained()
    visit.page.click("#test-maps")
    visit.page.wait_for_selector("#test-progress progress")
    visit.click_at_once("#cancel-test")
    visit.page.get_by_text("The test was cancelled").wait_for()
    visit.page.click("#test-maps")
    table = visit.page.locator("#test-progress table")
    table.wait_for()
    for words in ("the words", "the face", "the voice", "than chance"):
        assert words in table.inner_text()
    visit.page.wait_for_selector("#test-audio-plot .js-plotly-plot")
    assert "has not been tested" not in visit.page.locator("#map-image-foot").inner_text()


def test_downloads_hold_the_case(visit: Visit, tmp_path: Path) -> None:
    visit.page.click("#example-0")
    visit.explained()
    files = {}
    for button, name in (("#save-evidence", "case.triad"), ("#save-report", "case.html")):
        with visit.page.expect_download() as download:
            visit.page.click(button)
        files[name] = tmp_path / name
        assert download.value.suggested_filename == name
        download.value.save_as(files[name])
    evidence = Evidence.load(files["case.triad"])
    assert evidence.present == ("text", "image", "audio")
    assert evidence.inputs is None
    assert evidence.prediction.sentence() == visit.page.locator("#answer .sentence").inner_text()
    assert "<title>" in files["case.html"].read_text(encoding="utf-8")


def test_compare(visit: Visit) -> None:
    page = visit.page
    visit.open("Compare", "#compare-example")
    page.click("#compare-example")
    page.wait_for_selector("#compare-b-plot .js-plotly-plot")
    page.wait_for_selector("#compare-a-plot .js-plotly-plot")
    assert "in case a and" in (verdict := page.locator("#compare-verdict").inner_text().lower()) or "both" in verdict
    assert page.locator("#compare-answer-a .bars").count() == 2
    titles = [page.locator(f"#compare-{side}-title").inner_text() for side in "ab"]
    assert titles[0] == titles[1] != "", "one class"
    axes = [
        page.evaluate(f"document.querySelector('#compare-{side}-plot .js-plotly-plot').layout.xaxis.range")
        for side in "ab"
    ]
    assert axes[0] == axes[1], "one axis"


def test_compare_another_class_and_the_other_order(visit: Visit) -> None:
    page = visit.page
    visit.open("Compare", "#compare-example")
    page.click("#compare-example")
    page.wait_for_selector("#compare-b-plot .js-plotly-plot")
    visit.choose("#compare-target", "disgust")
    page.locator("#compare-verdict").get_by_text("probability of disgust").wait_for()
    page.locator("#compare-b-title").get_by_text("disgust").wait_for()
    before = [page.locator(f"#compare-answer-{side} .bars").first.inner_text() for side in "ab"]
    faces = [page.locator(f"#compare-{side}-image img").first.get_attribute("src") for side in "ab"]
    page.click("#compare-swap")
    page.wait_for_function(
        "before => document.querySelector('#compare-answer-a .bars').innerText === before", arg=before[1]
    )
    assert page.locator("#compare-answer-b .bars").first.inner_text() == before[0]
    assert [page.locator(f"#compare-{side}-image img").first.get_attribute("src") for side in "ab"] == faces[::-1]
    assert "disgust" in page.locator("#compare-a-title").inner_text(), "the class stays"
    note = page.get_by_text("The inputs have changed since this comparison")
    assert not note.is_visible(), "swapped cases are still the ones compared"
    words = page.get_by_label("Words, case A")
    before = [words.input_value()]
    words.fill("something else")
    note.wait_for()
    words.fill(before[0])
    note.wait_for(state="hidden")


def test_compare_says_what_can_t_be_used_on_its_own_side(visit: Visit) -> None:
    visit.open("Compare", "#compare-example")
    visit.page.get_by_label("Words, case A").fill("i am so happy")
    visit.page.click("#compare-start")
    visit.page.locator("#compare-answer-b").get_by_text("Nothing was given").wait_for()
    assert visit.page.locator("#compare-answer-a .bars").count() == 2
    assert not visit.page.locator("#compare-why").is_visible()


def test_batch(visit: Visit, tmp_path: Path) -> None:
    path = tmp_path / "cases.zip"
    sound = io.BytesIO()
    soundfile.write(sound, 0.1 * np.sin(np.arange(16_000) / 20), 16_000, format="WAV")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "list.csv",
            "text,image,audio\ni am so happy,face.jpg,\n<img src=x onerror=alert(1)>,,\n,gone.png,\n,,bad.wav\n",
        )
        archive.write(FACE, "face.jpg")
        archive.writestr("bad.wav", sound.getvalue()[:60])
    visit.open("Batch", "#batch-start")
    visit.page.click("#batch-start")
    visit.page.get_by_text("Choose a CSV file or a zip archive first").wait_for()
    assert "force" in visit.page.locator("#batch-empty table").inner_text()
    visit.give("#batch-file", path)
    visit.page.wait_for_selector("#batch-file .file-preview")
    visit.page.click("#batch-start")
    table = visit.page.locator("#batch-results table")
    table.wait_for()
    visit.page.locator("#batch-progress").get_by_text("Not answered: rows 2, 3 and 4").wait_for()
    assert "no file of the name" in table.inner_text()
    assert "<img src=x onerror=alert(1)>" in table.inner_text()
    with visit.page.expect_download() as download:
        visit.page.click("#batch-download")
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("row,text,image,audio,face,reference,label,error,used,referenced,emotion")
    assert not visit.page.locator("#batch-evaluation").is_visible(), "nothing is labelled"


def test_the_sample_of_a_batch_is_evaluated_and_a_row_is_opened(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    visit.open("Batch", "#batch-sample")
    with page.expect_download() as download:
        page.click("#batch-sample")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    visit.give("#batch-file", path)
    page.wait_for_selector("#batch-file .file-preview")
    page.click("#batch-start")
    for name in ("distribution", "confusion", "per-label"):
        page.wait_for_selector(f"#batch-{name}-plot .js-plotly-plot")
    assert "20 of 20 rows answered" in page.locator("#batch-progress").inner_text()
    verdict = page.locator("#batch-verdict").inner_text()
    assert re.search(r"\d+ of 16 labelled rows .* accuracy 0\.\d\d \(0\.\d\d to \d\.\d\d\)", verdict)
    page.locator("#batch-row input").first.click()
    page.get_by_role("option").filter(has_text="hopper.jpg").first.click()
    page.click("#batch-open")
    page.wait_for_selector("#answer .bars")
    visit.explained()
    assert page.get_by_label("Words", exact=True).first.input_value().startswith("The train to the city")
    assert page.locator("#ask-image img").count() == 1
    assert "words, the face and the voice" in page.locator("#headline").inner_text()


def test_dark_by_choice_and_by_the_system(visits: Any, app_url: str) -> None:
    light = visits(app_url, color_scheme="light").page
    light.get_by_role("button", name="Dark mode", pressed=False).wait_for()
    assert not light.evaluate("document.body.classList.contains('dark')")
    bright = light.evaluate(GROUND)
    light.get_by_role("button", name="Dark mode").click()
    light.get_by_role("button", name="Dark mode", pressed=True).wait_for()
    light.wait_for_function(f"before => ({GROUND})() !== before", arg=bright)
    dark = visits(app_url, color_scheme="dark").page
    dark.get_by_role("button", name="Dark mode", pressed=True).wait_for()
    assert dark.evaluate(GROUND) == light.evaluate(GROUND)


def test_a_phone_of_360_pixels(visits: Any, app_url: str) -> None:
    phone = visits(app_url, viewport={"width": 360, "height": 740})
    phone.page.click("#example-0")
    phone.explained()
    phone.page.wait_for_function(ANSWER_ON_TOP)
    phone.page.wait_for_function(FITS)
    for tab, content in (
        ("Compare", "#compare-start"),
        ("Batch", "#batch-start"),
        ("About", ".about .card"),
    ):
        phone.open(tab, content)
        phone.page.wait_for_function(FITS)


def test_the_keyboard_reaches_everything_in_order(visit: Visit) -> None:
    visit.page.get_by_label("Words", exact=True).first.focus()
    visit.page.keyboard.type("i am so happy")
    met: list[str] = []
    for _ in range(14):
        visit.page.keyboard.press("Tab")
        met.append(
            visit.page.evaluate(
                "document.activeElement.id || document.activeElement.closest('[id]:not([id^=html])')?.id || ''"
            )
        )
    places = [met.index(name) for name in ("ask-image", "ask-audio", "ask-clean", "find-out", "clear")]
    assert places == sorted(places)
    visit.page.locator("#example-4 button").focus()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#answer .bars")


def test_clear_forgets(visit: Visit) -> None:
    visit.page.click("#example-0")
    visit.explained()
    visit.page.click("#clear")
    visit.page.get_by_text("The answer appears here").wait_for()
    visit.page.locator("#explanation").wait_for(state="hidden")
    assert visit.page.get_by_label("Words", exact=True).first.input_value() == ""
    visit.page.locator("#ask-image img").wait_for(state="detached")


def test_the_page_says_what_happens_to_what_is_given(visit: Visit) -> None:
    visit.page.get_by_text("Nothing is logged or stored").first.wait_for()
    visit.open("About", ".about")
    visit.page.get_by_text("used for training").wait_for()
    visit.page.get_by_text("no evaluation report").or_(
        visit.page.get_by_text("measured with other weights")
    ).wait_for()


@pytest.mark.slow
def test_shipped_weights_answer_the_examples(visits: Any, shipped_url: str) -> None:
    visit = visits(shipped_url)
    visit.page.click("#example-0")
    visit.explained()
    assert "joy" in visit.page.locator("#answer .sentence").inner_text()
    visit.open("About", ".about")
    visit.page.get_by_text("95% intervals").first.wait_for()
