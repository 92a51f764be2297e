"""Gradio's Image as an input that opens no file: only ``mm_core.samples`` decodes what people send."""

from __future__ import annotations

from abc import ABCMeta
from base64 import b64decode
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.component_meta import ComponentMeta
from gradio.data_classes import ImageData


class _WithoutStub(ComponentMeta):
    """For each class of components Gradio writes a stub file beside its source; for this one it does not."""

    def __new__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> Any:
        return ABCMeta.__new__(cls, name, bases, attributes)


class Picture(gr.Image, metaclass=_WithoutStub):
    """An input for a picture; its value is the path of the uploaded file, unopened.

    A class of its own, since Gradio makes a component anew from its class whenever an event updates it.
    """

    is_template = True
    """Drawn in the browser by Image's own code."""

    def preprocess(self, payload: ImageData | None) -> str | None:
        return None if payload is None else payload.path


class StreamedPicture(gr.Image, metaclass=_WithoutStub):
    """A camera that sends picture after picture; the value is one of them as it came, undecoded: bytes (N,) uint8."""

    is_template = True

    def preprocess(self, payload: ImageData | None) -> np.ndarray | None:
        if payload is None:
            return None
        url = payload.url or ""
        try:
            if url.startswith("data:"):
                return np.frombuffer(b64decode(url.partition(",")[2], validate=True), np.uint8)
            return None if payload.path is None else np.frombuffer(Path(payload.path).read_bytes(), np.uint8)
        except (ValueError, OSError):
            return None
