"""The cases that ship with the page, and their cards."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import ClassVar, Final

from PIL import Image

from mm_core import resources
from mm_core.errors import TriadError
from mm_core.locale import listed, modality_word, say

FOLDER: Final = resources.EXAMPLES


THUMBNAIL_SIDE: Final = 96
"""Pixels of the picture on a card: twice what is shown, for sharp screens."""


@dataclass(frozen=True)
class Example:
    """title, says: what a card shows, a question and what is given to answer it.
    text; image, audio: absolute paths; None where there is none."""

    title: str
    says: str
    text: str | None
    image: str | None
    audio: str | None

    @property
    def modalities(self) -> tuple[str, ...]:
        """What the example gives, in MODALITIES order."""
        given = (("text", self.text), ("image", self.image), ("audio", self.audio))
        return tuple(modality for modality, content in given if content is not None)


class NoExamples(TriadError):
    """The cases that ship with the page are not where they belong."""

    code: ClassVar[str] = "no_examples"


def load(folder: Path = FOLDER) -> list[Example]:
    """The examples, in the order they are shown. NoExamples where their list or a file of theirs is missing."""
    try:
        rows = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
        files = [folder / row[kind] for row in rows for kind in ("image", "audio") if row[kind]]
        missing = next((file.name for file in files if not file.is_file()), None)
    except (OSError, ValueError, TypeError, KeyError):
        missing = "examples.json"
    if missing is not None:
        raise NoExamples(
            f"The examples of the page are missing or damaged: {missing} in assets/examples. "
            "Get the whole project again."
        )
    return [
        Example(
            title=row["title"],
            says=row["says"],
            text=row["text"],
            image=str(folder / row["image"]) if row["image"] else None,
            audio=str(folder / row["audio"]) if row["audio"] else None,
        )
        for row in rows
    ]


def card(example: Example) -> str:
    """An example as a button, with what it gives as coloured dots."""
    gives = escape(say("example-gives", inputs=listed([modality_word(m) for m in example.modalities])))
    dots = "".join(f'<i class="{m}"></i>' for m in example.modalities)
    picture = "" if example.image is None else f'<img src="{_thumbnail(Path(example.image))}" alt="" />'
    return (
        f'<button type="button" class="example"><span class="example-words">'
        f'<span class="dots apart" aria-hidden="true">{dots}</span><b>{escape(example.title)}</b>'
        f'<span>{escape(example.says)}</span><span class="sr-only">{gives}</span></span>{picture}</button>'
    )


def _thumbnail(path: Path) -> str:
    """A small picture as a data address: it shows no path and asks for no file."""
    with Image.open(path) as image:
        image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"
