"""The case that the pages of one case speak about: opened from the examples, from what a person gives, or from a
``.triad`` file. It lives in the visitor's session and nowhere else.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

import streamlit as st

from dashboard.engine import EngineStatus
from mm_core import resources
from mm_core.evidence import Evidence
from mm_core.evidence.change import Change
from mm_core.evidence.inputs import sample_of
from mm_core.evidence.what_if import WhatIf, from_record
from mm_core.locale import say
from mm_core.samples import InvalidInput, RawInputs

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


def open_example(example: Example, now: EngineStatus) -> OpenCase:
    """Explain an example; InvalidInput where there is no model."""
    return OpenCase(example.slug, example.title, explained(example.given, now))


def explained(
    given: RawInputs,
    now: EngineStatus,
    label: str | None = None,
    task: str = "emotion",
    methods: Sequence[str] | None = None,
) -> Evidence:
    """The record of what was given, with its inputs, remembered by model and content."""
    if now.client is None:
        raise InvalidInput(say("explain-needs-model", reason=now.reason))
    client = now.client
    key = (now.hash, _digest(given), repr((label, task, methods)))
    return _remembered(key, lambda: client.explain(given, label, task, methods))


def explained_again(
    evidence: Evidence, now: EngineStatus, label: str, task: str, methods: Sequence[str] | None = None
) -> Evidence:
    """The inputs of a record, explained by the model that answers now: another class or other methods."""
    if now.client is None:
        raise InvalidInput(say("explain-again-needs-model", reason=now.reason))
    client = now.client
    key = (now.hash, repr(sorted(evidence.digests.items())), repr((label, task, methods)))
    return _remembered(key, lambda: client.explain(sample_of(evidence), label, task, methods))


def changed(evidence: Evidence, now: EngineStatus, change: Change) -> WhatIf:
    """One change to a record, remembered like an explanation; where the model that made it does not answer, as the
    record alone tells it."""
    client = now.client
    if client is None or evidence.prediction.model.get("hash") != now.hash:
        answered = from_record(evidence.without_inputs(), change)
        if answered is None:
            raise InvalidInput(say("change-needs-model", reason=now.reason))
        return answered
    asked = {f.name: getattr(change, f.name) for f in fields(change)}
    digested = {k: hashlib.sha256(v).hexdigest() if isinstance(v, bytes) else v for k, v in asked.items()}
    about = (evidence.task, evidence.label, sorted(evidence.digests.items()), digested)
    return _remembered(("what-if", now.hash, repr(about)), lambda: client.what_if(evidence, change))


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


def _remembered(key: tuple[str, ...], make: Callable[[], Any]) -> Any:
    memory: OrderedDict[tuple[str, ...], Any] = st.session_state.setdefault(_MEMORY, OrderedDict())
    if key not in memory:
        with st.spinner(say("case-asking"), show_time=True):
            memory[key] = make()
        while len(memory) > REMEMBERED:
            memory.popitem(last=False)
    memory.move_to_end(key)
    return memory[key]


def _digest(given: RawInputs) -> str:
    digest = hashlib.sha256(repr((given.text, given.force, given.noise_reduction, given.face)).encode())
    for content in (given.image, given.audio, given.reference):
        part = content if isinstance(content, bytes) or content is None else Path(content).read_bytes()
        digest.update(b"none" if part is None else hashlib.sha256(part).digest())
    return digest.hexdigest()
