"""Deploying: a valid Spacefile, folders that start on their own, and the hub's calls, to a hub that is none."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from PIL import Image

from mm_core.cli import main
from mm_core.commands.deploy import ZEROGPU_BOUNDS, describe, prepare, upload
from mm_core.commands.spacefile import Micro, front_matter, read_spacefile
from mm_core.samples import InvalidInput
from mm_core.storage import EMBEDDED, save
from tests.commands.spacefile_schema import SCHEMA
from tests.serving import uploads
from tests.serving.page import free_port
from tests.toys import toy_model

ROOT = Path(__file__).parents[2]


def spacefile() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "Spacefile").read_text(encoding="utf-8"))


class TestSpacefile:
    def test_it_is_valid(self) -> None:
        jsonschema.Draft7Validator(SCHEMA).validate(spacefile())

    @pytest.mark.parametrize(
        "damage",
        [
            {"v": 1},
            {"sdk": "gradio"},
            {"app_name": "A name of more than twelve"},
            {"micros": []},
            {"micros": [{"name": "app", "src": "."}]},
            {"micros": [{"name": "app", "src": ".", "engine": "python3.12"}]},
            {"micros": [{"name": "app", "src": ".", "engine": "custom", "port": 7860}]},
            {"micros": [{"name": "app", "src": ".", "engine": "custom", "public": True, "public_routes": ["/"]}]},
        ],
    )
    def test_the_schema_refuses_what_the_platform_refused(self, damage: dict) -> None:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft7Validator(SCHEMA).validate({**spacefile(), **damage})

    def test_its_icon_is_a_png_of_512_pixels(self) -> None:
        with Image.open(ROOT / spacefile()["icon"]) as icon:
            assert (icon.format, icon.size) == ("PNG", (512, 512))

    def test_there_is_one_primary_micro_and_all_run_without_a_shell(self) -> None:
        micros = spacefile()["micros"]
        assert [micro["name"] for micro in micros if micro.get("primary")] == ["app"]
        assert all(shlex.split(micro["run"])[0] == "python" for micro in micros)

    def test_a_file_that_can_not_be_read_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="no Spacefile"):
            read_spacefile(tmp_path)
        for content in ("micros: [", "v: 0", "- 1", "micros:\n  - name: a"):
            (tmp_path / "Spacefile").write_text(content)
            with pytest.raises(InvalidInput, match="can't be read"):
                read_spacefile(tmp_path)


class TestFrontMatter:
    """Keys and limits of the hub's documentation of August 2026."""

    KEYS = (
        "title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file", "app_port",
        "base_path", "fullWidth", "header", "short_description", "models", "datasets", "tags", "thumbnail", "pinned",
        "license", "disable_embedding", "startup_duration_timeout", "custom_headers", "suggested_hardware",
        "preload_from_hub",
    )  # fmt: skip

    @pytest.mark.parametrize("name", ["app", "dashboard"])
    def test_keys_are_known_and_the_description_is_short(self, name: str) -> None:
        settings = front_matter(ROOT / "deploy" / name / "README.md")
        assert set(settings) <= set(self.KEYS)
        assert len(settings["short_description"]) <= 60
        assert settings["license"] == "other"

    def test_the_app_is_a_gradio_space_on_a_new_enough_python(self) -> None:
        settings = front_matter(ROOT / "deploy" / "app" / "README.md")
        assert (settings["sdk"], settings["app_file"], settings["python_version"]) == ("gradio", "app.py", "3.12")

    def test_the_dashboard_is_a_docker_space_that_runs_as_user_1000(self) -> None:
        settings = front_matter(ROOT / "deploy" / "dashboard" / "README.md")
        assert (settings["sdk"], settings["app_port"]) == ("docker", 7860)
        recipe = (ROOT / "deploy" / "dashboard" / "Dockerfile").read_text()
        assert "--uid 1000" in recipe
        assert "USER user" in recipe
        assert "--server.port=7860" in recipe


class TestDockerfile:
    def test_it_is_not_root_has_a_health_check_and_copies_what_it_needs(self) -> None:
        recipe = (ROOT / "Dockerfile").read_text()
        assert recipe.index("USER triad") < recipe.index("pip install")
        assert "HEALTHCHECK" in recipe
        assert "/health" in recipe
        ignored = (ROOT / ".dockerignore").read_text()
        app = next(micro for micro in read_spacefile(ROOT) if micro.name == "app")
        assert all(f"!{name}" in ignored.splitlines() for name in app.include)


def micro(**changes: Any) -> Micro:
    made = {
        "name": "app", "src": ".", "include": ("app.py", "parts"), "run": "python app.py", "public": True,
        "env": {"COLOUR": "blue", "TOKEN": None},
    }  # fmt: skip
    return Micro(**{**made, **changes})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for name in ("parts/__pycache__", "deploy/app"):
        (folder / name).mkdir(parents=True)
    (folder / "app.py").write_text("print(1)")
    (folder / "private.txt").write_text("not for the hub")
    (folder / "parts/one.py").write_text("1")
    (folder / "parts/__pycache__/one.pyc").write_text("1")
    (folder / "requirements.txt").write_text("torch>=2.8\nnumpy>=2.0\n")
    (folder / "deploy/app/README.md").write_text("---\ntitle: T\nsdk: gradio\n---\n# T\n")
    return folder


class TestStaging:
    def test_it_takes_what_is_included_and_the_overlay_and_nothing_else(self, project: Path, tmp_path: Path) -> None:
        plan = prepare(project, micro(), tmp_path / "stage", "me/triad", environment={})
        assert {name.as_posix() for name in plan.files} == {"app.py", "parts/one.py", "README.md"}
        assert (plan.repo, plan.sdk, plan.private) == ("me/triad-app", "gradio", False)
        assert plan.bytes == sum(path.stat().st_size for path in plan.folder.rglob("*") if path.is_file())

    def test_defaults_are_variables_and_the_rest_secrets_of_the_environment(
        self, project: Path, tmp_path: Path
    ) -> None:
        environment = {"TOKEN": "hidden", "COLOUR": "red", "OTHER": "x"}
        plan = prepare(project, micro(), tmp_path / "stage", "me/triad", environment=environment)
        assert (plan.variables, plan.secrets, plan.unset) == ({"COLOUR": "blue"}, {"TOKEN": "hidden"}, ())
        assert "hidden" not in describe(plan)
        unset = prepare(project, micro(), tmp_path / "again", "me/triad", environment={})
        assert unset.unset == ("TOKEN",)
        assert "TOKEN is not set" in describe(unset)

    def test_zerogpu_gets_a_torch_that_it_has(self, project: Path, tmp_path: Path) -> None:
        chosen = micro(include=("app.py", "requirements.txt"))
        plan = prepare(project, chosen, tmp_path / "stage", "me/triad", "zero-a10g", {})
        lines = (plan.folder / "requirements.txt").read_text().splitlines()
        assert lines == [f"torch>=2.8,{ZEROGPU_BOUNDS['torch']}", "numpy>=2.0"]
        assert (project / "requirements.txt").read_text().startswith("torch>=2.8\n")

    @pytest.mark.parametrize("include", [("../outside",), ("/etc/passwd",), ("missing.py",)])
    def test_what_is_not_in_the_project_is_refused(self, project: Path, tmp_path: Path, include: tuple) -> None:
        (tmp_path / "outside").write_text("x")
        with pytest.raises(InvalidInput, match="not in the project"):
            prepare(project, micro(include=include), tmp_path / "stage", "me/triad", environment={})

    def test_a_space_without_settings_is_refused(self, project: Path, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="deploy/other/README"):
            prepare(project, micro(name="other"), tmp_path / "stage", "me/triad", environment={})
        (project / "deploy/app/README.md").write_text("# no settings")
        with pytest.raises(InvalidInput, match="sdk"):
            prepare(project, micro(), tmp_path / "again", "me/triad", environment={})


class Hub:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple, dict]] = []

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **options: Any) -> str:
            self.calls.append((name, args, options))
            return "https://hub.example/spaces/me/triad-app"

        return call


def test_uploading_creates_configures_and_fills_the_space(project: Path, tmp_path: Path) -> None:
    hub = Hub()
    plan = prepare(project, micro(public=False), tmp_path / "stage", "me/triad", "cpu-basic", {"TOKEN": "hidden"})
    assert upload(plan, hub).endswith("triad-app")
    (made, _, settings), *rest = hub.calls
    assert made == "create_repo"
    assert settings["repo_id"] == "me/triad-app"
    assert (settings["space_sdk"], settings["space_hardware"], settings["private"]) == ("gradio", "cpu-basic", True)
    assert rest[0][:2] == ("add_space_variable", ("me/triad-app", "COLOUR", "blue"))
    assert rest[1][:2] == ("add_space_secret", ("me/triad-app", "TOKEN", "hidden"))
    assert rest[2][0] == "upload_folder"
    assert rest[2][2]["folder_path"] == plan.folder


def test_the_hubs_client_takes_these_arguments() -> None:
    import inspect

    from huggingface_hub import HfApi

    for name, wanted in {
        "create_repo": {"repo_id", "repo_type", "space_sdk", "private", "exist_ok", "space_hardware"},
        "add_space_variable": {"repo_id", "key", "value"},
        "add_space_secret": {"repo_id", "key", "value"},
        "upload_folder": {"repo_id", "repo_type", "folder_path", "commit_message", "delete_patterns"},
    }.items():
        assert wanted <= set(inspect.signature(getattr(HfApi, name)).parameters)


def test_a_dry_run_prints_both_spaces(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "--dry-run", "--owner", "me", "--project", str(ROOT)]) == 0
    printed = capsys.readouterr().out
    assert "me/triad-app: gradio Space, public" in printed
    assert "me/triad-dashboard: docker Space, public" in printed
    assert "mm_core/serving/rest.py" in printed
    assert "__pycache__" not in printed
    assert "tests/" not in printed


def test_without_an_owner_nothing_is_uploaded(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", "--project", str(ROOT)]) == 2
    assert "--owner" in capsys.readouterr().err
    assert main(["deploy", "--dry-run", "--only", "nothing", "--project", str(ROOT)]) == 2


@contextmanager
def started(command: list[str], folder: Path, log: Path) -> Iterator[subprocess.Popen]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=kept, stdout=output, stderr=output)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)


def wait_for(url: str, process: subprocess.Popen, log: Path) -> httpx.Response:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            answer = httpx.get(url, timeout=5)
            if answer.status_code == 200:
                return answer
        except httpx.HTTPError:
            pass
        time.sleep(0.5)
    raise AssertionError(log.read_text()[-2000:])


@pytest.mark.slow
class TestStagedFolders:
    """What is uploaded starts on its own, elsewhere, and answers."""

    def staged(self, name: str, tmp_path: Path) -> Path:
        chosen = next(micro for micro in read_spacefile(ROOT) if micro.name == name)
        return prepare(ROOT, chosen, tmp_path, "me/triad", environment={}).folder

    def test_the_app(self, tmp_path: Path) -> None:
        folder, log, port = self.staged("app", tmp_path), tmp_path / "log", free_port()
        command = [sys.executable, "app.py", "--port", str(port)]
        if not (EMBEDDED / "model.json").is_file():
            save(toy_model(), tmp_path / "model")
            command += ["--model", str(tmp_path / "model")]
        with started(command, folder, log) as process:
            health = wait_for(f"http://127.0.0.1:{port}/health", process, log).json()
            assert health["ready"]
            answer = httpx.post(f"http://127.0.0.1:{port}/predict", **uploads.case(), timeout=60)
            assert answer.status_code == 200
            assert answer.json()["model"]["hash"] == health["hash"]
            assert "gradio" in httpx.get(f"http://127.0.0.1:{port}/").text

    def test_the_dashboard(self, tmp_path: Path) -> None:
        folder, log, port = self.staged("dashboard", tmp_path), tmp_path / "log", free_port()
        command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", f"--server.port={port}"]
        with started([*command, "--server.headless=true"], folder, log) as process:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", process, log)


def test_links_are_followed_so_that_a_staged_folder_holds_files_alone(project: Path, tmp_path: Path) -> None:
    (project / "parts/link.py").symlink_to(project / "app.py")
    plan = prepare(project, micro(), tmp_path / "stage", "me/triad", environment={})
    assert not any(path.is_symlink() for path in plan.folder.rglob("*"))
