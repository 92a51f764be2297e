"""The queue and its worker, with jobs of plain Python: waits are for events, never for the clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import torch

from mm_core.serving.batcher import GOOD_BATCHES_TO_GROW, Batcher, Job, Lane, Ticket
from mm_core.serving.errors import Busy, DeadlineExceeded, NoAnswer, NotReady, OutOfMemory
from mm_core.serving.limits import Limits
from mm_core.steps import Step, Steps

LONG = 60.0
"""Seconds after which a test that hangs is a failed one."""


class Gate:
    """A job that waits inside the model until it is let through, and remembers its batches."""

    def __init__(self, work: Callable[[list], list] = list) -> None:
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()
        self.batches: list[list] = []
        self.work = work

    def __call__(self, contents: list) -> list:
        self.batches.append(contents)
        self.entered.release()
        assert self.open.wait(LONG)
        return self.work(contents)


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as closing:
        yield closing


def start(stack: ExitStack, clock: Callable[[], float] | None = None, **limits: float) -> Batcher:
    chosen = Limits(**{"window": 0.0, "deadline": LONG, "patience": LONG, "stuck_after": LONG, **limits})
    batcher = Batcher(chosen) if clock is None else Batcher(chosen, clock=clock)
    stack.callback(batcher.close)
    return batcher


def squares(numbers: list[int]) -> list[int]:
    return [number * number for number in numbers]


def test_every_item_gets_its_own_result(stack: ExitStack) -> None:
    batcher = start(stack, capacity=200)
    job = Job("square", squares, max_batch=7)
    results: dict[int, int] = {}

    def ask(number: int) -> None:
        results[number] = batcher.submit(job, number).result()

    people = [threading.Thread(target=ask, args=(number,)) for number in range(100)]
    for person in people:
        person.start()
    for person in people:
        person.join(LONG)
    assert results == {number: number**2 for number in range(100)}


def test_what_waits_together_runs_together_up_to_the_size(stack: ExitStack) -> None:
    batcher, gate = start(stack), Gate()
    job = Job("gate", gate, max_batch=3)
    first = batcher.submit(job, 0)
    assert gate.entered.acquire(timeout=LONG)
    others = [batcher.submit(job, number) for number in range(1, 6)]
    gate.open.set()
    assert [ticket.result() for ticket in (first, *others)] == list(range(6))
    assert gate.batches == [[0], [1, 2, 3], [4, 5]]


def test_jobs_are_not_mixed_and_the_oldest_goes_first(stack: ExitStack) -> None:
    batcher, gate = start(stack), Gate()
    one, other = Job("one", gate, max_batch=8), Job("other", gate, max_batch=8)
    tickets = [batcher.submit(one, "start")]
    assert gate.entered.acquire(timeout=LONG)
    tickets += [batcher.submit(job, name) for job, name in ((other, "a"), (one, "b"), (other, "c"), (one, "d"))]
    gate.open.set()
    assert [ticket.result() for ticket in tickets] == ["start", "a", "b", "c", "d"]
    assert gate.batches == [["start"], ["a", "c"], ["b", "d"]]


def test_a_batch_waits_for_what_is_being_decoded(stack: ExitStack) -> None:
    batcher, gate = start(stack, window=LONG), Gate()
    gate.open.set()
    job = Job("gate", gate, max_batch=4)
    with batcher.arriving(job):
        first = batcher.submit(job, 1)
        assert not gate.batches
    second = batcher.submit(job, 2)  # nothing arrives any more, so nobody waits for the window's end
    assert (first.result(), second.result()) == (1, 2)


def test_a_lone_item_waits_for_nothing(stack: ExitStack) -> None:
    batcher = start(stack, window=LONG)
    assert batcher.submit(Job("square", squares, max_batch=8), 5).result() == 25


def test_one_bad_item_fails_alone(stack: ExitStack) -> None:
    calls: list[list[int]] = []

    def work(numbers: list[int]) -> list[int]:
        calls.append(numbers)
        if 13 in numbers:
            raise ValueError("unlucky")
        return squares(numbers)

    batcher, gate = start(stack), Gate()
    hold = batcher.submit(Job("gate", gate), None)
    assert gate.entered.acquire(timeout=LONG)
    job = Job("square", work, max_batch=16)
    tickets = {number: batcher.submit(job, number) for number in range(5, 20)}
    gate.open.set()
    hold.result()
    with pytest.raises(ValueError, match="unlucky"):
        tickets.pop(13).result()
    assert {number: ticket.result() for number, ticket in tickets.items()} == {n: n * n for n in tickets}
    assert len(calls[0]) == 15


def test_a_job_that_loses_results_is_an_error_for_nobody_elses_answer(stack: ExitStack) -> None:
    batcher = start(stack)
    with pytest.raises(RuntimeError, match="0 results for 1 items"):
        batcher.submit(Job("lossy", lambda contents: []), 1).result()
    assert batcher.submit(Job("square", squares), 3).result() == 9


def test_a_result_that_must_not_leave_does_not(stack: ExitStack) -> None:
    def check(number: int) -> None:
        if number == 4:
            raise NoAnswer

    batcher, gate = start(stack), Gate()
    batcher.submit(Job("gate", gate), None)
    assert gate.entered.acquire(timeout=LONG)
    job = Job("square", squares, 8, check)
    good, bad = batcher.submit(job, 3), batcher.submit(job, 2)
    gate.open.set()
    assert good.result() == 9
    with pytest.raises(NoAnswer):
        bad.result()


def test_a_full_queue_says_so_at_once_and_takes_again_when_there_is_room(stack: ExitStack) -> None:
    batcher, gate = start(stack, capacity=2), Gate()
    job = Job("gate", gate)
    running = batcher.submit(job, 0)
    assert gate.entered.acquire(timeout=LONG)
    waiting = [batcher.submit(job, 1), batcher.submit(job, 2)]
    with pytest.raises(Busy) as refused:
        batcher.submit(job, 3)
    assert refused.value.retry_after is not None
    assert refused.value.retry_after >= 1
    with pytest.raises(Busy), batcher.arriving(job):
        pytest.fail("a place was given although there is none")
    waiting[0].cancel()
    last = batcher.submit(job, 4)
    gate.open.set()
    assert [ticket.result() for ticket in (running, waiting[1], last)] == [0, 2, 4]
    assert gate.batches == [[0], [2], [4]]


def test_a_place_held_while_decoding_counts(stack: ExitStack) -> None:
    batcher = start(stack, capacity=1)
    job = Job("square", squares)
    with batcher.arriving(job), pytest.raises(Busy):
        batcher.submit(job, 1)
    assert batcher.submit(job, 2).result() == 4


def test_who_would_wait_longer_than_patience_is_turned_away(stack: ExitStack) -> None:
    clock = Clock()

    def slow(contents: list) -> list:
        clock.now += 2.0
        return contents

    batcher, gate = start(stack, clock, patience=1.0), Gate()
    job = Job("slow", slow)
    for number in range(12):  # it learns that one takes two seconds
        batcher.submit(job, number).result()
    batcher.submit(Job("gate", gate), None)
    assert gate.entered.acquire(timeout=LONG)
    batcher.submit(job, 1)
    with pytest.raises(Busy) as refused:
        batcher.submit(job, 2)
    assert refused.value.retry_after == 2
    gate.open.set()


def test_a_deadline_passes_while_the_model_works_on_another(stack: ExitStack) -> None:
    batcher, gate = start(stack), Gate()
    job = Job("gate", gate)
    running = batcher.submit(job, 0)
    assert gate.entered.acquire(timeout=LONG)
    late = batcher.submit(job, 1, deadline=0.01)
    with pytest.raises(DeadlineExceeded):
        late.result()
    assert batcher.state().waiting == 0
    gate.open.set()
    assert running.result() == 0
    assert gate.batches == [[0]]


def test_what_is_late_is_not_run(stack: ExitStack) -> None:
    clock, gate = Clock(), Gate()
    batcher = start(stack, clock)
    job = Job("gate", gate)
    running = batcher.submit(job, 0)
    assert gate.entered.acquire(timeout=LONG)
    late, patient = batcher.submit(job, 1, deadline=5.0), batcher.submit(job, 2, deadline=50.0)
    clock.now = 10.0
    gate.open.set()
    assert (running.result(), patient.result()) == (0, 2)
    assert isinstance(late.future.exception(LONG), DeadlineExceeded)
    assert gate.batches == [[0], [2]]


def test_out_of_memory_halves_the_batch_and_goes_on(stack: ExitStack) -> None:
    sizes: list[int] = []

    def work(numbers: list[int]) -> list[int]:
        sizes.append(len(numbers))
        if len(numbers) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return squares(numbers)

    batcher, gate = start(stack), Gate()
    batcher.submit(Job("gate", gate), None)
    assert gate.entered.acquire(timeout=LONG)
    job = Job("square", work, max_batch=16)
    tickets = [batcher.submit(job, number) for number in range(12)]
    gate.open.set()
    assert [ticket.result() for ticket in tickets] == squares(list(range(12)))
    assert sizes == [12, 6, 3, 3, 6, 3, 3]
    assert batcher.state().batch_limit == 3


def test_the_batch_grows_again_once_memory_is_back(stack: ExitStack) -> None:
    short = {"memory": True}

    def work(numbers: list[int]) -> list[int]:
        if short["memory"] and len(numbers) > 1:
            raise MemoryError
        return squares(numbers)

    batcher, gate = start(stack, max_batch=2), Gate()
    batcher.submit(Job("gate", gate), None)
    assert gate.entered.acquire(timeout=LONG)
    job = Job("square", work, max_batch=2)
    tickets = [batcher.submit(job, number) for number in range(2)]
    gate.open.set()
    assert [ticket.result() for ticket in tickets] == [0, 1]
    assert batcher.state().batch_limit == 1
    short["memory"] = False
    for number in range(GOOD_BATCHES_TO_GROW):
        batcher.submit(job, number).result()
    assert batcher.state().batch_limit == 2


@pytest.mark.parametrize(
    "error", [MemoryError(), torch.OutOfMemoryError("x"), RuntimeError("DefaultCPUAllocator: can't allocate")]
)
def test_one_case_that_does_not_fit_alone_is_told_so(stack: ExitStack, error: Exception) -> None:
    def work(numbers: list[int]) -> list[int]:
        raise error

    batcher = start(stack)
    with pytest.raises(OutOfMemory):
        batcher.submit(Job("huge", work), 1).result()
    assert batcher.submit(Job("square", squares), 2).result() == 4


def test_a_model_that_hangs_is_noticed_and_comes_back(stack: ExitStack) -> None:
    clock, gate = Clock(), Gate()
    batcher = start(stack, clock, stuck_after=30.0)
    job = Job("gate", gate)
    hanging = batcher.submit(job, 0, deadline=1000.0)
    assert gate.entered.acquire(timeout=LONG)
    waiting = batcher.submit(job, 1, deadline=0.01)
    assert not batcher.state().stuck
    clock.now = 31.0
    assert batcher.state().stuck
    with pytest.raises(NotReady):
        batcher.submit(job, 2)
    with pytest.raises(DeadlineExceeded):
        waiting.result()
    gate.open.set()
    assert hanging.result() == 0
    assert batcher.submit(job, 3).result() == 3
    assert not batcher.state().stuck


def test_even_an_exit_inside_the_model_leaves_the_worker_alive(stack: ExitStack) -> None:
    def leave(contents: list) -> list:
        raise SystemExit(3)

    batcher = start(stack)
    with pytest.raises(SystemExit):
        batcher.submit(Job("leave", leave), 1).result()
    assert batcher.submit(Job("square", squares), 2).result() == 4


def test_closing_tells_those_who_wait(stack: ExitStack) -> None:
    batcher, gate = start(stack), Gate()
    job = Job("gate", gate)
    batcher.submit(job, 0)
    assert gate.entered.acquire(timeout=LONG)
    waiting = batcher.submit(job, 1)
    closing = threading.Thread(target=batcher.close)
    closing.start()
    assert isinstance(waiting.future.exception(LONG), NotReady)
    gate.open.set()
    closing.join(LONG)
    with pytest.raises(NotReady):
        batcher.submit(job, 2)


def test_batches_are_observed(stack: ExitStack) -> None:
    seen: list[tuple[str, int]] = []
    done = threading.Event()

    def observe(name: str, size: int, seconds: float) -> None:
        assert seconds >= 0
        seen.append((name, size))
        done.set()

    batcher = Batcher(Limits(window=0.0), observe=observe)
    stack.callback(batcher.close)
    batcher.submit(Job("square", squares), 2).result()
    assert done.wait(LONG)
    assert seen == [("square", 1)]


@pytest.mark.parametrize("wrong", [{"max_batch": 0}, {"capacity": 0}, {"window": -1.0}, {"patience": 0.0}])
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Limits(**wrong)


class Stage:
    """Work of several kinds that waits for nobody, and the order in which the worker did it.

    A first job holds the worker until ``play``, so that everything else is in the queues before any of it runs.
    """

    def __init__(self, stack: ExitStack, **limits: float) -> None:
        self.clock, self.gate, self.done = Clock(), Gate(), list[object]()
        self.batcher = start(stack, self.clock, **limits)
        self.answer = Job("answer", self._answer, max_batch=4)
        self.explain = Job("explain", self._explain, lane=Lane.PATIENT, in_steps=True)
        self.held = self.batcher.submit(Job("gate", self.gate), None)
        assert self.gate.entered.acquire(timeout=LONG)
        self.between: dict[str, Callable[[], object]] = {}

    def play(self) -> None:
        self.gate.open.set()
        self.held.result()

    def _answer(self, names: list[str]) -> list[str]:
        self.done.append(tuple(names))
        self.clock.now += 0.1
        return names

    def _explain(self, names: list[str]) -> list[Steps[str]]:
        return [self._steps(*names)]

    def _steps(self, name: str) -> Steps[str]:
        try:
            for number in range(3):
                self.done.append(f"{name}{number}")
                self.clock.now += 1.0
                self.between.pop(f"{name}{number}", lambda: None)()
                yield Step((1 + number) / 3, name if number == 2 else None)
        finally:
            self.done.append(f"end {name}")


class TestLanes:
    def test_answers_go_between_the_steps_of_an_explanation(self, stack: ExitStack) -> None:
        stage = Stage(stack)
        answers: list[Ticket[str]] = []

        def ask(*names: str) -> Callable[[], object]:
            return lambda: answers.extend(stage.batcher.submit(stage.answer, name) for name in names)

        stage.between = {"a0": ask("1", "2"), "a1": ask("3"), "b0": ask("4")}
        explained = [stage.batcher.submit(stage.explain, name) for name in "ab"]
        stage.play()
        assert [ticket.result() for ticket in explained] == ["a", "b"]
        assert [ticket.result() for ticket in answers] == ["1", "2", "3", "4"]
        # Whoever comes during a step goes before the next one, and an explanation is finished before another begins.
        expected = ["a0", ("1", "2"), "a1", ("3",), "a2", "end a", "b0", ("4",), "b1", "b2", "end b"]
        assert stage.done == expected

    def test_no_answer_waits_for_two_steps_and_no_explanation_for_ever(self, stack: ExitStack) -> None:
        stage = Stage(stack)
        explained = stage.batcher.submit(stage.explain, "a")
        answers = [stage.batcher.submit(stage.answer, str(number)) for number in range(10)]
        stage.play()
        assert explained.result() == "a"
        assert [ticket.result() for ticket in answers] == [str(number) for number in range(10)]
        # All ten have waited for the first step, so all go before the second, in three batches.
        assert stage.done[0] == "a0"
        assert [len(names) for names in stage.done[1:4]] == [4, 4, 2]  # type: ignore[arg-type]
        assert stage.done[4:] == ["a1", "a2", "end a"]

    def test_answers_that_keep_coming_leave_explanations_a_step_a_round(self, stack: ExitStack) -> None:
        stage = Stage(stack)
        left = iter(range(100, 160))

        def answer_and_ask_again(names: list[str]) -> list[str]:
            stage.done.append(tuple(names))
            for number in (next(left, None), next(left, None)):
                if number is not None:
                    stage.batcher.submit(endless, str(number))
            return names

        endless = Job("answer", answer_and_ask_again, max_batch=4)
        stage.batcher.submit(endless, "0")
        explained = stage.batcher.submit(stage.explain, "a")
        stage.play()
        assert explained.result() == "a"
        # By then each step had let one round of answers pass, and there were many more to come.
        assert stage.done[:6] == ["a0", ("0",), "a1", ("100", "101"), "a2", "end a"]

    def test_an_explanation_that_is_given_up_ends_at_its_next_step(self, stack: ExitStack) -> None:
        stage = Stage(stack)
        first, second = (stage.batcher.submit(stage.explain, name) for name in "ab")
        stage.between = {"a0": first.cancel}
        stage.play()
        assert second.result() == "b"
        assert stage.done == ["a0", "end a", "b0", "b1", "b2", "end b"]
        with pytest.raises(DeadlineExceeded):
            first.result()

    def test_an_explanation_that_waits_is_given_up_without_a_step(self, stack: ExitStack) -> None:
        stage = Stage(stack)
        first, second = (stage.batcher.submit(stage.explain, name) for name in "ab")
        second.cancel()
        stage.play()
        assert first.result() == "a"
        assert stage.batcher.submit(stage.answer, "1").result() == "1"
        assert "b0" not in stage.done

    def test_an_explanation_that_is_late_ends_at_its_next_step(self, stack: ExitStack) -> None:
        stage = Stage(stack)
        late = stage.batcher.submit(stage.explain, "a", deadline=1.5)
        following = stage.batcher.submit(stage.explain, "b")
        stage.play()
        assert following.result() == "b"
        assert isinstance(late.future.exception(LONG), DeadlineExceeded)
        assert stage.done[:4] == ["a0", "a1", "end a", "b0"]

    def test_a_step_that_fails_is_that_explanations_error_alone(self, stack: ExitStack) -> None:
        stage = Stage(stack)

        def fail() -> None:
            raise ValueError("unlucky")

        stage.between = {"a1": fail}
        first, second = (stage.batcher.submit(stage.explain, name) for name in "ab")
        stage.play()
        with pytest.raises(ValueError, match="unlucky"):
            first.result()
        assert second.result() == "b"

    def test_steps_without_a_result_are_an_error(self, stack: ExitStack) -> None:
        def nothing(contents: list[None]) -> list[Steps[str]]:
            return [(step for step in [Step[str](0.5)])]

        job = Job("lost", nothing, lane=Lane.PATIENT, in_steps=True)
        with pytest.raises(RuntimeError, match="lost ended without a result"):
            start(stack).submit(job, None).result()

    def test_a_full_lane_turns_nobody_away_from_the_other(self, stack: ExitStack) -> None:
        stage = Stage(stack, capacity=2)
        explained = [stage.batcher.submit(stage.explain, name) for name in "ab"]
        with pytest.raises(Busy):
            stage.batcher.submit(stage.explain, "c")
        answers = [stage.batcher.submit(stage.answer, name) for name in "12"]
        with pytest.raises(Busy):
            stage.batcher.submit(stage.answer, "3")
        assert stage.batcher.state().waiting == 4
        stage.play()
        assert [ticket.result() for ticket in (*explained, *answers)] == ["a", "b", "1", "2"]

    def test_everybody_knows_how_many_go_before_them(self, stack: ExitStack) -> None:
        stage = Stage(stack)
        a, b, c = (stage.batcher.submit(stage.explain, name) for name in "abc")
        one, two = (stage.batcher.submit(stage.answer, name) for name in "12")
        assert [ticket.ahead for ticket in (a, b, c)] == [0, 1, 2]
        assert [ticket.ahead for ticket in (stage.held, one, two)] == [0, 1, 2]  # the one in work is before them
        seen: list[int] = []
        stage.between = {"a1": lambda: seen.extend((a.ahead, b.ahead, c.ahead)), "b0": lambda: seen.append(c.ahead)}
        stage.play()
        assert c.result() == "c"
        assert seen == [0, 1, 2, 1]
        assert c.ahead == 0

    def test_whoever_waits_is_told_their_place(self, stack: ExitStack) -> None:
        stage = Stage(stack)
        stage.batcher.submit(stage.answer, "1")
        told: list[int] = []

        def tell(ahead: int) -> None:
            told.append(ahead)
            stage.gate.open.set()

        assert stage.batcher.submit(stage.answer, "2").result(tell) == "2"
        assert told[0] == 2
        assert told == sorted(told, reverse=True)

    def test_retry_after_is_the_work_that_stands_before(self, stack: ExitStack) -> None:
        stage = Stage(stack, capacity=3, patience=0.5, long_patience=5.0)
        stage.play()
        for number in range(40):  # it learns that an explanation takes 3 s, a step of it one, and an answer 0.1 s
            stage.batcher.submit(stage.explain, f"{number}-").result()
            stage.batcher.submit(stage.answer, "x").result()
        stage.gate.open.clear()
        stage.batcher.submit(Job("gate", stage.gate), None)
        assert stage.gate.entered.acquire(timeout=LONG) or stage.gate.entered.acquire(timeout=LONG)
        for name in "ab":
            stage.batcher.submit(stage.explain, name)
        with pytest.raises(Busy) as refused:
            stage.batcher.submit(stage.explain, "c")  # 6 s, over the patience of 5
        assert refused.value.retry_after == 6
        for name in "123":
            stage.batcher.submit(stage.answer, name)
        with pytest.raises(Busy) as refused:
            stage.batcher.submit(stage.answer, "4")
        assert refused.value.retry_after == 2  # three answers, and one step of the explanations: 1.3 s
        stage.gate.open.set()

    def test_closing_finishes_what_has_begun(self, stack: ExitStack) -> None:
        stage = Stage(stack)
        closing = threading.Thread(target=stage.batcher.close, args=(LONG,))
        begun, waiting = (stage.batcher.submit(stage.explain, name) for name in "ab")
        stage.between = {"a0": closing.start, "a1": lambda: waiting.future.exception(LONG)}
        stage.play()
        assert begun.result() == "a"
        assert isinstance(waiting.future.exception(LONG), NotReady)
        closing.join(LONG)
        assert stage.done == ["a0", "a1", "a2", "end a"]

    def test_closing_waits_no_longer_than_it_was_told_to(self, stack: ExitStack) -> None:
        stage = Stage(stack)
        begun = stage.batcher.submit(stage.explain, "a")
        finished: list[bool] = []
        stage.between = {"a0": lambda: self.close_elsewhere(stage.batcher, finished)}
        stage.play()
        assert isinstance(begun.future.exception(LONG), NotReady)
        assert finished == [False]
        assert stage.done == ["a0", "end a"]

    def close_elsewhere(self, batcher: Batcher, finished: list[bool]) -> None:
        closing = threading.Thread(target=lambda: finished.append(batcher.close(0.0)))
        closing.start()
        closing.join(LONG)

    @pytest.mark.parametrize("wrong", [{"max_batch": 2, "lane": Lane.PATIENT}, {"lane": Lane.PROMPT}])
    def test_steps_in_batches_or_in_the_prompt_lane_are_refused(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="one by one"):
            Job("steps", list, in_steps=True, **wrong)
