"""Gradio's Image as an input that opens no file: only ``mm_core.samples`` decodes what people send."""

from __future__ import annotations

from abc import ABCMeta
from typing import Any

import gradio as gr
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
