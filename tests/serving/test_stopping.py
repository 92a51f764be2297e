"""The gate in front of the app, and waiting to be asked to stop."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading

import pytest
from starlette.types import Message, Receive, Scope, Send

from mm_core.serving.stopping import RETRY_SECONDS, Gate, Gated
from tests.conftest import ROOT

LONG = 60.0


def ask(gated: Gated, path: str = "/predict", kind: str = "http") -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(gated({"type": kind, "path": path, "headers": []}, receive, send))
    return sent


class Inside:
    """An app that tells how many the gate counts while it answers."""

    def __init__(self, fails: bool = False) -> None:
        self.gate = Gate()
        self.fails = fails
        self.counted: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.counted.append(self.gate.inside)
        if self.fails:
            raise RuntimeError("the app breaks")
        await send({"type": "http.response.start", "status": 200, "headers": []})


def test_an_open_gate_counts_who_is_inside() -> None:
    app = Inside()
    assert ask(Gated(app, app.gate))[0]["status"] == 200
    assert (app.counted, app.gate.inside) == ([1], 0)


def test_whoever_breaks_inside_has_left() -> None:
    app = Inside(fails=True)
    with pytest.raises(RuntimeError):
        ask(Gated(app, app.gate))
    assert (app.counted, app.gate.inside) == ([1], 0)


def test_heartbeats_never_end_and_do_not_count() -> None:
    app = Inside()
    ask(Gated(app, app.gate), "/gradio_api/heartbeat/abc")
    ask(Gated(app, app.gate), kind="lifespan")
    assert app.counted == [0, 0]


def test_a_shut_gate_turns_away_in_words() -> None:
    app = Inside()
    app.gate.shut()
    start, body = ask(Gated(app, app.gate))
    assert start["status"] == 503
    assert (b"retry-after", str(RETRY_SECONDS).encode()) in start["headers"]
    assert json.loads(body["body"])["error"]["code"] == "closing"
    assert app.counted == []


def test_the_gate_waits_for_those_inside_and_no_longer() -> None:
    gate = Gate()
    gate.move(1)
    assert not gate.wait_until_empty(0.05)
    leaving = threading.Timer(0.05, gate.move, (-1,))
    leaving.start()
    assert gate.wait_until_empty(LONG)
    leaving.join()


def test_both_signals_end_the_wait_and_libraries_are_left_as_they_are() -> None:
    code = (
        "import atexit, os, signal, threading\n"
        "from mm_core.serving.stopping import leave_running_threads, wait_for_signal\n"
        "for number in (signal.SIGTERM, signal.SIGINT):\n"
        "    threading.Timer(0.2, os.kill, (os.getpid(), number)).start()\n"
        "    wait_for_signal()\n"
        "    print(number.name, flush=True)\n"
        "atexit.register(print, 'libraries are torn down')\n"
        "leave_running_threads()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=LONG)
    assert (done.stdout.split(), done.returncode) == (["SIGTERM", "SIGINT"], 0), done.stderr
