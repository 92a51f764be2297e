"""What may go wrong while serving, with the code, the HTTP status and the words that people get."""

from __future__ import annotations

from typing import ClassVar

from mm_core.errors import TriadError


class ServingError(TriadError):
    """A request that was not answered.

    status: of HTTP. retry_after: whole seconds after which another try makes sense, or None.
    """

    status: ClassVar[int] = 500
    words: ClassVar[str] = "Something went wrong on our side. Try again; if it stays, tell whoever runs this app."

    def __init__(self, message: str | None = None, retry_after: int | None = None) -> None:
        super().__init__(message or self.words)
        self.retry_after = retry_after


class Busy(ServingError):
    """The queue is full; nothing was begun."""

    code = "busy"
    status = 503
    words = "Many people are asking at the moment. Try again in a few seconds."


class NotReady(ServingError):
    """The model does not answer (it hangs, or the service is closing)."""

    code = "not_ready"
    status = 503
    words = "The model does not answer at the moment. Try again in a minute."


class OutOfMemory(ServingError):
    """Even one case alone did not fit into memory."""

    code = "out_of_memory"
    status = 503
    words = "There was not enough memory to answer. Try again, or give a smaller input."


class DeadlineExceeded(ServingError):
    """The answer was not there in time; the place in the queue was given up."""

    code = "deadline"
    status = 504
    words = "The answer took too long and was given up. Try again."


class NoAnswer(ServingError):
    """The model gave numbers that are no probabilities."""

    code = "no_answer"
    words = "The model gave no usable answer for this input. Try another one."


class TooLarge(ServingError):
    """The upload is over a limit; nothing of it was decoded."""

    code = "too_large"
    status = 413


class NoRoom(ServingError):
    """The disk has no room for the upload."""

    code = "no_room"
    status = 507
    words = "There is no room for more files at the moment. Try again in a few minutes."


class BadForm(ServingError):
    """The request's body is not a form that this service reads."""

    code = "bad_form"
    status = 400


class NotAForm(ServingError):
    """The request's body is of another kind."""

    code = "not_a_form"
    status = 415
    words = "Send the case as multipart/form-data, for example with curl -F, in UTF-8."


class TooSlow(ServingError):
    """The upload did not arrive in time."""

    code = "too_slow"
    status = 408
    words = "The upload took too long. Send a smaller file or use a faster connection."


class ClientLeft(ServingError):
    """The client closed the connection; nobody reads this."""

    code = "left"
    status = 499
    words = "The client left."
