"""A tiny Gradio page beside the REST routes, started as the true one is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

from mm_core.errors import TriadError
from mm_core.samples import RawInputs
from mm_core.serving import logs
from mm_core.serving.launch import serve
from mm_core.serving.service import Service

_served: dict[int, Any] = {}


def page_app(service: Service) -> Any:
    """The whole ASGI app of the page that is being served with this service."""
    return _served[id(service)]


@contextmanager
def served_page(service: Service) -> Iterator[str]:
    """The address of the page while it is served."""

    def answer(text: str | None, image: str | None, audio: str | None) -> str:
        try:
            return service.predict(RawInputs(text, image, audio, force=("image", "audio"))).emotion.label
        except TriadError as error:
            raise gr.Error(str(error)) from None

    with gr.Blocks(delete_cache=(60, 60)) as demo:
        given = [gr.Textbox(), gr.Image(type="filepath"), gr.Audio(type="filepath")]
        gr.Button().click(answer, given, gr.Textbox(), api_name="answer")
    before = list(logs.LOGGER.handlers), logs.LOGGER.propagate
    # Its own port: others may be testing on Gradio's usual ones.
    served = serve(demo, service, port=free_port(), quiet=True)
    _served[id(service)] = demo.app
    try:
        yield served.url
    finally:
        _served.pop(id(service), None)
        demo.close(verbose=False)
        logs.LOGGER.handlers[:], logs.LOGGER.propagate = before


def free_port() -> int:
    """A port that nobody uses at the moment."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
