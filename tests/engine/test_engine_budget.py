"""A deadline says what is left, and never more."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lingqu.engine.budget import Deadline


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_left_and_spent_follow_the_clock() -> None:
    clock = Clock()
    deadline = Deadline(10.0, clock)
    clock.now += 4
    assert (deadline.spent(), deadline.left(), deadline.fraction()) == (4.0, 6.0, 0.4)
    assert not deadline.over() and deadline.hard_stop() == 6.5 and deadline.first() == 1.0
    clock.now += 7
    assert deadline.left() == 0.0 and deadline.over() and deadline.fraction() == 1.1
    assert deadline.hard_stop() == 0.0


def test_an_empty_budget_is_over_at_once() -> None:
    deadline = Deadline(0.0, Clock())
    assert deadline.over() and deadline.fraction() == 1.0 and deadline.share(0.5, 2.0) == 0.0


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1e4), st.floats(0, 2e4), st.floats(0, 1), st.floats(0, 1e5))
def test_a_share_is_never_more_than_what_is_left(
    seconds: float, spent: float, part: float, at_least: float
) -> None:
    clock = Clock()
    deadline = Deadline(seconds, clock)
    clock.now += spent
    share = deadline.share(part, at_least)
    assert 0 <= share <= deadline.left() <= seconds
    assert share >= min(at_least, deadline.left())
