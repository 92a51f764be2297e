"""One root above every error whose text may reach people."""

from __future__ import annotations

import inspect

import pytest

import mm_core
from mm_core import cli
from mm_core.errors import TriadError
from mm_core.microphone import MicrophoneUnavailable
from mm_core.samples import InvalidInput
from mm_core.serving import errors as serving_errors
from mm_core.serving.errors import ServingError
from mm_core.storage import UnusableModel


def test_every_error_that_may_be_shown_has_the_one_root() -> None:
    serving = [kind for _, kind in inspect.getmembers(serving_errors, inspect.isclass) if issubclass(kind, Exception)]
    assert len(serving) > 8
    for kind in (InvalidInput, UnusableModel, MicrophoneUnavailable, *serving):
        assert issubclass(kind, TriadError), kind
    assert mm_core.TriadError is TriadError


def test_codes_tell_the_kinds_apart() -> None:
    kinds = [InvalidInput, *(k for k in vars(serving_errors).values() if isinstance(k, type) and k is not TriadError)]
    codes = [kind.code for kind in kinds if issubclass(kind, TriadError)]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("error", [InvalidInput("Give a text."), ServingError("Try again.")])
def test_the_command_line_says_what_may_be_said(error: TriadError, monkeypatch, capsys) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr(cli.predict, "run", fail)
    assert cli.main(["predict", "--text", "hello"]) == 2
    assert capsys.readouterr().err == f"error: {error}\n"
