"""Films through the service and over HTTP: the same windows, decoded in a process that can be killed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from mm_core.resources import EXAMPLES
from mm_core.samples import InvalidInput
from mm_core.serving.client import Client
from mm_core.serving.errors import Busy
from mm_core.serving.films import FilmProcess
from mm_core.serving.remote import Remote
from mm_core.serving.service import MOST_FILMS, Service
from mm_core.timeline import FilmFile, Options
from tests.serving.conftest import rest_app
from tests.serving.live import running
from tests.timeline.films import film, portrait, voice

SUBTITLES = b"1\n00:00:00,000 --> 00:00:01,000\nI am so happy\n"


@pytest.fixture(scope="module")
def content() -> bytes:
    return film(3.0, [portrait()], [voice(3.0)], metadata={"title": "Point Nemo"})


@pytest.fixture(scope="module")
def remote(service: Service) -> Iterator[Remote]:
    with running(rest_app(service)) as url:
        opened = Remote(url)
        yield opened
        opened.close()


@pytest.fixture(params=["service", "remote"])
def way(request: pytest.FixtureRequest) -> Client:
    return request.getfixturevalue(request.param)


def test_a_process_reads_what_this_one_reads(content):
    elsewhere, here = FilmProcess(content), FilmFile(content)
    assert elsewhere.facts == here.facts
    for one, other in zip(elsewhere.frames(), here.frames(), strict=True):
        assert (one.time, one.shown_at) == (other.time, other.shown_at)
        assert (one.pixels == other.pixels).all()
    assert [len(piece) for piece in elsewhere.sound()] == [len(piece) for piece in here.sound()]
    elsewhere.close()
    with pytest.raises(InvalidInput, match="not a film that can be read"):
        FilmProcess(b"hello")


def test_a_process_that_dies_or_hangs_is_a_refusal(content):
    dead = FilmProcess(content)
    os.kill(dead._process.pid, signal.SIGKILL)
    with pytest.raises(InvalidInput, match="too long or too much memory"):
        list(dead.frames())
    dead.close()
    hangs = FilmProcess(content, seconds=60.0)
    hangs._seconds = 0.5
    os.kill(hangs._process.pid, signal.SIGSTOP)
    started = time.monotonic()
    with pytest.raises(InvalidInput, match="too long or too much memory"):
        list(hangs.sound())
    assert time.monotonic() - started < 30
    hangs.close()


def test_both_ways_give_the_same_record(way, service, content, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    steps = list(way.watch(path, Options(hop=1.0), SUBTITLES, EXAMPLES / "voice-neutral.flac"))
    assert [w.start for step in steps for w in step.windows] == [0.0, 1.0]
    record = steps[-1].result
    assert record.words == "subtitles"
    assert record.reference == "given"
    assert record.windows[0].text == "I am so happy"
    assert record.model == {"name": service.model.name, "hash": service.model.hash}
    assert record.windows[0].contributions.keys() == set(service.model.labels)
    assert type(record).from_bytes(record.to_bytes()).sentence() == record.sentence()
    with pytest.raises(InvalidInput, match="not a film that can be read"):
        list(way.watch(b"hello"))


def test_more_films_than_places_are_turned_away(service, content):
    held = [service.watch(content) for _ in range(MOST_FILMS)]
    for steps in held:
        next(steps)
    with pytest.raises(Busy):
        next(service.watch(content))
    for steps in held:
        steps.close()
    assert next(service.watch(content)).windows


def test_rest_answers_a_line_a_window(client: TestClient, content):
    answer = client.post("/timeline", files={"film": content, "subtitles": SUBTITLES, "hop": (None, "0.5")})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["window"]["start"] for line in lines[:-1]] == [0.0, 0.5, 1.0]
    assert lines[-1]["timeline"]["sentence"].startswith("Over 3 windows")
    assert "Point Nemo" not in answer.text


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"film": b"hello"}, "not a film"),
        ({"hop": (None, "1")}, "No film was given"),
        ({"film": b"x", "hop": (None, "1e9")}, "is a number"),
        ({"film": b"x", "hop": (None, "9")}, "no more than a window"),
    ],
)
def test_what_cannot_be_watched_is_422(client: TestClient, parts, words):
    answer = client.post("/timeline", files=parts)
    assert answer.status_code == 422
    assert words in answer.json()["error"]["message"]
