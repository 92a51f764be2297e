"""The case that the pages of one case speak about: opened from the examples, from what a person gives, or from a
``.triad`` file. It lives in the visitor's session and nowhere else.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from dashboard.engine import Standing
from mm_core import resources
from mm_core.evidence import Evidence
from mm_core.evidence.what_if import WhatIf
from mm_core.samples import InvalidInput, RawInputs
from mm_core.samples.limits import SAMPLE_RATE
from mm_core.serving.remote import Remote

EXAMPLES: Final = resources.EXAMPLES

REMEMBERED: Final = 24
"""Explanations that a session keeps, so that going back to a page costs nothing."""

OWN: Final = "own"
"""The slug of the visitor's own case in addresses."""

_OPEN: Final = "case-open"
_MEMORY: Final = "case-memory"
_MORE: Final = "case-more"


@dataclass(frozen=True)
class Example:
    """slug: its name in addresses. title, says: for people. given: what is explained."""

    slug: str
    title: str
    says: str
    given: RawInputs


@dataclass(frozen=True, eq=False)
class OpenCase:
    """slug: an example's or ``own``. title: for people. evidence: with its inputs where they were kept."""

    slug: str
    title: str
    evidence: Evidence

    @property
    def key(self) -> str:
        """Names this very record in widget keys, so that none outlives its case."""
        digests = "".join(self.evidence.digests[m] for m in self.evidence.present)
        about = (digests, self.evidence.prediction.model.get("hash", ""), self.evidence.task, self.evidence.label)
        return hashlib.sha256(repr(about).encode()).hexdigest()[:12]


@st.cache_resource(show_spinner=False)
def examples(folder: Path = EXAMPLES) -> tuple[Example, ...]:
    """The cases that ship; none where the folder is not there."""
    listed = folder / "examples.json"
    if not listed.is_file():
        return ()
    rows: list[dict[str, Any]] = json.loads(listed.read_text(encoding="utf-8"))
    return tuple(
        Example(
            slug=f"example-{number}",
            title=row["title"],
            says=row["says"],
            given=RawInputs(
                text=row["text"],
                image=folder / row["image"] if row["image"] else None,
                audio=folder / row["audio"] if row["audio"] else None,
            ),
        )
        for number, row in enumerate(rows, start=1)
    )


def own_case() -> OpenCase | None:
    """The visitor's own case, if there is one."""
    return st.session_state.get(_OPEN)


def keep_as_own(title: str, evidence: Evidence) -> OpenCase:
    """Make a record the visitor's own case."""
    case = OpenCase(OWN, title, evidence)
    st.session_state[_OPEN] = case
    return case


def open_example(example: Example, now: Standing) -> OpenCase:
    """Explain an example; InvalidInput where there is no model."""
    return OpenCase(example.slug, example.title, explained(example.given, now))


def explained(given: RawInputs, now: Standing, **options: Any) -> Evidence:
    """The record of what was given, with its inputs, remembered by model and content."""
    if now.engine is None:
        raise InvalidInput(f"{now.reason} Open a .triad file instead, or start a model.")
    engine = now.engine
    key = (now.hash, _digest(given), repr(sorted(options.items())))
    return _remembered(key, lambda: engine.explain(given, keep_inputs=True, **options))


def explained_again(evidence: Evidence, now: Standing, **options: Any) -> Evidence:
    """The inputs of a record, explained by the model that answers now: another class or other methods."""
    if now.engine is None:
        raise InvalidInput(f"{now.reason} Explaining again needs a model.")
    engine = now.engine
    key = (now.hash, repr(sorted(evidence.digests.items())), repr(sorted(options.items())))
    return _remembered(key, lambda: engine.explain(_handed(evidence, now), keep_inputs=True, **options))


def changed(evidence: Evidence, now: Standing, **change: Any) -> WhatIf:
    """One change to a record, remembered like an explanation; see ``Case.changed``."""
    if now.engine is None:
        raise InvalidInput(f"{now.reason} This change needs a model; taking an input away does not.")
    engine = now.engine
    digested = {k: hashlib.sha256(v).hexdigest() if isinstance(v, bytes) else v for k, v in change.items()}
    about = (evidence.task, evidence.label, sorted(evidence.digests.items()), sorted(digested.items()))
    return _remembered(("what-if", now.hash, repr(about)), lambda: engine.what_if(evidence, **change))


def enriched(case: OpenCase) -> OpenCase:
    """The case with the maps and tests that were added to it in this session."""
    more = st.session_state.get(_MORE, {}).get(case.key)
    return case if more is None else replace(case, evidence=more)


def enrich(case: OpenCase, evidence: Evidence) -> None:
    """Keep a record that has more maps or tests than the case's own."""
    kept: OrderedDict[str, Evidence] = st.session_state.setdefault(_MORE, OrderedDict())
    kept[case.key] = evidence
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)


def given_of(evidence: Evidence) -> RawInputs:
    """The kept inputs of a record as files without loss; InvalidInput where they were not kept."""
    inputs = evidence.inputs
    if inputs is None:
        raise InvalidInput(
            "The inputs were not kept with this case, so it can't be explained again. Give them anew instead."
        )
    return RawInputs(
        text=inputs.text,
        image=None if inputs.pixels is None else png(inputs.pixels),
        audio=None if inputs.waveform is None else wav(inputs.waveform),
        force=evidence.present,
    )


def png(pixels: NDArray[np.uint8]) -> bytes:
    """(H, W, 3) uint8 RGB as a PNG file."""
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "PNG")
    return out.getvalue()


def wav(waveform: NDArray[np.float32]) -> bytes:
    """A waveform (T,) at 16 kHz as a WAV file of floats."""
    out = io.BytesIO()
    soundfile.write(out, waveform, SAMPLE_RATE, format="WAV", subtype="FLOAT")
    return out.getvalue()


def _handed(evidence: Evidence, now: Standing) -> Any:
    if isinstance(now.engine, Remote):
        return given_of(evidence)
    from mm_core.evidence.inputs import sample_of  # loads torch

    return sample_of(evidence)


def _remembered(key: tuple[str, ...], make: Callable[[], Any]) -> Any:
    memory: OrderedDict[tuple[str, ...], Any] = st.session_state.setdefault(_MEMORY, OrderedDict())
    if key not in memory:
        with st.spinner("Asking the model…", show_time=True):
            memory[key] = make()
        while len(memory) > REMEMBERED:
            memory.popitem(last=False)
    memory.move_to_end(key)
    return memory[key]


def _digest(given: RawInputs) -> str:
    digest = hashlib.sha256(repr((given.text, given.force, given.noise_reduction)).encode())
    for content in (given.image, given.audio):
        part = content if isinstance(content, bytes) or content is None else Path(content).read_bytes()
        digest.update(b"none" if part is None else hashlib.sha256(part).digest())
    return digest.hexdigest()
