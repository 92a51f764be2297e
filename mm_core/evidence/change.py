"""One change to a case: what a what-if question asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from mm_core.labels import MODALITIES
from mm_core.locale import say, the_modalities
from mm_core.samples.errors import InvalidInput
from mm_core.samples.raw_inputs import File, RawInputs


@dataclass(frozen=True)
class Change:
    """Exactly one of these; InvalidInput otherwise.

    remove: modalities to take away (one may be given as a string). mask_words: words of the text, by their index
    among the units or by themselves. mask_region: left, top, right, bottom in pixels of the picture as shown. mute:
    from and to, in seconds of the clip as given. text, image, audio: something else in place of what is there.
    without_reference: the voice is no longer judged against the speaker's normal voice; the other changes keep it.
    """

    remove: str | Sequence[str] | None = None
    mask_words: Sequence[int | str] | None = None
    mask_region: Sequence[float] | None = None
    mute: tuple[float, float] | None = None
    text: str | None = None
    image: File | None = None
    audio: File | None = None
    without_reference: bool = False

    def __post_init__(self) -> None:
        asked = [getattr(self, field.name) for field in fields(self)]
        if sum(value is not None and value is not False for value in asked) != 1:
            raise InvalidInput("Ask for exactly one change at a time; make the next one on the result.")

    @property
    def removed(self) -> tuple[str, ...]:
        """The modalities to take away, none where the change is another one."""
        return (self.remove,) if isinstance(self.remove, str) else tuple(self.remove or ())

    @property
    def replacement(self) -> RawInputs | None:
        """What is put in the place of a modality, None where the change is another one."""
        if self.text is None and self.image is None and self.audio is None:
            return None
        return RawInputs(self.text, self.image, self.audio)

    def in_words(self) -> str:
        """The change for people, e.g. "Without the voice"."""
        if self.remove is not None:
            return say("change-without", inputs=the_modalities(self.removed))
        if self.without_reference:
            return say("change-without-reference")
        if self.mask_words is not None:
            return "With words masked"
        if self.mask_region is not None:
            return "With a part of the picture covered"
        if self.mute is not None:
            return f"With {self.mute[0]:.2f} to {self.mute[1]:.2f} s muted"
        return f"With another {next(m for m in MODALITIES if getattr(self, m) is not None)}"
