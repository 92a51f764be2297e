"""Which face: the picture with its faces numbered, and a choice, shown where a picture holds several."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from mm_core.figures.pictures import encoded_picture
from mm_core.locale import say
from mm_core.samples import Picture
from webapp.block import block


class FacePicker:
    """The two components, and what they show for a picture."""

    def __init__(self, prefix: str) -> None:
        self.numbered = block("", f"{prefix}-faces", visible=False)
        self.choice = gr.Radio(
            label=say("faces-choose"),
            choices=[],
            visible=False,
            elem_id=f"{prefix}-face",
            elem_classes=["parts"],
        )

    @property
    def outputs(self) -> list[gr.components.Component]:
        """In the order of ``shown``."""
        return [self.numbered, self.choice]

    @staticmethod
    def shown(picture: Picture | None) -> list[Any]:
        """Updates that offer the faces of a picture; nothing where there is at most one."""
        if picture is None or len(picture.faces) < 2:
            return [gr.HTML("", visible=False), gr.Radio(choices=[], value=None, visible=False)]
        numbers = range(1, len(picture.faces) + 1)
        choices = [(say("faces-one", number=n, largest="yes" if n == 1 else "no"), n) for n in numbers]
        return [
            gr.HTML(numbered(picture), visible=True),
            gr.Radio(choices=choices, value=picture.number, visible=True),
        ]


def numbered(picture: Picture) -> str:
    """The picture as safe HTML with a numbered frame around each face, the judged one marked."""
    height, width = picture.pixels.shape[:2]
    frames = []
    for number, (box, _) in enumerate(picture.faces, start=1):
        place = {
            "left": box.left / width,
            "top": box.top / height,
            "width": (box.right - box.left) / width,
            "height": (box.bottom - box.top) / height,
        }
        style = ";".join(f"{name}:{share:.2%}" for name, share in place.items())
        kind = "face judged" if number == picture.number else "face"
        frames.append(f'<span class="{kind}" style="{style}" aria-hidden="true"><b>{number}</b></span>')
    words = escape(say("faces-alt", count=len(picture.faces), number=picture.number or 0))
    return (
        f'<div class="faces"><img src="{encoded_picture(picture.pixels)}" alt="{words}">{"".join(frames)}</div>'
        f'<p class="quiet">{words}</p>'
    )
