"""``python -m mm_core``: the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mm_core import __version__
from mm_core.commands import (
    compress,
    contributions,
    data,
    deploy,
    evaluate,
    explain,
    faithfulness,
    lab,
    predict,
    record,
    robustness,
    train,
)

COMMANDS = (
    predict,
    explain,
    record,
    data,
    train,
    evaluate,
    contributions,
    faithfulness,
    robustness,
    lab,
    compress,
    deploy,
)


def parser() -> argparse.ArgumentParser:
    """The parser with every command."""
    top = argparse.ArgumentParser(prog="python -m mm_core", description="Emotion from text, face and voice.")
    top.add_argument("--version", action="version", version=f"triad {__version__}")
    subparsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(subparsers)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what a person gave wrongly ends with its message and status 2."""
    from mm_core.errors import TriadError

    chosen = parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except (TriadError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
