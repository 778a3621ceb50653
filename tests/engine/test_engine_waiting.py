"""Who should have a job, and how long it may wait."""

from __future__ import annotations

from lingqu.core.ports import Job
from lingqu.engine.waiting import GRACE_S, Pace, Queue

MODULES = ["shared", "own"]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_first_start_is_waited_for() -> None:
    assert not Pace().is_sooner_elsewhere("torch", 30.0, MODULES, set())


def test_a_worker_that_has_everything_does_not_wait_for_a_start() -> None:
    assert Pace().is_sooner_elsewhere("torch", 0.0, MODULES, {"shared", "own"})


def test_the_earlier_end_decides() -> None:
    pace = Pace({"torch": 3.0}, {"shared": 1.5, "own": 1.2})
    # Nothing in common: what began first is ready first.
    assert not pace.is_sooner_elsewhere("torch", 0.1, MODULES, set())
    # Only its own module is lacking: 1.2 s here, 2.9 s there.
    assert pace.is_sooner_elsewhere("torch", 0.1, MODULES, {"shared"})
    # The start is nearly through, within what an estimate is worth.
    assert not pace.is_sooner_elsewhere("torch", 3.0 - 1.2 - GRACE_S, MODULES, {"shared"})
    assert not pace.is_sooner_elsewhere("torch", 2.9, MODULES, {"shared", "own"})
    # It is long overdue, so it may hang.
    assert pace.is_sooner_elsewhere("torch", 10.0, MODULES, set())


def test_a_free_worker_leaves_jobs_that_are_awaited_elsewhere() -> None:
    queue = Queue([Job(0, "b"), Job(1, "a"), Job(2, "b")], ahead=2, clock=Clock())
    first = queue.take("a", {"b"})
    assert first is not None and first.index == 1
    assert queue.take("a", {"b"}) is None
    second = queue.take("a", set())
    assert second is not None and second.index == 0
    queue.put_back(second)
    again = queue.take("b", set())
    assert again == second and not queue.is_empty()


def test_a_limit_counts_from_when_the_job_was_drawn() -> None:
    clock = Clock()
    queue = Queue([Job("short", "b", timeout_s=1.0), Job("long", "b")], ahead=2, clock=clock)
    assert queue.take("a", {"b"}) is None  # draws both
    clock.now = 0.9
    item = queue.take("b", set())
    assert item is not None and item.due == 1.0 and queue.overdue() == []
    queue.put_back(item)
    clock.now = 1.1
    (late,) = queue.overdue()
    assert (late.index, late.state, late.seconds) == (0, "timeout", 1.1)
    assert "1.0 s" in late.reason
    clock.now = 1e9
    assert queue.overdue() == [] and not queue.is_empty()
