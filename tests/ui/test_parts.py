"""The page's parts that need no browser: memory, markup, answers in HTML, examples, the report's table, options."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from gradio.data_classes import ImageData

from mm_core.cli import main, parser
from mm_core.evaluation.records import write_report
from mm_core.prediction import Answer, Prediction
from mm_core.samples import Notice, Sample, limits
from mm_core.serving.client import CheckedCase
from mm_core.serving.ports import port_of
from tests.figures import reports
from tests.toys import toy_model, toy_sample
from webapp import about, answer, examples, inputs, markup
from webapp.memory import Memory
from webapp.picture import Picture


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class TestMemory:
    def test_one_visit_never_sees_another(self) -> None:
        memory = Memory()
        memory.put("a", "ask", 1)
        memory.put("b", "ask", 2)
        assert (memory.get("a", "ask"), memory.get("b", "ask"), memory.get("c", "ask")) == (1, 2, None)

    def test_what_is_too_old_is_forgotten(self) -> None:
        clock = Clock()
        memory = Memory(kept_seconds=10, clock=clock)
        memory.put("a", "ask", 1)
        clock.now = 9
        assert memory.get("a", "ask") == 1
        clock.now = 11
        assert memory.get("a", "ask") is None
        assert len(memory) == 0

    def test_only_what_is_still_there_is_replaced(self) -> None:
        clock = Clock()
        memory = Memory(kept_seconds=10, clock=clock)
        first, second = [1], [1]
        memory.put("a", "ask", first)
        assert not memory.replace("a", "ask", second, [2]), "equal, but another one"
        clock.now = 9
        assert memory.replace("a", "ask", first, second)
        clock.now = 18
        assert memory.get("a", "ask") is second, "its time begins anew"
        memory.forget("a", "ask")
        assert not memory.replace("a", "ask", second, first)
        assert len(memory) == 0

    def test_sweeping_forgets_without_anybody_asking(self) -> None:
        clock = Clock()
        memory = Memory(kept_seconds=10, clock=clock)
        memory.put("a", "ask", 1)
        clock.now = 11
        assert len(memory) == 1
        memory.sweep()
        assert len(memory) == 0

    def test_it_is_bounded_and_the_oldest_goes_first(self) -> None:
        memory = Memory(most=2)
        for number in range(3):
            memory.put(str(number), "ask", number)
        assert [memory.get(str(number), "ask") for number in range(3)] == [None, 1, 2]

    def test_leaving_forgets_all_places_of_a_visit(self) -> None:
        memory = Memory()
        for visit, place in (("a", "ask"), ("a", "stop test"), ("b", "ask")):
            memory.put(visit, place, visit)
        memory.forget("a", "ask")
        assert memory.get("a", "stop test") == "a"
        memory.forget("a")
        assert len(memory) == 1


class TestPicture:
    def test_a_file_is_handed_over_unopened_by_each_copy_that_gradio_makes(self, tmp_path: Path) -> None:
        false = tmp_path / "face.png"
        false.write_text("no picture")
        given = ImageData(path=str(false), orig_name="face.png")
        first = Picture(label="Face", render=False)
        again = first.__class__(**first.constructor_args)  # as Gradio does for each update
        assert first.preprocess(given) == again.preprocess(given) == str(false)
        assert again.preprocess(None) is None
        assert again.label == "Face"

    def test_the_browser_draws_it_as_an_image_and_no_stub_lies_beside_its_source(self) -> None:
        assert Picture(render=False).get_block_name() == "image"
        assert not list(Path(examples.__file__).parent.glob("*.pyi"))


def prediction(**changes: Any) -> Prediction:
    emotion = Answer("joy", 0.876, {"anger": 0.124, "joy": 0.876}, True)
    sentiment = Answer("positive", 0.6, {"negative": 0.3, "neutral": 0.1, "positive": 0.6}, True)
    given: dict[str, Any] = {
        "emotion": emotion,
        "sentiment": sentiment,
        "agreement": {"text+audio": 0.2},
        "present": ("text", "audio"),
        "warnings": (),
        "model": {"name": "toy<b>", "hash": "0123456789"},
        "milliseconds": 12.3,
    }
    return Prediction(**{**given, **changes})


class TestAnswer:
    def test_the_sentence_comes_first_and_shares_are_whole_percents(self) -> None:
        html = answer.answered(prediction()).whole
        words = re.sub(r"<[^>]+>", "|", html).replace("&nbsp;", " ")
        assert words.index("Mostly joy, 88% sure; the voice disagrees with the words.") < words.index("Emotion")
        assert "88%" in words
        assert "12%" in words
        assert "disagree" in words
        assert "80%" in words, "how sure it is that they disagree"

    def test_bars_are_ranked_and_as_wide_as_their_share(self) -> None:
        html = markup.bars("Emotion", {"a": 0.25, "b": 0.75})
        assert html.index("width:75.0%") < html.index("width:25.0%")
        assert "mark" not in html
        assert "left:10.0%" in markup.bars("Emotion", {"a": 0.25, "b": 0.75}, {"a": 0.1, "b": 0.9})

    def test_one_modality_alone_has_nothing_to_agree_with(self) -> None:
        assert "second input" in answer.answered(prediction(agreement={}, present=("text",))).whole

    def test_not_sure_is_said(self) -> None:
        unsure = Answer("joy", 0.3, {"anger": 0.3, "joy": 0.3}, False)
        html = answer.answered(prediction(emotion=unsure, sentiment=unsure)).whole
        assert "Not sure" in html
        assert "Sentiment, not sure" in html

    def test_warnings_name_what_was_left_out(self) -> None:
        sample = Sample("hi", notices=(Notice("image", "no-face", "No face <i>."),), ignored=frozenset({"image"}))
        html = answer.warned(CheckedCase.of(sample), prediction(warnings=("No face <i>.", "Another.")))
        assert "No face &lt;i&gt;. So the face was left out of the answer." in html
        assert html.count("No face") == 1
        assert "Another." in html

    def test_nothing_from_outside_stays_markup(self) -> None:
        nasty = '<img src=x onerror="alert(1)">'
        pieces = (
            markup.heading(nasty, nasty),
            markup.notice(nasty),
            markup.reading(nasty),
            markup.details(nasty, ""),
            markup.bars(nasty, {nasty: 0.5}),
            markup.table([nasty], [[nasty, nasty]], nasty),
            markup.progress(0.5, nasty, nasty),
            answer.refused(nasty).whole,
            answer.answered(prediction(model={"name": nasty, "hash": nasty})).whole,
        )
        assert not [piece for piece in pieces if "<img" in piece or 'onerror="' in piece]


def test_what_can_be_given_is_said_with_the_limits_that_hold() -> None:
    words = inputs.limits_in_words()
    assert f"{limits.MAX_AUDIO_SECONDS:.0f} s" in words
    assert f"{limits.MAX_FILE_BYTES // 2**20} MB" in words


class TestExamples:
    def test_each_can_be_read_and_nothing_is_set_aside(self) -> None:
        for example in examples.load():
            sample = Sample.read(example.text, example.image, example.audio)
            assert sample.present == example.modalities
            assert sample.notices == ()

    def test_every_file_has_a_note_of_origin_and_is_small(self) -> None:
        notes = (examples.FOLDER / "README.md").read_text(encoding="utf-8")
        for path in examples.FOLDER.iterdir():
            named = "voice-*.flac" if path.name.startswith("voice-") else path.name
            assert path.name == "README.md" or f"`{named}`" in notes
            assert path.stat().st_size < 100_000

    def test_a_card_shows_no_path_and_its_picture_is_inside_it(self) -> None:
        card = examples.card(examples.load()[0])
        assert str(examples.FOLDER) not in card
        assert 'src="data:image/jpeg;base64,' in card
        assert "Gives words, face and voice." in card


class TestAbout:
    def test_figures_come_from_the_report_with_their_intervals(self, tmp_path: Path) -> None:
        figure = {"value": 0.654, "low": 0.63, "high": 0.671}
        metrics = {"n": 1234, "accuracy": figure, "macro_f1": figure, "uar": figure, "ece": figure}
        report = {
            "model": {"hash": "abc"},
            "split": "test",
            "made": "2026-11-22T00:00:00",
            "emotion": {"text": {"all": metrics, "meld": metrics}},
        }
        path = tmp_path / "report.json"
        path.write_text(json.dumps(report))
        html = about.measured(path, "abc")
        assert "0.65 (0.63 to 0.67)" in html
        assert "1,234" in html
        assert "other weights" not in html
        assert "other weights" in about.measured(path, "another")

    def test_what_it_has_never_met_stands_first(self, tmp_path: Path) -> None:
        path = tmp_path / "report.json"
        write_report(reports.met_strangers(), path)
        html = about.measured(path, "ab" * 32)
        first = html.index("On people and sources it has never met")
        assert first < html.index("tess: voice, emotion") < html.index("All three, emotion")
        assert "the weights that ship never saw this corpus" in html
        assert "0.38 (0.40 ± 0.03 over 5 folds)" in html

    @pytest.mark.parametrize("content", [None, "", "[]", "not json"])
    def test_without_a_report_no_figure_is_shown(self, tmp_path: Path, content: str | None) -> None:
        path = tmp_path / "report.json"
        if content is not None:
            path.write_text(content)
        assert "no evaluation report" in about.measured(path, "abc")


class TestAnswersOfOnesOwn:
    def test_bars_are_not_called_emotions(self) -> None:
        model = toy_model(labels=("calm", "urgent"))
        assert "<h3>Label</h3>" in answer.answered(model.predict(toy_sample())).bars
        assert "<h3>Emotion</h3>" in answer.answered(toy_model().predict(toy_sample())).bars


class TestCommandLine:
    @pytest.mark.parametrize(
        ("environment", "arguments", "port"),
        [
            ({}, [], 7860),
            ({"PORT": "8001"}, [], 8001),
            ({"PORT": "8001", "GRADIO_SERVER_PORT": "8002"}, [], 8002),
            ({"GRADIO_SERVER_PORT": "8002"}, ["--port", "8003"], 8003),
        ],
    )
    def test_port(
        self, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], arguments: list[str], port: int
    ) -> None:
        for name in ("PORT", "GRADIO_SERVER_PORT"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert port_of(parser().parse_args(["app", *arguments]).port) == port

    def test_a_model_that_is_not_there_is_said_in_one_line(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        assert main(["app", "--model", str(tmp_path)]) == 2
        assert capsys.readouterr().err.startswith("error: There is no model in the folder")
