"""The MCP tools, asked by the package's own client in memory."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from mm_core.samples import Sample
from mm_core.samples.limits import MAX_FILE_BYTES
from mm_core.samples.raw_inputs import png, wav
from mm_core.serving.limits import Limits
from mm_core.serving.service import Service
from mm_core.serving.tools import tools
from tests.toys import toy_clip, toy_model, toy_picture

TEXT = "i am so happy today"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    running = Service(toy_model(), Limits(patience=600.0, deadline=600.0))
    yield running
    running.close()


def call(service: Any, name: str, folders: tuple[Path, ...] = (), **arguments: Any) -> tuple[bool, str]:
    """Whether the tool failed, and what it said."""

    async def ask() -> tuple[bool, str]:
        async with Client(tools(service, folders)) as client:
            result = await client.call_tool(name, arguments)
            return bool(result.is_error), "".join(part.text for part in result.content)

    return anyio.run(ask)


def answer(service: Service, name: str, folders: tuple[Path, ...] = (), **arguments: Any) -> dict[str, Any]:
    failed, said = call(service, name, folders, **arguments)
    assert not failed, said
    found: dict[str, Any] = json.loads(said)
    return found


def refusal(service: Any, name: str, folders: tuple[Path, ...] = (), **arguments: Any) -> str:
    failed, said = call(service, name, folders, **arguments)
    assert failed
    return said


def test_the_three_tools_are_listed_with_what_they_take(service):
    async def ask() -> dict[str, Any]:
        async with Client(tools(service)) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    listed = anyio.run(ask)
    assert set(listed) == {"predict", "explain", "what_if"}
    assert set(listed["predict"].input_schema["properties"]) == {"text", "image", "audio", "image_path", "audio_path"}
    assert listed["what_if"].input_schema["required"] == ["change"]
    assert "mask_words" in listed["what_if"].description


def test_predict_is_what_the_service_answers(service):
    own = service.model.predict_batch([Sample.read(text=TEXT)])[0]
    found = answer(service, "predict", text=TEXT)
    assert found["emotion"]["probabilities"] == pytest.approx(own.emotion.probabilities, abs=1e-6)
    assert found["sentence"] == own.sentence()


def test_files_come_in_base64(service):
    sound = base64.b64encode(wav(toy_clip().waveform)).decode()
    found = answer(service, "predict", text=TEXT, audio=sound)
    assert "text" in found["present"]
    said = refusal(service, "predict", image="not base64!")
    assert "not in base64" in said
    assert "not a picture" in refusal(service, "predict", image=base64.b64encode(b"GIF89a nothing").decode())


def test_files_by_path_come_from_allowed_folders_alone(service, tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "face.png").write_bytes(png(toy_picture().pixels))
    (inside / "link.png").symlink_to(outside / "face.png")
    found = answer(service, "predict", (inside,), text=TEXT, image_path=str(inside / "face.png"))
    assert "text" in found["present"]
    for path in (outside / "face.png", inside / "link.png", inside / ".." / "outside" / "face.png"):
        assert "in no folder that was allowed" in refusal(service, "predict", (inside,), image_path=str(path))
    assert "in no folder that was allowed" in refusal(service, "predict", image_path=str(inside / "face.png"))


def test_explain_says_what_each_input_and_word_adds(service):
    found = answer(service, "explain", text=TEXT, label="fear")
    game = found["contributions"]
    assert found["label"] == "fear"
    assert game["with nothing given"] + game["text"] == pytest.approx(game["with everything"], abs=1e-6)
    assert game["with everything"] == pytest.approx(found["prediction"]["emotion"]["probabilities"]["fear"], abs=1e-6)
    assert set(found["parts"]["text"]["most telling"]) == set(TEXT.split())
    assert "joy" in refusal(service, "explain", text=TEXT, label="boredom")


def test_what_if_takes_the_changes_of_rest(service):
    found = answer(service, "what_if", text=TEXT, change={"mask_words": ["happy"]})
    plain = answer(service, "predict", text=TEXT)["emotion"]["probabilities"]
    assert found["before"]["emotion"]["probabilities"] == pytest.approx(plain, abs=1e-6)
    assert sum(found["difference"]["emotion"].values()) == pytest.approx(0.0, abs=1e-6)
    assert "can't be read" in refusal(service, "what_if", text=TEXT, change={"delete": "everything"})


def test_the_limits_are_those_of_rest(service):
    assert "Nothing was given" in refusal(service, "predict")
    assert "at most 20 MB" in refusal(service, "predict", image="A" * (4 * (MAX_FILE_BYTES // 3 + 1) + 1))
    assert "too long" in refusal(service, "predict", text="a" * (2 * 1024**2 + 1))


def test_what_goes_wrong_inside_is_not_told():
    class Broken:
        def predict(self, case: Any) -> Any:
            raise RuntimeError("/secret/path")

    said = refusal(Broken(), "predict", text=TEXT)
    assert "secret" not in said
