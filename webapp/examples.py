"""The cases that ship with the page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent.parent / "assets" / "examples"


@dataclass(frozen=True)
class Example:
    """title, says: what a card shows. text; image, audio: absolute paths; None where there is none."""

    title: str
    says: str
    text: str | None
    image: str | None
    audio: str | None

    @property
    def modalities(self) -> tuple[str, ...]:
        """What the example gives, in house order."""
        given = (("text", self.text), ("image", self.image), ("audio", self.audio))
        return tuple(modality for modality, content in given if content is not None)


def load(folder: Path = FOLDER) -> list[Example]:
    """The examples, in the order they are shown."""
    rows = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
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
