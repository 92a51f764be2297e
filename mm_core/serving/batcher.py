"""One worker for one model: a bounded queue whose items run in batches, each with its own deadline and result."""

from __future__ import annotations

import contextvars
import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import torch

from mm_core.serving.errors import Busy, DeadlineExceeded, NoAnswer, NotReady, OutOfMemory
from mm_core.serving.limits import Limits

Content = TypeVar("Content")
Result = TypeVar("Result")

GOOD_BATCHES_TO_GROW: Final = 20
"""Batches in a row that must fit before the size that memory forced down is doubled again."""

_NEWEST_WEIGHT: Final = 0.2
"""Share of the newest batch in the running mean of seconds an item takes."""


@dataclass(frozen=True, eq=False)
class Job(Generic[Content, Result]):
    """A kind of work. run: contents to results, in order. check: raises NoAnswer for a result that must not leave."""

    name: str
    run: Callable[[list[Content]], Sequence[Result]]
    max_batch: int = 1
    check: Callable[[Result], None] | None = None


@dataclass(eq=False)
class _Item:
    job: Job
    content: Any
    deadline: float
    future: Future = field(default_factory=Future)
    # ZeroGPU finds out from the caller's context whose request it is.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


class Ticket(Generic[Result]):
    """One item's place: its result, its error, or its way out."""

    def __init__(self, item: _Item, clock: Callable[[], float]) -> None:
        self._item = item
        self._clock = clock

    @property
    def future(self) -> Future:
        """For asyncio; cancelling it gives the place up."""
        return self._item.future

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline, not below 0."""
        return max(0.0, self._item.deadline - self._clock())

    def result(self) -> Result:
        """Wait for the result. Raises DeadlineExceeded in time and then leaves the queue, or the item's own error."""
        try:
            return self.future.result(self.seconds_left)
        except CancelledError:
            raise DeadlineExceeded("The request was given up.") from None
        except TimeoutError:
            if self.future.done():
                raise
            self.cancel()
            raise DeadlineExceeded from None

    def cancel(self) -> None:
        """Leave the queue; the result of what has already begun is dropped."""
        self.future.cancel()


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
    """The queue and its single worker thread.

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
        self._clock = clock
        self._changed = threading.Condition()
        self._queue: deque[_Item] = deque()
        self._arriving: Counter[str] = Counter()
        self._seconds: dict[str, float] = {}
        self._limit = self.limits.max_batch
        self._good_batches = 0
        self._running_since: float | None = None
        self._closed = False
        self._thread: threading.Thread | None = None

    def submit(self, job: Job[Content, Result], content: Content, deadline: float | None = None) -> Ticket[Result]:
        """Queue one item, ``deadline`` seconds from now at most. Raises Busy or NotReady at once, never waits."""
        with self._changed:
            self._admit()
            item = _Item(job, content, self._clock() + (self.limits.deadline if deadline is None else deadline))
            self._queue.append(item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="model", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        # Not the item: its future would hold it, and what was given, in a circle until the collector comes by.
        item.future.add_done_callback(self._forget)
        return Ticket(item, self._clock)

    @contextmanager
    def arriving(self, job: Job) -> Iterator[None]:
        """Hold a place while a request is decoded; batches wait a moment for it. Raises Busy or NotReady."""
        with self._changed:
            self._admit()
            self._arriving[job.name] += 1
        try:
            yield
        finally:
            with self._changed:
                self._arriving[job.name] -= 1
                self._changed.notify_all()

    def state(self) -> State:
        """How the queue and the worker are."""
        with self._changed:
            running = self._running_for()
            return State(self._waiting(), running, self._stuck(), self._limit, self._closed)

    def close(self, seconds: float = 1.0) -> bool:
        """Take no more work, tell all who wait, give the batch that runs ``seconds`` to finish; whether it did."""
        with self._changed:
            self._closed = True
            waiting, self._queue = self._queue, deque()
            self._changed.notify_all()
        for item in waiting:
            if item.future.set_running_or_notify_cancel():
                item.future.set_exception(NotReady(retry_after=30))
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _admit(self) -> None:
        if self._closed or self._stuck():
            raise NotReady(retry_after=30)
        waiting, wait = self._waiting(), self._expected_wait()
        if waiting >= self.limits.capacity or (waiting and wait > self.limits.patience):
            raise Busy(retry_after=max(1, math.ceil(wait)))

    def _waiting(self) -> int:
        return len(self._queue) + self._arriving.total()

    def _expected_wait(self) -> float:
        queued = sum(self._seconds.get(item.job.name, 0.0) for item in self._queue)
        return queued + sum(self._seconds.get(name, 0.0) * count for name, count in self._arriving.items())

    def _stuck(self) -> bool:
        running = self._running_for()
        return running is not None and running > self.limits.stuck_after

    def _running_for(self) -> float | None:
        since = self._running_since  # the worker may set it to None between two looks
        return None if since is None else self._clock() - since

    def _forget(self, future: Future) -> None:
        """Take the item that was given up out of the queue."""
        with self._changed:
            left = deque(item for item in self._queue if item.future is not future)
            if len(left) < len(self._queue):
                self._queue = left
                self._changed.notify_all()

    def _work(self) -> None:
        while batch := self._next_batch():
            started = self._clock()
            self._attempt(batch)
            took = self._clock() - started
            name, size = batch[0].job.name, len(batch)
            with self._changed:
                if name in self._seconds:
                    self._seconds[name] += _NEWEST_WEIGHT * (took / size - self._seconds[name])
                else:  # the first batch also pays for what loads when first needed
                    self._seconds[name] = 0.0
            if self._observe is not None:
                self._observe(name, size, took)
            del batch  # what was given goes with its answer, not when the next person asks

    def _next_batch(self) -> list[_Item]:
        """The next items of one job, the queue's first among them; empty when closed."""
        while True:
            with self._changed:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return []
                self._linger()
                batch, late = self._take()
            for item in late:
                item.future.set_exception(DeadlineExceeded())
            if batch:
                return batch

    def _linger(self) -> None:
        """Wait a moment for items that are being decoded: they would otherwise run one by one behind this one."""
        end = self._clock() + self.limits.window
        while self._queue and not self._closed:
            job = self._queue[0].job
            full = sum(item.job is job for item in self._queue) >= self._size(job)
            left = end - self._clock()
            if full or left <= 0 or not self._arriving[job.name]:
                return
            self._changed.wait(left)

    def _take(self) -> tuple[list[_Item], list[_Item]]:
        batch: list[_Item] = []
        late: list[_Item] = []
        rest: deque[_Item] = deque()
        for item in self._queue:
            chosen = not batch or (item.job is batch[0].job and len(batch) < self._size(item.job))
            if not chosen:
                rest.append(item)
            elif item.future.set_running_or_notify_cancel():
                (late if item.deadline <= self._clock() else batch).append(item)
        self._queue = rest
        return batch, late

    def _size(self, job: Job) -> int:
        return min(job.max_batch, self._limit)

    def _attempt(self, items: list[_Item]) -> None:
        """Run items together; what goes wrong together is tried one by one, so that only the bad one fails."""
        job = items[0].job
        failure: BaseException | None = None
        results: list[Any] = []
        self._running_since = self._clock()
        try:
            results = list(items[0].context.run(job.run, [item.content for item in items]))
            if len(results) != len(items):
                raise RuntimeError(f"{job.name} gave {len(results)} results for {len(items)} items")
        except BaseException as error:  # whatever a model throws, the worker lives
            failure = error
        self._running_since = None  # before anybody is answered: whoever was may ask again at once
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

    def _finish(self, item: _Item, result: Any, alone: bool) -> None:
        try:
            if item.job.check is not None:
                item.job.check(result)
        except NoAnswer as error:
            if alone:
                item.future.set_exception(error)
            else:
                self._attempt([item])
        else:
            item.future.set_result(result)

    def _fail(self, items: list[_Item], failure: BaseException) -> None:
        if len(items) == 1:
            items[0].future.set_exception(failure)
            return
        for item in items:
            self._attempt([item])

    def _halve(self, items: list[_Item]) -> None:
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self._good_batches = 0
        if len(items) == 1:
            items[0].future.set_exception(OutOfMemory(retry_after=5))
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


def _is_out_of_memory(error: BaseException) -> bool:
    # The CPU's allocator raises a plain RuntimeError.
    allocator = isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or allocator
