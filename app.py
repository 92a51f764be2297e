"""Triad's page and REST API: ``python app.py [--host HOST] [--port PORT] [--model FOLDER]``."""

from __future__ import annotations

import argparse
import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before gradio is imported: it asks the network otherwise


def main() -> None:
    """Load the model once, build the page, and serve it with the REST routes on one port."""
    arguments = parse()
    from mm_core.errors import TriadError
    from mm_core.serving import Service
    from mm_core.serving.launch import serve
    from webapp import page
    from webapp.context import Context

    try:
        service = Service.load(arguments.model)
    except TriadError as error:
        raise SystemExit(str(error)) from None
    serve(page.build(Context(service)), service, arguments.host, arguments.port, **page.launch_options())


def parse() -> argparse.Namespace:
    """The command line; GRADIO_SERVER_PORT and PORT set the port where --port does not."""
    port = os.environ.get("GRADIO_SERVER_PORT") or os.environ.get("PORT") or "7860"
    parser = argparse.ArgumentParser(description="Serve Triad's page and REST API.")
    parser.add_argument("--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(port))
    parser.add_argument(
        "--model", help="a folder that `python -m mm_core train` wrote; by default the embedded model"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
