"""The REST routes on the page's own app and port.

A Gradio page on ZeroGPU must be started by its own ``launch()``, so the routes ride on the app that it makes.
"""

from __future__ import annotations

import inspect
from typing import Any, Final

from starlette.middleware import Middleware

from mm_core.samples.limits import MAX_FILE_BYTES
from mm_core.serving import logs
from mm_core.serving.guard import BoundedBody, NothingFromElsewhere
from mm_core.serving.rest import router
from mm_core.serving.service import Service

_OWN_CHECK: Final = "_frontend"
"""Gradio's option whether to look at its own page after the start; private, so it may go."""

MAX_BODY_BYTES: Final = 160 * 1024**2
"""Of any one request to the app, the page's own uploads of several files among them."""


def app_kwargs(service: Service) -> dict[str, Any]:
    """What Gradio's ``launch(app_kwargs=...)`` needs: the routes and two guards."""
    return {
        "title": "Triad",
        "description": "Emotion and sentiment from text, face and voice, with explanations that can be checked.",
        "routes": list(router(service).routes),
        "docs_url": None,  # FastAPI's own page loads scripts from elsewhere
        "middleware": [Middleware(BoundedBody, most=MAX_BODY_BYTES), Middleware(NothingFromElsewhere)],
    }


def serve(demo: Any, service: Service, host: str = "127.0.0.1", port: int | None = None, **options: Any) -> Any:
    """Start a Gradio page (``gradio.Blocks``) with the routes beside it; ``options`` go to ``launch`` and win.

    Returns what ``launch`` returns; it blocks unless ``prevent_thread_lock`` is given. Logs go to standard error.
    """
    logs.configure()
    service.start()
    safe: dict[str, Any] = {
        "max_file_size": MAX_FILE_BYTES,
        "show_error": False,
        "allowed_paths": [],
        "app_kwargs": app_kwargs(service),
    }
    # Once it is served, Gradio fetches its own page and gives up, the server with it, if that takes more than 3 s: a
    # busy machine is no reason to.
    if _OWN_CHECK in inspect.signature(demo.launch).parameters:
        safe[_OWN_CHECK] = False
    return demo.launch(server_name=host, server_port=port, **{**safe, **options})
