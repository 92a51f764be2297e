"""``triad``, or ``python -m mm_core``: the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mm_core import __version__
from mm_core.commands import (
    app,
    compress,
    contributions,
    dashboard,
    data,
    demo,
    deploy,
    evaluate,
    explain,
    faithfulness,
    lab,
    listen,
    mcp,
    predict,
    record,
    robustness,
    train,
    watch,
)
from mm_core.errors import TriadError
from mm_core.extras import explained

COMMANDS = (
    demo,
    app,
    dashboard,
    mcp,
    predict,
    explain,
    record,
    watch,
    listen,
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
    top = argparse.ArgumentParser(prog="triad", description="Emotion from text, face and voice.")
    top.add_argument("--version", action="version", version=f"triad {__version__}")
    subparsers = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(subparsers)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; what a person gave wrongly ends with its message and status 2."""
    chosen = parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except (TriadError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        missing = explained(error)
        if missing is None:
            raise
        print(f"error: {missing}", file=sys.stderr)
        return 2
