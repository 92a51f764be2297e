"""The built wheel in an environment of its own, from another folder, without a network.

The heavy libraries are those of the running environment, lent through a ``.pth`` file; what an extra brings can be
taken away from a process by name, as if it had never been installed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

import mm_core
from mm_core.cli import COMMANDS
from mm_core.extras import EXTRA_OF
from tests.serving.page import free_port

ROOT = Path(__file__).resolve().parents[2]
MAX_WHEEL_BYTES = 100e6
SECONDS = 240

GUARD = """
import os, socket, sys
from importlib.machinery import PathFinder

class Without:
    "The usual finder, to which some packages are not installed."
    absent = os.environ.get("ABSENT", "").split(",")

    @classmethod
    def find_spec(cls, name, *rest):
        return None if name.partition(".")[0] in cls.absent else PathFinder.find_spec(name, *rest)

    @classmethod
    def find_distributions(cls, *context):
        found = PathFinder.find_distributions(*context)
        return (one for one in found if one.metadata["Name"].replace("-", "_") not in cls.absent)

sys.meta_path[sys.meta_path.index(PathFinder)] = Without
connect = socket.socket.connect

def local_only(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "localhost", "::1"):
        raise OSError(f"no network: {address}")
    return connect(self, address)

socket.socket.connect = local_only
"""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Installed:
    """bin: folder of the commands. site: where the wheel was unpacked. home: an empty folder to run them from."""

    bin: Path
    site: Path
    home: Path

    def environment(self, absent: tuple[str, ...] = (), **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        quiet = {"HOME": str(self.home), "HF_HUB_OFFLINE": "1", "ABSENT": ",".join(absent)}
        return {**kept, **quiet, **more}

    def run(self, *command: str, absent: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.bin / command[0]), *command[1:]],
            cwd=self.home,
            env=self.environment(absent, **more),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = ["wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    subprocess.run([sys.executable, "-m", "pip", *build], check=True, timeout=SECONDS)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    install = ["install", "-q", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(scripts / "python"), *install], check=True)
    site = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(folder), "platbase": str(folder)}))
    arrived = {path.name for path in site.iterdir()}
    assert arrived == {"mm_core", f"triad_emotion-{mm_core.__version__}.dist-info"}
    (site / "guard.py").write_text(GUARD)
    (site / "lent.pth").write_text(f"import guard\n{sysconfig.get_path('purelib')}\n")
    return Installed(scripts, site, tmp_path_factory.mktemp("elsewhere"))


def test_the_wheel_is_small_and_names_both_licences(wheel: Path, installed: Installed) -> None:
    assert wheel.stat().st_size < MAX_WHEEL_BYTES
    (described,) = installed.site.glob("triad_emotion-*.dist-info/METADATA")
    assert "License-Expression: Apache-2.0 AND LicenseRef-Triad-Weights" in described.read_text()
    assert (described.parent / "licenses" / "assets" / "model" / "LICENSE").is_file()
    assert (installed.site / "mm_core" / "py.typed").is_file()


def test_the_command_is_the_installed_one(installed: Installed) -> None:
    told = installed.run("triad", "--version")
    assert told.stdout == f"triad {mm_core.__version__}\n", told.stderr
    where = installed.run("python", "-c", "from mm_core import resources; print(resources.HOME)")
    assert Path(where.stdout.strip()) == installed.site / "mm_core" / "bundled"


def test_every_command_explains_itself(installed: Installed) -> None:
    names = [command.__name__.rpartition(".")[2] for command in COMMANDS]
    loop = (
        "import sys; from mm_core.cli import parser\n"
        "for name in sys.argv[1:]:\n"
        "    try: parser().parse_args([name, '--help'])\n"
        "    except SystemExit as left: assert left.code == 0"
    )
    told = installed.run("python", "-c", loop, *names)
    assert told.returncode == 0, told.stderr
    assert told.stdout.count("usage: triad ") == len(names)


def test_the_shipped_tables_are_read_from_anywhere(installed: Installed) -> None:
    for name in ("lab", "compress"):
        told = installed.run("triad", name, "table")
        assert told.returncode == 0, told.stderr
        assert len(told.stdout.splitlines()) > 3


def test_the_core_alone_predicts_and_explains(installed: Installed) -> None:
    """With nothing that only an extra brings; what the libraries of the core use themselves stays."""
    absent = tuple(EXTRA_OF)
    examples = installed.site / "mm_core" / "bundled" / "assets" / "examples"
    case = ["--text", "I am so happy for you!", "--image", str(examples / "astronaut.jpg")]
    predicted = installed.run("triad", "predict", *case, "--json", absent=absent)
    assert predicted.returncode == 0, predicted.stderr
    answer = json.loads(predicted.stdout)
    assert answer["present"] == ["text", "image"]
    assert sum(answer["sentiment"]["probabilities"].values()) == pytest.approx(1.0)
    written = ["--out", "case.triad", "--html", "case.html"]
    explained = installed.run("triad", "explain", *case[:2], *written, absent=absent)
    assert explained.returncode == 0, explained.stderr
    assert (installed.home / "case.triad").stat().st_size > 1000
    assert "Plotly" in (installed.home / "case.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["app"], "app"),
        (["demo"], "app"),
        (["dashboard"], "dashboard"),
        (["train", "--stage", "text", "--data", ".", "--out", "x"], "train"),
    ],
)
def test_a_missing_extra_is_one_line(installed: Installed, command: list[str], extra: str) -> None:
    told = installed.run("triad", *command, absent=tuple(EXTRA_OF))
    assert told.returncode == 2, told.stderr
    assert f"triad-emotion[{extra}]" in told.stderr
    assert told.stderr.count("\n") == 1


def test_the_dashboard_draws_its_first_page(installed: Installed) -> None:
    script = installed.site / "mm_core" / "bundled" / "dashboard" / "app.py"
    look = (
        "import sys; from streamlit.testing.v1 import AppTest\n"
        "test = AppTest.from_file(sys.argv[1], default_timeout=120).run()\n"
        "assert not test.exception, test.exception\n"
        "import dashboard; print(dashboard.__file__)"
    )
    told = installed.run("python", "-c", look, str(script), MM_CORE_MODEL="none")
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip() == str(script.with_name("__init__.py"))


@contextmanager
def demo(installed: Installed, *arguments: str) -> Iterator[Callable[[str], httpx.Response]]:
    """``triad demo``, and a function that waits for an address of it to answer; it is asked to end afterwards."""
    log = installed.home / "demo.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [str(installed.bin / "triad"), "demo", *arguments],
            cwd=installed.home,
            env=installed.environment(),
            stdout=file,
            stderr=file,
        )

    def wait_for(url: str) -> httpx.Response:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and process.poll() is None:
            try:
                answer = httpx.get(url, timeout=5)
                if answer.status_code == 200:
                    return answer
            except httpx.HTTPError:
                pass
            time.sleep(0.5)
        raise AssertionError(log.read_text()[-2000:])

    try:
        yield wait_for
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def test_demo_serves_page_api_and_dashboard_and_ends_both(installed: Installed) -> None:
    port, beside = free_port(), free_port()
    page, dashboard = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{beside}"
    with demo(installed, "--port", str(port), "--dashboard-port", str(beside)) as wait_for:
        health = wait_for(f"{page}/health").json()
        assert (health["ready"], health["version"]) == (True, mm_core.__version__)
        assert "gradio" in httpx.get(page, timeout=60).text
        answer = httpx.post(f"{page}/predict", files={"text": (None, "What a wonderful day")}, timeout=60)
        assert answer.json()["present"] == ["text"]
        wait_for(f"{dashboard}/_stcore/health")
    for gone in (page, dashboard):
        with pytest.raises(httpx.ConnectError):
            httpx.get(gone, timeout=5)
