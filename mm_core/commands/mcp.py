"""``triad mcp``: predict, explain and what-if as tools of a Model Context Protocol server, over standard input and
output."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mm_core.extras import require


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("mcp", help="serve the model as MCP tools to a local program", description=__doc__)
    parser.add_argument(
        "--model",
        help="folder of a saved model, or a predictor.yaml (default: the app that MM_CORE_URL names, else the "
        "embedded one)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        action="append",
        default=[],
        help="where files may be named by path; may be repeated (default: nowhere, files come in base64)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    require("mcp")
    from mm_core.serving import logs
    from mm_core.serving.chosen_client import chosen_client
    from mm_core.serving.tools import tools

    logs.configure()  # to standard error: standard output belongs to the protocol
    client = chosen_client(arguments.model)
    client.start()
    try:
        tools(client, arguments.folder).run("stdio")
    finally:
        client.close()
    return 0
