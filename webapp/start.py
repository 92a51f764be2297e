"""Starting the page: the model is loaded once and answers the page and the REST API on one port."""

from __future__ import annotations

from mm_core.serving import Service
from mm_core.serving.access import Access
from mm_core.serving.launch import serve_until_stopped
from webapp import page
from webapp.context import Context


def start(model: str | None, host: str, port: int, access: Access) -> None:
    """Serve until the process is asked to stop. model: folder of a saved model, None for the embedded one; TriadError
    where it can't be used."""
    service = Service.load(model)
    serve_until_stopped(page.build(Context(service)), service, host, port, access, **page.launch_options())
