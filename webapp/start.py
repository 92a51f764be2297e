"""Starting the page: the model is loaded once and answers the page and the REST API on one port."""

from __future__ import annotations

from mm_core.serving import Service
from mm_core.serving.launch import serve
from webapp import page
from webapp.context import Context


def start(model: str | None, host: str, port: int) -> None:
    """Serve until it is stopped. model: folder of a saved model, None for the embedded one; TriadError where it
    can't be used."""
    service = Service.load(model)
    serve(page.build(Context(service)), service, host, port, **page.launch_options())
