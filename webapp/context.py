"""What every part of the page works with: the client that answers, and the memory of open cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import gradio as gr

from mm_core.evidence import Evidence
from mm_core.evidence.inputs import sample_of
from mm_core.locale import say
from mm_core.prediction import Prediction
from mm_core.samples import InvalidInput, RawInputs
from mm_core.serving.client import Case, CheckedCase, Client, Waiting
from webapp.memory import Memory

HANDED_OVER: Final = "handed over"


def forgotten() -> str:
    """What to say where a case is no longer held."""
    return say("page-forgotten")


PROGRESS: Final = gr.Progress()
"""The default of a handler's ``progress``, by which Gradio knows that it shows some; it holds nobody's case."""


def place_shown(progress: gr.Progress) -> Waiting:
    """What shows a visitor who waits how many requests go before theirs, in the page's own progress text."""

    def show(ahead: int) -> None:
        progress((ahead, None) if ahead else None, unit=say("page-ahead", count=ahead))

    return show


@dataclass(frozen=True, eq=False)
class VisitorCase:
    """One visitor's case: what was found in it, its answer, and its explanation once there is one.

    checked: None for a record that came without its inputs.
    """

    checked: CheckedCase | None
    prediction: Prediction | None = None
    evidence: Evidence | None = None

    @classmethod
    def of(cls, evidence: Evidence) -> VisitorCase:
        """The case of a record."""
        checked = None if evidence.inputs is None else CheckedCase.of(sample_of(evidence))
        return cls(checked, evidence.prediction, evidence)

    @property
    def case(self) -> Case:
        """What to ask about it; InvalidInput where the inputs are not there."""
        if self.checked is None:
            raise InvalidInput(say("page-inputs-not-kept"))
        return self.checked.case

    @property
    def present(self) -> tuple[str, ...]:
        """The modalities that count."""
        return self.checked.present if self.checked else self.prediction.present if self.prediction else ()


@dataclass(frozen=True, eq=False)
class Context:
    """The client answers and explains; the memory holds what each visitor looks at, by form (``place``)."""

    client: Client
    memory: Memory = field(default_factory=Memory)

    @property
    def reads_reference(self) -> bool:
        """Whether the model judges a voice against the speaker's normal voice."""
        return self.client.health().reads_reference

    def begin(self, request: gr.Request, place: str) -> object:
        """Forget the case in that form and keep its place for the next one, which ``update`` puts there."""
        mark = object()
        self.memory.put(str(request.session_hash), place, mark)
        return mark

    def hold(self, request: gr.Request, place: str, case: VisitorCase) -> None:
        """Hold a case that is answered already in place of whatever was there."""
        self.memory.put(str(request.session_hash), place, case)

    def case(self, request: gr.Request, place: str) -> VisitorCase | None:
        """The visitor's case in that form, None if there is none or it has been forgotten."""
        held = self.memory.get(str(request.session_hash), place)
        return held if isinstance(held, VisitorCase) else None

    def evidence(self, request: gr.Request, place: str) -> Evidence | None:
        """The explanation of the visitor's case in that form."""
        case = self.case(request, place)
        return None if case is None else case.evidence

    def update(self, request: gr.Request, place: str, before: object, case: VisitorCase) -> bool:
        """Hold a case in place of ``before``. False where that has been cleared or replaced while this was made.

        What took a while must not bring back what a visitor has cleared, nor stand beside another case's answer.
        """
        return self.memory.replace(str(request.session_hash), place, before, case)

    def forget(self, request: gr.Request, place: str | None = None) -> None:
        """Forget the visitor's case in that form, or all of them."""
        self.memory.forget(str(request.session_hash), place)

    def hand_over(self, request: gr.Request, given: RawInputs) -> None:
        """Leave a case of another tab for the first one."""
        self.memory.put(str(request.session_hash), HANDED_OVER, given)

    def handed_over(self, request: gr.Request) -> RawInputs | None:
        """The case that was left, which is then no longer held; None if there is none."""
        given = self.memory.get(str(request.session_hash), HANDED_OVER)
        self.memory.forget(str(request.session_hash), HANDED_OVER)
        return given if isinstance(given, RawInputs) else None

    def start(self, request: gr.Request, work: str) -> None:
        """Begin a long piece of work that the visitor may stop."""
        self.memory.forget(str(request.session_hash), f"stop {work}")

    def stop(self, request: gr.Request, work: str) -> None:
        """Ask a long piece of work to end; it does so at its next step."""
        self.memory.put(str(request.session_hash), f"stop {work}", True)

    def stopped(self, request: gr.Request, work: str) -> bool:
        """Whether it was asked to end."""
        return self.memory.get(str(request.session_hash), f"stop {work}") is not None
