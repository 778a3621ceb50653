from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.outlets.asking import Quotas

from lingqu.core.errors import StoreError
from lingqu.core.units import Quota
from lingqu.outlets.access.lease import SMALL, Board, Lease
from lingqu.store.quotas import Claim, Grant, Window

NOW = 1_800_000_000.0


class Away(Quotas):
    """Quotas whose ledger cannot be reached."""

    def claim(self, claims: list[Claim]) -> list[Grant]:
        raise StoreError("store.busy", path="ledger.db", seconds=30)


def lease(limit: float, quotas: Quotas, unit: str = "d") -> Lease:
    made = Lease("k", Quota(limit, unit), Board())
    made.know(quotas.known([made.begin(NOW)])[0])
    return made


def took(one: Lease, amount: float = 1, most: int = 100_000, now: float = NOW) -> int:
    count = 0
    while count < most and one.take(amount, now):
        count += 1
    return count


def spent(quotas: Quotas) -> float:
    return sum(quotas.totals.values())


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 3000),
    st.lists(st.one_of(st.integers(1, 400), st.none()), max_size=40),
)
def test_one_process_gives_out_a_quota_exactly(limit: int, course: list[int | None]):
    quotas = Quotas()
    one = lease(limit, quotas)
    total = 0
    for step in [*course, None]:
        if step is None:
            one.board.settle(quotas)
        else:
            total += took(one, most=step)
    assert total <= limit
    for _ in range(3 + limit):  # whoever goes on asking gets the rest
        total += took(one)
        one.board.settle(quotas)
        if total == limit:
            break
    assert total == limit
    one.board.settle(quotas, last=True)
    one.board.settle(quotas, last=True)
    assert spent(quotas) == limit


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 3000),
    st.integers(2, 4),
    st.lists(st.tuples(st.integers(0, 3), st.one_of(st.integers(1, 300), st.none())), max_size=60),
)
def test_several_overshoot_by_a_slice_each_at_most(
    limit: int, processes: int, course: list[tuple[int, int | None]]
):
    quotas = Quotas()
    many = [lease(limit, quotas) for _ in range(processes)]
    total = 0
    for number, step in course:
        one = many[number % processes]
        if step is None:
            one.board.settle(quotas)
        else:
            total += took(one, most=step)
    assert total <= limit + processes * many[0].slice
    for one in many:
        one.board.settle(quotas, last=True)
        one.board.settle(quotas, last=True)
    assert spent(quotas) == total


def test_a_killed_process_loses_a_slice_at_most():
    quotas = Quotas()
    killed = lease(1000, quotas)
    asked = 0
    for _ in range(5):
        asked += took(killed, most=30)
        killed.board.settle(quotas)
    assert spent(quotas) - asked <= killed.slice == 50
    after = lease(1000, quotas)
    rest = 0
    for _ in range(200):
        rest += took(after)
        after.board.settle(quotas)
    assert 1000 - 50 <= asked + rest <= 1000


def test_an_idle_process_gives_back_what_another_wants():
    quotas = Quotas()
    idle, busy = lease(100, quotas), lease(100, quotas)
    asked = took(idle, most=10)
    idle.board.settle(quotas)
    assert idle.leased > idle.used
    for _ in range(40):
        asked += took(busy)
        busy.board.settle(quotas)
        idle.board.settle(quotas)
    assert asked == 100


def test_one_request_may_be_larger_than_a_slice():
    quotas = Quotas()
    one = lease(20_000, quotas)
    assert one.slice == 1000
    assert one.take(15_000, NOW)
    assert not one.take(6000, NOW)
    assert one.wait_s(6000, NOW) > 1
    assert one.take(1000, NOW) is False  # it runs on credit already
    one.board.settle(quotas)
    assert one.take(5000, NOW)
    assert not one.take(1, NOW)


def test_a_new_window_begins_anew_and_the_old_one_is_settled():
    quotas = Quotas()
    one = lease(5, quotas, "s")
    assert [took(one, now=NOW + second) for second in range(3)] == [5, 5, 5]
    one.board.settle(quotas, last=True)
    assert quotas.totals == {Window("k", "requests", "s", int(NOW) + s): 5 for s in range(3)}


def test_a_month_ends_by_the_calendar():
    quotas = Quotas()
    one = lease(2, quotas, "month")
    february = 1_803_945_599.0  # 2027-02-28T23:59:59 in UTC is 1803859199
    assert took(one, now=1_803_859_199.0) == 2
    assert took(one, now=1_803_859_200.0) == 2
    assert took(one, now=february) == 0


def test_a_clock_that_goes_back_opens_no_door():
    quotas = Quotas()
    one = lease(1000, quotas)
    asked = 0
    for jump in range(20):
        asked += took(one, now=NOW - 86_400 * (jump % 2))
        one.board.settle(quotas)
        one.board.settle(quotas)
    assert max(quotas.totals.values()) <= 1000 + one.slice
    assert asked <= 2 * (1000 + one.slice * 20)


def test_without_the_ledger_it_goes_on_from_the_lease():
    quotas = Quotas()
    one = lease(1000, quotas)
    took(one, most=40)
    one.board.settle(quotas)
    held = one.leased - one.used
    for _ in range(3):
        with pytest.raises(StoreError):
            one.board.settle(Away())
    assert took(one) == held + one.slice
    one.board.settle(quotas)
    one.board.settle(quotas, last=True)
    assert spent(quotas) == 40 + held + one.slice


def test_what_was_given_back_in_vain_is_still_there():
    quotas = Quotas()
    one = lease(1000, quotas)
    took(one, most=20)
    one.board.settle(quotas)
    leased = one.leased
    with pytest.raises(StoreError):
        one.board.settle(Away())  # idle: would give back
    assert one.leased == leased
    one.board.settle(quotas, last=True)
    assert spent(quotas) == 20


def test_small_quotas_are_not_kept_from_others():
    quotas = Quotas()
    one = lease(SMALL, quotas)
    took(one, most=2)
    one.board.settle(quotas)
    assert one.leased == one.used == 2


def test_who_runs_low_asks_at_once():
    one = lease(1000, Quotas())
    took(one, most=5)
    assert not one.board.due.is_set()
    took(one, most=30)
    assert one.board.due.is_set()
