"""Reading the Spacefile, and staging what it includes for one Space."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mm_core.samples.errors import InvalidInput

SPACEFILE: Final = "Spacefile"
OVERLAYS: Final = "deploy"
"""Folder of what is laid over each micro's files: README.md with the Space's settings, Dockerfile."""

_LEFT_OUT: Final = shutil.ignore_patterns("__pycache__", "*.pyc", "*.log", ".DS_Store", ".ipynb_checkpoints")
_FRONT_MATTER: Final = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


@dataclass(frozen=True)
class Micro:
    """One app of the Spacefile. include: files and folders under ``src``. env: name to default, None where whoever
    deploys is to set it."""

    name: str
    src: str
    include: tuple[str, ...]
    run: str
    public: bool
    env: Mapping[str, str | None]


def read_spacefile(root: Path) -> tuple[Micro, ...]:
    """The micros of a project; InvalidInput where the file is not readable."""
    import yaml

    try:
        content = yaml.safe_load((root / SPACEFILE).read_text(encoding="utf-8"))
        return tuple(_micro(entry) for entry in content["micros"])
    except FileNotFoundError:
        raise InvalidInput("There is no Spacefile here. Run this in the project's folder, or name it.") from None
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, UnicodeDecodeError):
        raise InvalidInput("The Spacefile can't be read. See docs/deployment.md for its form.") from None


def stage(root: Path, micro: Micro, folder: Path) -> list[Path]:
    """Copy what a micro includes, and its overlay, into an empty folder; returns the files, relative to it."""
    source = (root / micro.src).resolve()
    for name in micro.include:
        path = (source / name).resolve()
        if not path.is_relative_to(source) or not path.exists():
            raise InvalidInput(f"The Spacefile includes {name} for {micro.name}, which is not in the project.")
        target = folder / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, ignore=_LEFT_OUT, dirs_exist_ok=True)
        else:
            shutil.copy2(path, target)
    overlay = root / OVERLAYS / micro.name
    if not (overlay / "README.md").is_file():
        raise InvalidInput(f"There is no {OVERLAYS}/{micro.name}/README.md with the settings of that Space.")
    shutil.copytree(overlay, folder, ignore=_LEFT_OUT, dirs_exist_ok=True)
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def front_matter(readme: Path) -> dict[str, Any]:
    """The settings at the head of a Space's README."""
    import yaml

    found = _FRONT_MATTER.match(readme.read_text(encoding="utf-8"))
    settings = yaml.safe_load(found.group(1)) if found else None
    if not isinstance(settings, dict) or "sdk" not in settings:
        raise InvalidInput("The Space's README.md has no settings at its head. Give it at least the key sdk.")
    return settings


def bound_torch(requirements: Path, bounds: Mapping[str, str]) -> None:
    """Add an upper bound to named requirements, for hardware that has no newer ones."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    bounded = [
        f"{line},{bounds[name]}" if (name := re.split(r"[<>=,]", line)[0]) in bounds else line for line in lines
    ]
    requirements.write_text("\n".join(bounded) + "\n", encoding="utf-8")


def _micro(entry: Mapping[str, Any]) -> Micro:
    env = entry.get("presets", {}).get("env", [])
    return Micro(
        name=str(entry["name"]),
        src=str(entry["src"]),
        include=tuple(str(name) for name in entry["include"]),
        run=str(entry["run"]),
        public=bool(entry.get("public", False)),
        env={str(variable["name"]): variable.get("default") for variable in env},
    )
