"""Sample: one case as given by a person, decoded, bounded and checked once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mm_core.labels import MODALITIES

from .audio import Clip, Sound, read_clip
from .decoding import IN_PROCESS, Decoder
from .errors import InvalidInput, Notice
from .faces import locate
from .image import Face, Picture, read_picture
from .language import language_of
from .reference import VoiceInput, is_about_reference, read_reference, reference_notice
from .scope import SEVERAL_FACES, check_clip, check_picture, check_text, said_of_faces
from .text import read_text

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, eq=False)
class Sample:
    """One case: text, picture of a face, voice; a modality that is not there is None.

    ``notices``: plain warnings; ``ignored``: modalities that were given but judged unusable, so they count as absent.
    ``reference``: how the same person normally sounds; the voice is judged against it, it is never judged itself.
    """

    text: str | None = None
    image: Picture | None = None
    audio: Clip | None = None
    notices: tuple[Notice, ...] = ()
    ignored: frozenset[str] = frozenset()
    reference: Clip | None = None

    @classmethod
    def read(
        cls,
        text: str | None = None,
        image: Image.Image | str | os.PathLike[str] | bytes | None = None,
        audio: Sound | None = None,
        *,
        reference: Sound | None = None,
        force: Collection[str] = (),
        noise_reduction: bool = False,
        face: int | Face | None = None,
        decoder: Decoder = IN_PROCESS,
    ) -> Sample:
        """Decode and check what a person gives; at least one of the three.

        ``reference``: some seconds of the same person's normal voice, which the voice is judged against; one that
        can't serve as such is left out with a notice. ``force`` names modalities to be used even where the checks
        say they can't be judged. ``face``: which face of the picture, by its number from 1, the largest (default),
        or by where it lies, and then none is looked for. Raises InvalidInput for what can't be decoded, for a face
        that is not there and if nothing is given.
        ``decoder``: where files are decoded, by default in this process.
        """
        unknown = set(force) - set(MODALITIES)
        if unknown:
            raise InvalidInput(f"force names modalities that are not there; use {', '.join(MODALITIES)}.")
        words, cut = read_text(text)
        notices = list(cut)
        picture = clip = normal = None
        problems: list[Notice | None] = []
        if words is not None:
            problems.append(check_text(words))
        if image is not None:
            pixels = read_picture(image, decoder.picture)
            picture = locate(pixels, face)
            notices.extend(said_of_faces(picture, asked=face is not None))
            problems.append(check_picture(picture))
        if audio is not None:
            clip, cut = read_clip(audio, noise_reduction=noise_reduction, decode=decoder.sound)
            notices.extend(cut)
            problems.append(check_clip(clip))
            if reference is not None:
                normal, noted = read_reference(reference, noise_reduction=noise_reduction, decode=decoder.sound)
                notices.extend(noted)
        elif reference is not None:
            notices.append(reference_notice("alone"))
        if words is None and picture is None and clip is None:
            raise InvalidInput("Nothing was given. Give a text, a picture of a face, a voice, or several of them.")
        found = [problem for problem in problems if problem is not None]
        notices.extend(_with_consequence(problem, problem.modality in force) for problem in found)
        ignored = frozenset(problem.modality for problem in found) - frozenset(force)
        return cls(words, picture, clip, tuple(notices), ignored, normal)

    @classmethod
    def from_row(
        cls,
        text: str | None = None,
        image: Image.Image | str | os.PathLike[str] | bytes | None = None,
        audio: Sound | None = None,
    ) -> Sample:
        """Read a data-set row: as ``read``, but the whole picture is the face and nothing is judged out of scope."""
        words, _ = read_text(text)
        picture = None if image is None else Picture.whole(read_picture(image))
        clip = None if audio is None else read_clip(audio)[0]
        return cls(words, picture, clip)

    @property
    def present(self) -> tuple[str, ...]:
        """The modalities that were given and are not ignored, in the order of MODALITIES."""
        return tuple(m for m in MODALITIES if getattr(self, m) is not None and m not in self.ignored)

    @property
    def language(self) -> str | None:
        """The language (ISO 639-1) of the words that are used; None without any."""
        return language_of(self.text) if self.text is not None and "text" in self.present else None

    @property
    def referenced(self) -> tuple[str, ...]:
        """The present modalities that are judged against a reference of the same person."""
        return () if self.reference is None else tuple(m for m in self.present if m == "audio")

    def content(self, modality: str) -> str | NDArray[Any] | VoiceInput | None:
        """What an encoder reads of one modality: the text, the face crop (h, w, 3) uint8, or the waveform (T,),
        together with its reference where there is one."""
        if modality == "text":
            return self.text
        if modality == "image":
            return self.image.crop() if self.image is not None else None
        if self.audio is None or self.reference is None:
            return self.audio.waveform if self.audio is not None else None
        return VoiceInput(self.audio.waveform, (self.reference.waveform,))

    def without(self, modality: str) -> Sample:
        """Return the sample with one modality taken out, together with its notices and its reference."""
        if modality not in MODALITIES:
            raise InvalidInput(f"There is no modality of that name; use {', '.join(MODALITIES)}.")
        notices = tuple(notice for notice in self.notices if notice.modality != modality)
        less = self.without_reference() if modality == "audio" else self
        return less.replace(**{modality: None, "notices": notices, "ignored": self.ignored - {modality}})

    def without_reference(self) -> Sample:
        """Return the sample without the normal voice and what was noted about it."""
        notices = tuple(notice for notice in self.notices if not is_about_reference(notice))
        return self.replace(reference=None, notices=notices)

    def shares(self, modality: str, other: Sample) -> bool:
        """Whether both hold the very same content of one modality, with the very same reference."""
        same = getattr(self, modality) is getattr(other, modality)
        return same and (modality != "audio" or self.reference is other.reference)

    def choosing_face(self, number: int) -> Sample:
        """Return the sample with another face of its picture, counted from 1; InvalidInput where there is none."""
        if self.image is None:
            raise InvalidInput("There is no picture to choose a face in. Give one first.")
        picture = self.image.choosing(number)
        kept = [notice for notice in self.notices if notice.code != SEVERAL_FACES]
        return self.replace(image=picture, notices=(*kept, *said_of_faces(picture, asked=True)))

    def replace(self, **changes: Any) -> Sample:
        """Return a copy with the named fields changed."""
        return replace(self, **changes)

    def with_notices(self, *notices: Notice) -> Sample:
        """Return a copy that also carries these notices; one that is already there is not repeated."""
        return self.replace(notices=tuple(dict.fromkeys((*self.notices, *notices))))

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 (hex) of the content used, for each present modality, its reference included."""
        return {
            modality: _digest(getattr(self, modality), self.reference if modality in self.referenced else None)
            for modality in self.present
        }


def _with_consequence(problem: Notice, forced: bool) -> Notice:
    outcome = "It is used all the same, as asked." if forced else "It is left out unless you choose to use it anyway."
    return replace(problem, message=f"{problem.message} {outcome}")


def _digest(content: str | Picture | Clip, reference: Clip | None) -> str:
    digest = hashlib.sha256()
    if isinstance(content, str):
        digest.update(content.encode("utf-8"))
    elif isinstance(content, Picture):
        digest.update(repr((content.pixels.shape, content.face and tuple(content.face))).encode("ascii"))
        digest.update(np.ascontiguousarray(content.upright).tobytes())
    else:
        digest.update(np.ascontiguousarray(content.waveform).tobytes())
    if reference is not None:  # as a digest of its own, so that no other cut between both gives the same bytes
        digest.update(b"reference:" + hashlib.sha256(np.ascontiguousarray(reference.waveform).tobytes()).digest())
    return digest.hexdigest()
