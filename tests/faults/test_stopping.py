"""Starting and stopping the true process: nobody is cut off, nothing stays, and what can't start says so at once."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from mm_core.storage import save
from tests.conftest import ROOT
from tests.serving.page import free_port
from tests.toys import toy_model

LONG = 600.0
"""Seconds after which a test that waits has failed."""


@contextmanager
def held_app(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The app in a process of its own, whose passes wait for files in ``folder``, and its address."""
    save(toy_model(), folder / "model")
    (folder / "tmp").mkdir()
    port = free_port()
    command = "import sys; from tests.faults.stopping_app import main; main(*sys.argv[1:])"
    arguments = [str(folder), "--port", str(port), "--model", str(folder / "model")]
    process = subprocess.Popen(
        [sys.executable, "-c", command, *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + LONG
    while not happened():
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def waiting(url: str) -> int:
    """Requests that wait; -1 where nobody answers."""
    try:
        return httpx.get(f"{url}/health", timeout=LONG).json()["waiting"]
    except httpx.HTTPError:
        return -1


def ask(url: str) -> httpx.Response:
    return httpx.post(f"{url}/predict", files={"text": (None, "so happy")}, timeout=LONG)


@pytest.mark.slow
def test_ten_that_run_are_answered_thirty_that_wait_are_told_and_no_file_stays(tmp_path: Path) -> None:
    with held_app(tmp_path) as (process, url), ThreadPoolExecutor(41) as people:
        until(lambda: waiting(url) == 0, process)
        (root,) = (tmp_path / "tmp").glob("triad-*")
        (root / str(process.pid) / "face.png").write_bytes(b"a face")
        first = people.submit(ask, url)
        until(lambda: (tmp_path / "pass-0").exists(), process)
        ten = [people.submit(ask, url) for _ in range(10)]
        until(lambda: waiting(url) == 10, process)
        (tmp_path / "open-0").touch()
        until(lambda: (tmp_path / "pass-1").exists(), process)
        thirty = [people.submit(ask, url) for _ in range(30)]
        until(lambda: waiting(url) == 30, process)
        process.send_signal(signal.SIGTERM)
        told = [future.result(LONG) for future in thirty]
        assert {answer.status_code for answer in told} == {503}
        assert {answer.json()["error"]["code"] for answer in told} <= {"not_ready", "closing"}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in told)
        late = ask(url)  # what runs is still being waited for
        assert (late.status_code, late.json()["error"]["code"]) == (503, "closing")
        assert process.poll() is None
        (tmp_path / "open-1").touch()
        assert [future.result(LONG).status_code for future in (first, *ten)] == [200] * 11
        assert (tmp_path / "pass-1").read_text() == "10"
        assert process.wait(LONG) == 0, process.stdout.read() if process.stdout else ""
    assert list((tmp_path / "tmp").rglob("triad-*")) == []
    assert list((tmp_path / "tmp").rglob("*.png")) == []


class Refused:
    """``triad app``, which can't start: how it ended, what it said, and the processor time that this took."""

    def __init__(self, folder: Path = ROOT, *arguments: str, **environment: str) -> None:
        code = (
            "import resource, sys\n"
            "from mm_core.cli import main\n"
            "status = main(['app', *sys.argv[1:]])\n"
            "spent = resource.getrusage(resource.RUSAGE_SELF)\n"
            "print(status, spent.ru_utime + spent.ru_stime, 'torch' in sys.modules)\n"
        )
        kept = {name: value for name, value in os.environ.items() if name not in ("PORT", "GRADIO_SERVER_PORT")}
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=folder,
            env={**kept, "PYTHONPATH": str(folder), **environment},
            capture_output=True,
            text=True,
            timeout=LONG,
        )
        status, seconds, loaded = done.stdout.split()
        self.status, self.seconds, self.loaded_torch = int(status), float(seconds), loaded == "True"
        self.lines = done.stderr.splitlines()

    def check(self, words: str) -> None:
        assert self.status == 2
        assert len(self.lines) == 1, self.lines
        assert words in self.lines[0]
        assert str(ROOT) not in self.lines[0]
        assert not self.loaded_torch
        assert self.seconds < 1.0  # of the processor: a busy machine makes it longer by the clock


class TestWhatCantStart:
    def test_a_taken_port(self) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = str(other.getsockname()[1])
            Refused(ROOT, "--port", port).check(
                f"error: Nothing can be served on 127.0.0.1, port {port}: it is taken"
            )

    def test_a_port_that_is_none(self) -> None:
        Refused(PORT="abc").check("error: There is no port 'abc': give a number from 1 to 65535")

    def test_examples_that_are_missing(self, tmp_path: Path) -> None:
        for name in ("mm_core", "webapp"):
            (tmp_path / name).symlink_to(ROOT / name)
        refused = Refused(tmp_path, "--port", str(free_port()))
        refused.check("error: The examples of the page are missing or damaged: examples.json")

    def test_an_example_whose_file_is_missing(self, tmp_path: Path) -> None:
        for name in ("mm_core", "webapp"):
            (tmp_path / name).symlink_to(ROOT / name)
        shutil.copytree(ROOT / "assets" / "examples", tmp_path / "assets" / "examples")
        (tmp_path / "assets" / "examples" / "hopper.jpg").unlink()
        refused = Refused(tmp_path, "--port", str(free_port()))
        refused.check("missing or damaged: hopper.jpg")
