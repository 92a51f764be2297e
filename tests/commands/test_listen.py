"""``listen``: a microphone that is none, and one that plays a shipped voice."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from mm_core import cli
from tests.predictors.toy import Votes
from tests.timeline.films import voice


class PortAudioError(Exception):
    pass


class Microphone:
    """Gives a voice block by block, as sounddevice's InputStream."""

    def __init__(self, **options) -> None:
        self.wave, self.place = voice(4.0), 0

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        pass

    def read(self, size):
        block = self.wave[self.place : self.place + size, None]
        self.place += size
        return block, False


@pytest.fixture(autouse=True)
def small_model(monkeypatch):
    monkeypatch.setattr("mm_core.predictors.load", lambda source: Votes())


def test_each_half_second_is_answered(monkeypatch, capsys):
    device = SimpleNamespace(InputStream=Microphone, PortAudioError=PortAudioError)
    monkeypatch.setitem(sys.modules, "sounddevice", device)
    assert cli.main(["listen", "--seconds", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 6
    assert lines[-1].lstrip().startswith("3.0 s")
    assert "%" in lines[-1]


def test_without_a_microphone_it_says_what_is_missing(monkeypatch, capsys):
    def unopened(**_):
        raise PortAudioError

    device = SimpleNamespace(InputStream=unopened, PortAudioError=PortAudioError)
    monkeypatch.setitem(sys.modules, "sounddevice", device)
    assert cli.main(["listen"]) == 2
    assert "No microphone could be opened" in capsys.readouterr().err
    assert cli.main(["listen", "--seconds", "99999"]) == 2
