"""Who should have a job, and how long it may wait."""

from __future__ import annotations

from lingqu.core.ports import Job
from lingqu.engine.waiting import GRACE_S, Pace, Queue, Waiting

MODULES = ["shared", "own"]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def sooner(pace: Pace, age: float, known: set[str]) -> bool:
    return pace.is_sooner_elsewhere("torch", age, pace.lacking(MODULES, known))


def test_the_first_start_is_waited_for() -> None:
    assert not sooner(Pace(), 30.0, set())


def test_a_worker_that_has_everything_does_not_wait_for_a_start() -> None:
    assert sooner(Pace(), 0.0, {"shared", "own"})


def test_the_earlier_end_decides() -> None:
    pace = Pace({"torch": 3.0}, {"shared": 1.5, "own": 1.2})
    # Nothing in common: what began first is ready first.
    assert not sooner(pace, 0.1, set())
    # Only its own module is lacking: 1.2 s here, 2.9 s there.
    assert sooner(pace, 0.1, {"shared"})
    # The start is nearly through, within what an estimate is worth.
    assert not sooner(pace, 3.0 - 1.2 - GRACE_S, {"shared"})
    assert not sooner(pace, 2.9, {"shared", "own"})
    # It is long overdue, so it may hang.
    assert sooner(pace, 10.0, set())


def is_b(item: Waiting) -> bool:
    return item.job.tag == "b"


def nobody(item: Waiting) -> bool:
    return False


def test_a_free_worker_leaves_jobs_that_are_awaited_elsewhere() -> None:
    queue = Queue([Job(0, "b"), Job(1, "a"), Job(2, "b")], ahead=2, clock=Clock())
    first = queue.take("a", is_b)
    assert first is not None and first.index == 1
    assert queue.take("a", is_b) is None
    second = queue.take("a", nobody)
    assert second is not None and second.index == 0
    queue.put_back(second)
    again = queue.take("b", nobody)
    assert again == second and not queue.is_empty()


def test_a_limit_counts_from_when_the_job_was_drawn() -> None:
    clock = Clock()
    queue = Queue([Job("short", "b", timeout_s=1.0), Job("long", "b")], ahead=2, clock=clock)
    assert queue.take("a", is_b) is None  # draws both
    clock.now = 0.9
    item = queue.take("b", nobody)
    assert item is not None and item.due == 1.0 and queue.overdue() == []
    queue.put_back(item)
    clock.now = 1.1
    (late,) = queue.overdue()
    assert (late.index, late.state, late.seconds) == (0, "timeout", 1.1)
    assert "1.0 s" in str(late.reason)
    clock.now = 1e9
    assert queue.overdue() == [] and not queue.is_empty()
