"""One worker for one model: bounded queues whose items run in batches, each with its own deadline and result.

Two lanes share the worker, in rounds (gated polling; Takagi, "Analysis of polling systems", 1986): whoever waits in
the prompt lane when a pass of the patient lane ends goes before the next such pass. So nobody there ever waits for
more than one, however much work stands in the patient lane; and that lane gets one pass a round, so it never starves.
"""

from __future__ import annotations

import contextvars
import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Generic, TypeVar

import torch

from mm_core.serving.client import Waiting
from mm_core.serving.errors import Busy, DeadlineExceeded, NoAnswer, NotReady, OutOfMemory
from mm_core.serving.limits import Limits
from mm_core.steps import Step, Steps

Content = TypeVar("Content")
Result = TypeVar("Result")

GOOD_BATCHES_TO_GROW: Final = 20
"""Batches in a row that must fit before the size that memory forced down is doubled again."""

_NEWEST_WEIGHT: Final = 0.2
"""Share of the newest batch in the running mean of seconds an item takes."""


_LOOK_SECONDS: Final = 0.25
"""Seconds between two looks at one's place in the queue."""


class Lane(Enum):
    """PROMPT: short work, which waits for one pass of the other lane at most. PATIENT: long work, best in steps."""

    PROMPT = "prompt"
    PATIENT = "patient"


@dataclass(frozen=True, eq=False)
class Job(Generic[Content, Result]):
    """A kind of work. run: contents to results, in order. check: raises NoAnswer for a result that must not leave.

    in_steps: ``run`` gives, for a single content, the Steps to its result; one pass takes one step. ValueError where
    such a job is in batches or in the prompt lane.
    """

    name: str
    run: Callable[[list[Content]], Sequence[Result]] | Callable[[list[Content]], Sequence[Steps[Result]]]
    max_batch: int = 1
    check: Callable[[Result], None] | None = None
    lane: Lane = Lane.PROMPT
    in_steps: bool = False

    def __post_init__(self) -> None:
        if self.in_steps and (self.max_batch > 1 or self.lane is Lane.PROMPT):
            raise ValueError("work in steps runs one by one, in the patient lane")


@dataclass(eq=False)
class _Item:
    """passed: whether a pass of the other lane ran while it waited. steps: of work in steps, once it has begun."""

    job: Job
    content: Any
    submitted: float
    deadline: float
    passed: bool = False
    steps: Steps[Any] | None = None
    future: Future = field(default_factory=Future)
    # ZeroGPU finds out from the caller's context whose request it is.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


class Ticket(Generic[Result]):
    """One item's place: its result, its error, or its way out."""

    def __init__(self, item: _Item, batcher: Batcher) -> None:
        self._item = item
        self._batcher = batcher

    @property
    def future(self) -> Future:
        """For asyncio; cancelling it gives the place up."""
        return self._item.future

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline, not below 0."""
        return max(0.0, self._item.deadline - self._batcher.clock())

    @property
    def ahead(self) -> int:
        """Requests that go before this one, the one in work among them; 0 once it is this one's turn."""
        return self._batcher.ahead(self._item)

    def result(self, waiting: Waiting | None = None) -> Result:
        """Wait for the result. Raises DeadlineExceeded in time and then leaves the queue, or the item's own error."""
        try:
            if waiting is not None:
                self._tell(waiting)
            return self.future.result(self.seconds_left)
        except CancelledError:
            raise DeadlineExceeded("The request was given up.") from None
        except TimeoutError:
            if self.future.done():
                raise
            self.cancel()
            raise DeadlineExceeded from None

    def cancel(self) -> None:
        """Leave the queue; work in steps ends after the one that runs, the result of any other is dropped."""
        self.future.cancel()

    def _tell(self, waiting: Waiting) -> None:
        """Call ``waiting`` whenever the place has changed, until there is a result or no time left."""
        told: int | None = None
        while not self.future.done() and self.seconds_left:
            ahead = self.ahead
            if ahead != told:
                told = ahead
                waiting(ahead)
            wait((self.future,), min(_LOOK_SECONDS, self.seconds_left))


@dataclass(frozen=True)
class State:
    """waiting: items in the queue and requests being decoded. running_for: seconds of the batch in work, None if
    idle. stuck: whether that is too long. batch_limit: the size that memory allows. closed: no more work is taken."""

    waiting: int
    running_for: float | None
    stuck: bool
    batch_limit: int
    closed: bool


class Batcher:
    """The queues and their single worker thread.

    observe: called after each batch with the job's name, its size and the seconds it took. Nobody waits longer than
    their deadline, one item's failure is its own, and results go to the item's future alone.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        observe: Callable[[str, int, float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits or Limits()
        self._observe = observe
        self.clock = clock
        self._changed = threading.Condition()
        self._lanes: dict[Lane, deque[_Item]] = {lane: deque() for lane in Lane}
        self._in_work: list[_Item] = []
        self._begun: _Item | None = None
        self._arriving: Counter[Job] = Counter()
        self._seconds: dict[str, float] = {}
        self._patient_pass = 0.0
        self._patient_free_since = -math.inf
        self._limit = self.limits.max_batch
        self._good_batches = 0
        self._running_since: float | None = None
        self._closed = False
        self._abandoned = False
        self._thread: threading.Thread | None = None

    def submit(self, job: Job[Content, Result], content: Content, deadline: float | None = None) -> Ticket[Result]:
        """Queue one item, ``deadline`` seconds from now at most. Raises Busy or NotReady at once, never waits."""
        with self._changed:
            self._admit(job.lane)
            now = self.clock()
            item = _Item(job, content, now, now + (self.limits.deadline if deadline is None else deadline))
            self._lanes[job.lane].append(item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="model", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        # Not the item: its future would hold it, and what was given, in a circle until the collector comes by.
        item.future.add_done_callback(self._forget)
        return Ticket(item, self)

    @contextmanager
    def arriving(self, job: Job) -> Iterator[None]:
        """Hold a place while a request is decoded; batches wait a moment for it. Raises Busy or NotReady."""
        with self._changed:
            self._admit(job.lane)
            self._arriving[job] += 1
        try:
            yield
        finally:
            with self._changed:
                self._arriving[job] -= 1
                self._changed.notify_all()

    def ahead(self, item: _Item) -> int:
        """Items of the same lane that go before this one, those in work among them; 0 from its turn on."""
        with self._changed:
            if item not in self._lanes[item.job.lane]:
                return 0
            working = [*self._in_work, *([] if self._begun is None else [self._begun])]
            busy = sum(other.job.lane is item.job.lane for other in dict.fromkeys(working))
            return busy + self._lanes[item.job.lane].index(item)

    def state(self) -> State:
        """How the queues and the worker are."""
        with self._changed:
            running = self._running_for()
            waiting = sum(self._waiting(lane) for lane in Lane)
            return State(waiting, running, self._stuck(), self._limit, self._closed)

    def close(self, seconds: float = 1.0) -> bool:
        """Take no more work, tell all who wait, give what has begun ``seconds`` to finish; whether it did."""
        with self._changed:
            self._closed = True
            waiting = [item for lane in self._lanes.values() for item in lane]
            for lane in self._lanes.values():
                lane.clear()
            self._changed.notify_all()
        for item in waiting:
            _settle(item, NotReady(retry_after=30))
        if self._thread is None:
            return True
        self._thread.join(seconds)
        self._abandoned = True
        return not self._thread.is_alive()

    def _admit(self, lane: Lane) -> None:
        if self._closed or self._stuck():
            raise NotReady(retry_after=30)
        waiting, wait = self._waiting(lane), self._work_before(lane)
        if waiting >= self.limits.capacity or (waiting and wait > self._patience(lane)):
            # The other lane's part is told, but turns nobody away: it is one pass, however much waits there.
            passes = self._patient_pass if lane is Lane.PROMPT and self._is_patient_work_there() else 0.0
            raise Busy(retry_after=max(1, math.ceil(wait + passes)))

    def _patience(self, lane: Lane) -> float:
        limits = self.limits
        return limits.patience if lane is Lane.PROMPT else max(limits.patience, limits.long_patience)

    def _waiting(self, lane: Lane) -> int:
        return len(self._lanes[lane]) + sum(count for job, count in self._arriving.items() if job.lane is lane)

    def _work_before(self, lane: Lane) -> float:
        """Seconds until a newcomer's turn, by what items of the same kinds have taken."""
        seconds = sum(self._seconds.get(item.job.name, 0.0) for item in self._lanes[lane])
        for job, count in self._arriving.items():
            seconds += count * self._seconds.get(job.name, 0.0) if job.lane is lane else 0.0
        if lane is Lane.PATIENT and self._begun is not None:
            lasted = self.clock() - max(self._begun.submitted, self._patient_free_since)
            seconds += max(0.0, self._seconds.get(self._begun.job.name, 0.0) - lasted)
        return seconds

    def _stuck(self) -> bool:
        running = self._running_for()
        return running is not None and running > self.limits.stuck_after

    def _running_for(self) -> float | None:
        since = self._running_since  # the worker may set it to None between two looks
        return None if since is None else self.clock() - since

    def _forget(self, future: Future) -> None:
        """Take the item that was given up out of its queue."""
        with self._changed:
            for name, lane in self._lanes.items():
                left = deque(item for item in lane if item.future is not future)
                if len(left) < len(lane):
                    self._lanes[name] = left
                    self._changed.notify_all()

    def _work(self) -> None:
        while batch := self._next_batch():
            started = self.clock()
            finished = self._attempt(batch)
            self._account(batch, self.clock() - started, finished)
            del batch  # what was given goes with its answer, not when the next person asks

    def _account(self, batch: list[_Item], took: float, finished: bool) -> None:
        """Learn from a pass how long such work takes, and end the round of the prompt lane."""
        job, now = batch[0].job, self.clock()
        with self._changed:
            self._in_work = []
            if job.lane is Lane.PROMPT:
                self._learn(job.name, took / len(batch))
            else:
                self._patient_pass += _NEWEST_WEIGHT * (took - self._patient_pass)
                for item in self._lanes[Lane.PROMPT]:
                    item.passed = True
                if finished:  # the passes of the other lane in between are part of what its own people wait
                    self._learn(job.name, now - max(batch[0].submitted, self._patient_free_since))
                    self._patient_free_since = now
        if self._observe is not None:
            self._observe(job.name, len(batch), took)

    def _learn(self, name: str, seconds: float) -> None:
        if name in self._seconds:
            self._seconds[name] += _NEWEST_WEIGHT * (seconds - self._seconds[name])
        else:  # the first batch also pays for what loads when first needed
            self._seconds[name] = 0.0

    def _next_batch(self) -> list[_Item]:
        """The next items of one job, the queue's first among them; empty when closed and what had begun is done."""
        while True:
            with self._changed:
                while not self._is_work_there() and not self._closed:
                    self._changed.wait()
                if not self._is_work_there():
                    return []
                self._linger()
                batch, late = self._take()
                self._in_work = batch
            for item in late:
                _settle(item, NotReady(retry_after=30) if self._abandoned else DeadlineExceeded())
            if batch:
                return batch

    def _is_work_there(self) -> bool:
        return bool(self._lanes[Lane.PROMPT]) or self._is_patient_work_there()

    def _is_patient_work_there(self) -> bool:
        return self._begun is not None or bool(self._lanes[Lane.PATIENT])

    def _next_lane(self) -> Lane:
        prompt = self._lanes[Lane.PROMPT]
        if prompt and (prompt[0].passed or not self._is_patient_work_there()):
            return Lane.PROMPT
        return Lane.PATIENT

    def _linger(self) -> None:
        """Wait a moment for items that are being decoded: they would otherwise run one by one behind this one."""
        end = self.clock() + self.limits.window
        while self._is_work_there() and not self._closed:
            lane = self._lanes[self._next_lane()]
            if self._next_lane() is Lane.PATIENT or not self._arriving[lane[0].job]:
                return
            full = sum(item.job is lane[0].job for item in lane) >= self._size(lane[0].job)
            left = end - self.clock()
            if full or left <= 0:
                return
            self._changed.wait(left)

    def _take(self) -> tuple[list[_Item], list[_Item]]:
        if not self._is_work_there():
            return [], []
        lane = self._next_lane()
        begun = self._begun
        if lane is Lane.PATIENT and begun is not None:
            if not (self._abandoned or begun.future.cancelled() or begun.deadline <= self.clock()):
                return [begun], []
            self._end(begun)
            return [], [begun]
        batch: list[_Item] = []
        late: list[_Item] = []
        rest: deque[_Item] = deque()
        for item in self._lanes[lane]:
            chosen = not batch or (item.job is batch[0].job and len(batch) < self._size(item.job))
            if not chosen:
                rest.append(item)
            elif item.deadline <= self.clock():
                late.append(item)
            elif item.job.in_steps or item.future.set_running_or_notify_cancel():
                batch.append(item)
        self._lanes[lane] = rest
        if batch and batch[0].job.in_steps:
            self._begun = batch[0]
        return batch, late

    def _end(self, item: _Item) -> None:
        """No more steps of this one."""
        self._begun = None
        if item.steps is not None:
            item.steps.close()
            item.steps = None

    def _size(self, job: Job) -> int:
        return min(job.max_batch, self._limit)

    def _attempt(self, items: list[_Item]) -> bool:
        """Run items together; what goes wrong together is tried one by one, so that only the bad one fails. False
        where there are more steps to come."""
        job = items[0].job
        failure: BaseException | None = None
        results: list[Any] = []
        self._running_since = self.clock()
        try:
            if job.in_steps:
                step = _next_step(items[0])
                results = [] if step.result is None else [step.result]
            else:
                results = list(items[0].context.run(job.run, [item.content for item in items]))
                if len(results) != len(items):
                    raise RuntimeError(f"{job.name} gave {len(results)} results for {len(items)} items")
        except BaseException as error:  # whatever a model throws, the worker lives
            failure = error
        self._running_since = None  # before anybody is answered: whoever was may ask again at once
        if failure is None and not results:
            return False
        if job.in_steps:
            self._end(items[0])
        if failure is not None and _is_out_of_memory(failure):
            # The traceback's frames hold the tensors that did not fit.
            failure = None
            self._halve(items)
        elif failure is not None:
            self._fail(items, failure)
        else:
            for item, result in zip(items, results, strict=True):
                self._finish(item, result, alone=len(items) == 1)
            self._grow(len(items))
        return True

    def _finish(self, item: _Item, result: Any, alone: bool) -> None:
        try:
            if item.job.check is not None:
                item.job.check(result)
        except NoAnswer as error:
            if alone:
                _settle(item, error)
            else:
                self._attempt([item])
        else:
            _answer(item, result)

    def _fail(self, items: list[_Item], failure: BaseException) -> None:
        if len(items) == 1:
            _settle(items[0], failure)
            return
        for item in items:
            self._attempt([item])

    def _halve(self, items: list[_Item]) -> None:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self._good_batches = 0
        if len(items) == 1:
            _settle(items[0], OutOfMemory(retry_after=5))
            return
        half = len(items) // 2
        with self._changed:
            self._limit = min(self._limit, max(1, half))
        self._attempt(items[:half])
        self._attempt(items[half:])

    def _grow(self, size: int) -> None:
        if size < self._limit or self._limit == self.limits.max_batch:
            return
        self._good_batches += 1
        if self._good_batches >= GOOD_BATCHES_TO_GROW:
            self._good_batches = 0
            with self._changed:
                self._limit = min(self.limits.max_batch, 2 * self._limit)


def _next_step(item: _Item) -> Step[Any]:
    """Take one step of an item's work in the context of whoever asked for it."""
    if item.steps is None:
        (item.steps,) = item.context.run(item.job.run, [item.content])
    step = item.context.run(next, item.steps, None)
    if step is None:
        raise RuntimeError(f"{item.job.name} ended without a result")
    return step


def _answer(item: _Item, result: Any) -> None:
    if _is_awaited(item):
        item.future.set_result(result)


def _settle(item: _Item, error: BaseException) -> None:
    if _is_awaited(item):
        item.future.set_exception(error)


def _is_awaited(item: _Item) -> bool:
    """Whether the item was not given up; from now on it can't be."""
    return item.future.running() or item.future.set_running_or_notify_cancel()


def _is_out_of_memory(error: BaseException) -> bool:
    # The CPU's allocator raises a plain RuntimeError.
    allocator = isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or allocator
