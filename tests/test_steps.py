"""Long work as steps."""

from __future__ import annotations

import pytest

from mm_core.steps import Step, Steps, finish


def count_to(last: int, log: list[str]) -> Steps[str]:
    try:
        for number in range(last):
            yield Step(number / last)
        yield Step(1.0, f"counted to {last}")
    finally:
        log.append("closed")


def test_finish_gives_the_last_steps_result() -> None:
    log: list[str] = []
    assert finish(count_to(3, log)) == "counted to 3"


def test_closing_cancels() -> None:
    log: list[str] = []
    steps = count_to(3, log)
    assert next(steps).result is None
    steps.close()
    assert log == ["closed"]


def test_work_without_a_result_is_no_work() -> None:
    with pytest.raises(RuntimeError, match="without a result"):
        finish(Step(0.0) for _ in range(2))


@pytest.mark.parametrize("fraction", [-0.1, 1.1, float("nan")])
def test_a_fraction_is_one(fraction: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Step(fraction)
