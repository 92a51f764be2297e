"""``deploy``: put the apps of the Spacefile on Hugging Face Spaces, or show what would be put there."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mm_core.commands.spacefile import Micro, bound_torch, front_matter, read_spacefile, stage
from mm_core.samples.errors import InvalidInput

ZEROGPU_BOUNDS: Final = {"torch": "<2.12", "torchvision": "<0.27"}
"""ZeroGPU runs torch 2.8 to 2.11 (hub documentation of August 2026)."""

_LISTED: Final = 400
"""Files of a Space that a dry run names one by one."""


@dataclass(frozen=True)
class Plan:
    """What one Space gets. variables are public, secrets are not; unset: names with neither a default nor a value."""

    repo: str
    folder: Path
    files: tuple[Path, ...]
    sdk: str
    hardware: str | None
    private: bool
    variables: Mapping[str, str]
    secrets: Mapping[str, str]
    unset: tuple[str, ...]
    run: str

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum((self.folder / name).stat().st_size for name in self.files)


def add_parser(subparsers: Any) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("deploy", help="put the page and the dashboard on Hugging Face Spaces")
    parser.add_argument("--owner", default="OWNER", help="user or organisation on the hub")
    parser.add_argument("--name", default="triad", help="the Spaces become NAME-app and NAME-dashboard")
    parser.add_argument("--only", metavar="MICRO", help="one micro of the Spacefile (default: all)")
    parser.add_argument("--hardware", help="such as cpu-basic or zero-a10g (default: the hub's)")
    parser.add_argument("--project", type=Path, default=Path.cwd(), help="folder of the Spacefile (default: here)")
    parser.add_argument("--stage", type=Path, help="keep the staged folders here")
    parser.add_argument("--dry-run", action="store_true", help="print files, sizes and settings; upload nothing")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Stage every micro, then print or upload it."""
    micros = [m for m in read_spacefile(arguments.project) if arguments.only in (None, m.name)]
    if not micros:
        raise InvalidInput(f"The Spacefile has no micro called {arguments.only}.")
    if not arguments.dry_run and arguments.owner == "OWNER":
        raise InvalidInput("Name the hub account with --owner, or look first with --dry-run.")
    with tempfile.TemporaryDirectory() as temporary:
        staging = arguments.stage or Path(temporary)
        for micro in micros:
            plan = prepare(
                arguments.project, micro, staging, f"{arguments.owner}/{arguments.name}", arguments.hardware
            )
            print(describe(plan))
            if not arguments.dry_run:
                print(f"  {upload(plan)}")
    return 0


def prepare(
    project: Path,
    micro: Micro,
    staging: Path,
    prefix: str,
    hardware: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Plan:
    """Stage one micro under ``staging`` and say what its Space, ``<prefix>-<micro>``, gets.

    Of the environment only what the Spacefile names is used: what has no default there becomes a secret.
    """
    given = os.environ if environment is None else environment
    folder = staging / micro.name
    if folder.exists():
        raise InvalidInput(f"The staging folder already has a {micro.name}. Remove it, or stage elsewhere.")
    folder.mkdir(parents=True)
    files = stage(project, micro, folder)
    sdk = str(front_matter(folder / "README.md")["sdk"])
    if hardware is not None and hardware.startswith("zero"):
        if sdk != "gradio":
            hardware = None  # ZeroGPU serves Gradio Spaces alone
        else:
            bound_torch(folder / "requirements.txt", ZEROGPU_BOUNDS)
    open_names = [name for name, default in micro.env.items() if default is None]
    return Plan(
        repo=f"{prefix}-{micro.name}",
        folder=folder,
        files=tuple(files),
        sdk=sdk,
        hardware=hardware,
        private=not micro.public,
        variables={name: default for name, default in micro.env.items() if default is not None},
        secrets={name: given[name] for name in open_names if given.get(name)},
        unset=tuple(name for name in open_names if not given.get(name)),
        run=micro.run,
    )


def describe(plan: Plan) -> str:
    """A plan for people; of secrets only the names."""
    sizes = [((plan.folder / name).stat().st_size, name) for name in plan.files]
    lines = [
        f"{plan.repo}: {plan.sdk} Space, {'private' if plan.private else 'public'}, "
        f"hardware {plan.hardware or 'as the hub chooses'}, {len(plan.files)} files, {plan.bytes / 1e6:.1f} MB",
        f"  starts with: {plan.run}",
        *(f"  variable {name}={value}" for name, value in plan.variables.items()),
        *(f"  secret {name} (from the environment)" for name in plan.secrets),
        *(f"  {name} is not set and is left out" for name in plan.unset),
        *(f"  {size:>12,}  {name.as_posix()}" for size, name in sizes[:_LISTED]),
    ]
    if len(sizes) > _LISTED:
        lines.append(f"  and {len(sizes) - _LISTED} more files")
    return "\n".join(lines)


def upload(plan: Plan, hub: Any = None) -> str:
    """Create or update the Space; returns its address. ``hub``: a huggingface_hub.HfApi."""
    if hub is None:
        from huggingface_hub import HfApi

        hub = HfApi()
    options = {} if plan.hardware is None else {"space_hardware": plan.hardware}
    made = hub.create_repo(
        repo_id=plan.repo, repo_type="space", space_sdk=plan.sdk, private=plan.private, exist_ok=True, **options
    )
    for name, value in plan.variables.items():
        hub.add_space_variable(plan.repo, name, value)
    for name, value in plan.secrets.items():
        hub.add_space_secret(plan.repo, name, value)
    hub.upload_folder(
        repo_id=plan.repo,
        repo_type="space",
        folder_path=plan.folder,
        commit_message="Deploy",
        delete_patterns="*",  # what is no longer included goes
    )
    return str(made)
